// Command kratos builds the pinned Kratos server, unless it is there already,
// and prints its path.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	path, err := kratostest.Build(ctx, ".", os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kratos:", err)
		stop()
		os.Exit(1)
	}
	fmt.Println(path)
}
