// Command demo walks through an operator's work on a Kratos of its own. Each
// step starts the built agent with the command line that it prints, and is
// ticked only after a look at Kratos that does not go through the agent.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func main() {
	keep := flag.Bool("keep", false, "leave Kratos up until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *keep); err != nil {
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
	server, err := kratostest.Start(ctx, kratostest.Config{Binary: binary})
	if err != nil {
		return err
	}
	defer server.Stop()
	d := &demo{Server: server, out: out, dir: dir}
	fmt.Fprintf(out, "Kratos is up, on a database in memory. The commands below find it by\n\n    export KRATOS_ADMIN_URL=%s\n", server.AdminURL)
	if err := d.walk(ctx); err != nil {
		return err
	}
	if keep {
		d.stay(ctx)
	}
	return nil
}

// demo is a walk in progress.
type demo struct {
	*kratostest.Server
	out io.Writer
	dir string // where the walk keeps its password files
	n   int    // steps begun
}

// step is one command of the agent and the look at what it did.
type step struct {
	title string
	args  []string
	look  func(ctx context.Context, stdout string) error
	found string // what the look has found, when it found no fault
}

// take does a step.
func (d *demo) take(ctx context.Context, s step) error {
	d.n++
	fmt.Fprintf(d.out, "\n%d. %s\n\n    $ bin/kratos-agent %s\n", d.n, s.title, strings.Join(s.args, " "))
	stdout, err := d.agent(ctx, s.args)
	if err == nil {
		err = s.look(ctx, stdout)
	}
	if err != nil {
		return fmt.Errorf("step %d (%s) failed: %w", d.n, s.title, err)
	}
	fmt.Fprintf(d.out, "\n  ✓ %s\n", s.found)
	return nil
}

// agent runs the built agent as a child, its output shown as it is.
func (d *demo) agent(ctx context.Context, args []string) (string, error) {
	c := exec.CommandContext(ctx, filepath.Join("bin", "kratos-agent"), args...)
	c.Env = append(os.Environ(), "KRATOS_ADMIN_URL="+d.AdminURL)
	var stdout, stderr strings.Builder
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	for line := range strings.Lines(stdout.String() + stderr.String()) {
		fmt.Fprint(d.out, "    ", line)
	}
	return stdout.String(), err
}

// file writes a password to a file that only its owner reads.
func (d *demo) file(name, password string) (string, error) {
	path := filepath.Join(d.dir, name)
	return path, os.WriteFile(path, []byte(password+"\n"), 0o600)
}

// stay tells how to go on by hand, and waits.
func (d *demo) stay(ctx context.Context) {
	fmt.Fprintf(d.out, `
Kratos stays up until Ctrl-C. From another shell, in this folder:

    export KRATOS_ADMIN_URL=%s
    bin/kratos-agent invite-user dave@example.com
    bin/kratos-agent get-identity dave@example.com --format json
    bin/kratos-agent reset-password dave@example.com
    bin/kratos-agent delete-user dave@example.com

    admin API   %s
    public API  %s
`, d.AdminURL, d.AdminURL, d.PublicURL)
	<-ctx.Done()
	fmt.Fprintln(d.out, "\nKratos is stopped.")
}

// want is an error unless the condition holds.
func want(condition bool, otherwise string) error {
	if condition {
		return nil
	}
	return errors.New(otherwise)
}
