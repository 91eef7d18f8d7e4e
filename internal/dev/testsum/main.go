// Command testsum makes the output of "go test -json" readable: a line for each
// package, failures in full, at the end what was skipped with the reason and
// how to enable it, and a closing line alone:
//
//	N passed, N failed, N skipped
//
// It runs the command that its arguments name, or reads its standard input. A
// test with subtests is counted by its subtests. The exit status is 1 when
// anything failed or did not build, and when no test ran.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ok, err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(command []string, stdin io.Reader, stdout, stderr io.Writer) (bool, error) {
	r := newReport(stdout, module())
	other := func(line []byte) { stdout.Write(line) }
	if len(command) == 0 {
		if err := readEvents(stdin, r.handle, other); err != nil {
			return false, err
		}
		return r.finish(0), nil
	}
	status, err := follow(command, stderr, func(events io.Reader) error {
		return readEvents(events, r.handle, other)
	})
	if err != nil {
		return false, err
	}
	return r.finish(status), nil
}

// follow runs the command and hands on what it prints. An interrupt from the
// terminal reaches the command too: it ends, and is reported on. A SIGTERM is
// passed on.
func follow(command []string, stderr io.Writer, read func(io.Reader) error) (int, error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("cannot run %q: %w", command[0], err)
	}
	if err := read(out); err != nil {
		return 0, err
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func module() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.Main.Path
}
