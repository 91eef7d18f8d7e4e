// Command demo walks through an operator's work on a Kratos of its own, and
// through the pages that an invited person then sees. Each step starts the built
// agent with the command line that it prints, or goes where a browser would go,
// and is ticked only after a look at Kratos that does not go through the agent.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func main() {
	keep := flag.Bool("keep", false, "leave everything up until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Stdout, *keep)
	switch {
	case err == nil:
	case ctx.Err() != nil: // whatever failed, failed of that
		fmt.Fprintln(os.Stderr, "demo: interrupted")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, keep bool) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	binary, err := kratostest.Build(ctx, root, out)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kratos-agent-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	h, err := openHouse(ctx, binary, dir)
	if err != nil {
		return err
	}
	err = (&demo{site: h.open, house: h, out: out, dir: dir}).run(ctx, keep)
	err = errors.Join(err, h.close())
	if keep && err == nil {
		fmt.Fprintln(out, "\nEverything is stopped.")
	}
	return err
}

// run walks, and then stays if it is to.
func (d *demo) run(ctx context.Context, keep bool) error {
	fmt.Fprintf(d.out, `Kratos is up, behind the pages of kratos-agent ui:

    %s   anybody may register
    %s   a second Kratos, by invitation only

The commands below find the first by

    export KRATOS_ADMIN_URL=%s
`, d.url, d.house.invited.url, d.AdminURL)
	if err := d.walk(ctx); err != nil || !keep {
		return err
	}
	return d.stay(ctx)
}
