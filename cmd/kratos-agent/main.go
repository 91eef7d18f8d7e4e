// Command kratos-agent operates Ory Kratos identities: as the charm's program
// under Juju, and as a command line anywhere else.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/dispatch"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// version is stamped by the build.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kratos-agent:", err)
		return 1
	}
	if dispatch.Dispatched(os.Getenv) {
		return dispatch.Main(ctx, dispatch.Options{
			Getenv: os.Getenv, Runner: juju.Exec{}, Stderr: os.Stderr, Version: version, Declared: declared,
		})
	}
	return cli.Main(ctx, cli.Options{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Terminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		Version:  version, Declared: declared, Secrets: secrets(),
	})
}

// secrets reads Juju's secrets where its hook tools are: under juju exec.
func secrets() actions.Secrets {
	if os.Getenv("JUJU_CONTEXT_ID") == "" {
		return nil
	}
	return juju.Secrets{Tools: juju.Tools{Runner: juju.Exec{}}, App: juju.Application(os.Getenv("JUJU_UNIT_NAME"))}
}
