// Package agent is the program without its process: it builds what is real and
// chooses the door. The tests of both doors run it as the binary does.
package agent

import (
	"context"
	"os"

	"golang.org/x/term"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/dispatch"
	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// Options are what a build or a test decides.
type Options struct {
	Version    string
	BcryptCost int // of new password hashes; 0 stands for 12
}

// Run carries out what this process was started for, and gives its exit code.
// When ctx ends, so does the work, at once.
func Run(ctx context.Context, o Options) int {
	declared := declared()
	if dispatch.Dispatched(os.Getenv) {
		return dispatch.Main(ctx, dispatch.Options{
			Getenv: os.Getenv, Runner: juju.Exec{}, Stderr: os.Stderr,
			Version: o.Version, Declared: declared, BcryptCost: o.BcryptCost,
		})
	}
	return cli.Main(ctx, cli.Options{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Terminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		Watched:  func() bool { return term.IsTerminal(int(os.Stderr.Fd())) },
		Version:  o.Version, Declared: declared, BcryptCost: o.BcryptCost, Secrets: secrets(),
	})
}

// secrets reads Juju's secrets where its hook tools are: under juju exec.
func secrets() actions.Secrets {
	if os.Getenv("JUJU_CONTEXT_ID") == "" {
		return nil
	}
	return juju.Secrets{Tools: juju.Tools{Runner: juju.Exec{}}, App: juju.Application(os.Getenv("JUJU_UNIT_NAME"))}
}
