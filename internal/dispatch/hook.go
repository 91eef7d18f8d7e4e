package dispatch

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"github.com/kratos-agent/kratos-agent/charm"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/postgres"
)

// hook runs a hook and gives the exit code: 1 has Juju run it again. A hook that
// the agent does not know is left alone.
func (o Options) hook(ctx context.Context, name string) int {
	if !charm.Knows(name) {
		return 0
	}
	tools := juju.Tools{Runner: o.Runner}
	tell := func(ctx context.Context, text string) { o.tell(tools.JujuLog(ctx, juju.Info, text)) }
	if err := charm.Hook(ctx, o.deps(tools, tell)); err != nil {
		fmt.Fprintf(o.Stderr, "hook %s: %s\n", name, message(err))
		return 1
	}
	return 0
}

// tell says that a line was lost; for that nothing else must be.
func (o Options) tell(err error) {
	if err != nil {
		fmt.Fprintln(o.Stderr, err)
	}
}

// unit gives the charm's own actions what they need. They tell whoever waits for
// the action.
func (o Options) unit(tools juju.Tools) charm.Unit {
	tell := func(ctx context.Context, text string) { o.tell(tools.ActionLog(ctx, text)) }
	return charm.Unit{Deps: o.deps(tools, tell)}
}

func (o Options) deps(tools juju.Tools, tell func(context.Context, string)) charm.Deps {
	socket := o.Getenv(pebble.SocketVariable)
	if socket == "" {
		socket = pebble.DefaultSocket
	}
	return charm.Deps{
		Tools: tools, Pebble: pebble.New(socket), Database: postgres.Unused,
		Getenv: o.Getenv, Random: rand.Reader, Tell: tell, Ports: o.Ports, Program: program,
		Cluster: func() (*kube.Client, error) {
			return kube.New(kube.Options{Getenv: o.Getenv, App: juju.Application(o.Getenv("JUJU_UNIT_NAME")), UserAgent: "kratos-agent/" + o.Version, Dir: o.ServiceAccount, Host: o.Kubernetes})
		},
	}
}

// program reads the executable that runs.
func program() ([]byte, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
