// Command kratos-agent operates Ory Kratos identities: as the charm's program
// under Juju, and as a command line anywhere else.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/kratos-agent/kratos-agent/internal/agent"
)

// version is stamped by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := agent.Run(ctx, agent.Options{Version: version})
	stop()
	os.Exit(code)
}
