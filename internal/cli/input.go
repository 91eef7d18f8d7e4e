package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// maxSecret bounds what is read as a secret, in bytes.
const maxSecret = 1 << 20

// stdin is how a file flag names standard input.
const stdin = "-"

// secret reads the value of a flag that names a file.
func (o Options) secret(ctx context.Context, f Flag, path string) (string, error) {
	switch {
	case path == "":
		return "", fault.New(fault.Usage, "--%s is empty", f.Name)
	case path != stdin:
		return await(ctx, func() (string, error) { return readSecret(path) })
	case !o.terminal():
		return await(ctx, func() (string, error) { return limited("standard input", o.Stdin) })
	}
	if file, ok := o.Stdin.(*os.File); ok {
		return o.typed(ctx, f.Param, int(file.Fd()))
	}
	fmt.Fprintf(o.Stderr, "reading the %s from stdin, until Ctrl-D\n", f.Param)
	return await(ctx, func() (string, error) { return limited("standard input", o.Stdin) })
}

func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", unreadable(path, err)
	}
	defer file.Close()
	return limited(fmt.Sprintf("file %q", path), file)
}

// limited reads a secret and drops one newline at its end.
func limited(name string, r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err != nil {
		return "", unreadable(name, err)
	}
	if len(data) > maxSecret {
		return "", fault.New(fault.Usage, "%s holds more than %d bytes", name, maxSecret)
	}
	if rest, ok := bytes.CutSuffix(data, []byte("\n")); ok {
		data, _ = bytes.CutSuffix(rest, []byte("\r"))
	}
	return string(data), nil
}

func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
		name = fmt.Sprintf("file %q", path.Path)
	}
	return fault.New(fault.Usage, "cannot read %s", name).Because(err)
}

// typed asks for a secret twice, without showing it. The terminal is put back
// as it was even when the wait is cut short.
func (o Options) typed(ctx context.Context, what string, fd int) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", fault.New(fault.Internal, "cannot ask for the %s", what).Because(err)
	}
	defer term.Restore(fd, before)
	first, err := o.hidden(ctx, what, what+": ", fd)
	if err != nil {
		return "", err
	}
	again, err := o.hidden(ctx, what, what+" again: ", fd)
	if err == nil && first != again {
		err = fault.New(fault.Usage, "the two are not the same: nothing was changed")
	}
	return first, err
}

func (o Options) hidden(ctx context.Context, what, prompt string, fd int) (string, error) {
	fmt.Fprint(o.Stderr, prompt)
	defer fmt.Fprintln(o.Stderr)
	return await(ctx, func() (string, error) {
		line, err := term.ReadPassword(fd)
		if err != nil {
			return "", fault.New(fault.Usage, "no %s was typed: nothing was changed", what)
		}
		return string(line), nil
	})
}

// confirm asks a question, and returns an error unless the answer is yes.
func (o Options) confirm(ctx context.Context, s settings, question string) error {
	if s.yes {
		return nil
	}
	if !o.terminal() {
		return fault.New(fault.Usage, "cannot ask %q where stdin is no terminal: nothing was changed", question).
			WithHint("--yes answers it")
	}
	fmt.Fprintf(o.Stderr, "%s [y/N] ", visible(question))
	answer, err := await(ctx, o.line)
	if err != nil {
		fmt.Fprintln(o.Stderr)
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return fault.New(fault.Precondition, "the answer was not yes: nothing was changed")
}

// line reads up to a newline and no further; what ends before one is an answer
// too. It reads byte by byte: a terminal hands out lines anyway.
func (o Options) line() (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < 1024; {
		n, err := o.Stdin.Read(b)
		if n == 1 && b[0] == '\n' || err == io.EOF {
			return string(line), nil
		}
		if err != nil {
			return "", unreadable("standard input", err)
		}
		line = append(line, b[:n]...)
	}
	return string(line), nil
}

// await gives what a function that may block returns, or an error as soon as
// ctx ends.
func await[T any](ctx context.Context, blocking func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := blocking()
		answers <- answer{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, fault.New(fault.Cancelled, "interrupted")
	case a := <-answers:
		return a.value, a.err
	}
}
