package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// demo is a walk in progress, at the open site.
type demo struct {
	*site
	house *house
	out   io.Writer
	dir   string // where the walk keeps its password files
	n     int    // steps begun
	link  string // the invitation that was made last
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
	return d.tick(s.title, s.found, func() error {
		stdout, err := d.agent(ctx, s.args...)
		if err != nil {
			return err
		}
		return s.look(ctx, stdout)
	})
}

// visit is a way through the pages that a person's browser takes, and the look
// at what came of it.
type visit struct {
	title string
	way   func(ctx context.Context, b *browser) error
	found string
}

// browse goes the way with a browser that knows nothing yet.
func (d *demo) browse(ctx context.Context, v visit) error {
	return d.tick(v.title, v.found, func() error {
		b, err := newBrowser(ctx, d.out)
		if err != nil {
			return err
		}
		return v.way(ctx, b)
	})
}

// tick does what the title says, and ticks it when it is done.
func (d *demo) tick(title, found string, do func() error) error {
	d.n++
	fmt.Fprintf(d.out, "\n%d. %s\n\n", d.n, title)
	if err := do(); err != nil {
		return fmt.Errorf("step %d (%s) failed: %w", d.n, title, err)
	}
	fmt.Fprintf(d.out, "\n  ✓ %s\n", found)
	return nil
}

// agent runs the built agent as a child, its output shown as it is.
func (d *demo) agent(ctx context.Context, args ...string) (string, error) {
	fmt.Fprintf(d.out, "    $ %s %s\n", agentPath, strings.Join(args, " "))
	stdout, stderr, err := d.command(ctx, args...)
	for line := range strings.Lines(stdout + stderr) {
		fmt.Fprint(d.out, "    ", line)
	}
	return stdout, err
}

// file writes a password to a file that only its owner reads.
func (d *demo) file(name, password string) (string, error) {
	path := filepath.Join(d.dir, name)
	return path, os.WriteFile(path, []byte(password+"\n"), 0o600)
}

// want is an error unless the condition holds.
func want(condition bool, otherwise string) error {
	if condition {
		return nil
	}
	return errors.New(otherwise)
}
