// Package juju calls Juju's hook tools: the programs that Juju puts on the PATH
// of a hook, an action or juju exec. Their command lines are the contract; the
// socket behind them is not. Each call is a process, so callers make few.
package juju

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Runner runs a hook tool. A nil stdin is an empty one. The error tells that
// the tool could not be started or not run to its end; a tool that ended by
// itself, however badly, is told by its exit code.
type Runner interface {
	Run(ctx context.Context, tool string, args []string, stdin []byte) (stdout, stderr []byte, code int, err error)
}

// Tools are the hook tools as typed calls. Every error is a *fault.Error; where
// the context ended the call, of kind Timeout or Cancelled.
type Tools struct{ Runner Runner }

// failure is a tool that ran and did not succeed.
type failure struct {
	tool string
	code int
	said string // the line of its stderr that says why
}

func (f *failure) Error() string {
	if f.said == "" {
		return fmt.Sprintf("%s ended with exit code %d and said nothing", f.tool, f.code)
	}
	return f.tool + ": " + f.said
}

// call runs a tool and gives what it printed.
func (t Tools) call(ctx context.Context, tool string, args ...string) ([]byte, error) {
	return t.run(ctx, nil, tool, args)
}

// feed runs a tool that reads its stdin and prints nothing.
func (t Tools) feed(ctx context.Context, stdin []byte, tool string, args ...string) error {
	_, err := t.run(ctx, stdin, tool, args)
	return err
}

func (t Tools) run(ctx context.Context, stdin []byte, tool string, args []string) ([]byte, error) {
	stdout, stderr, code, err := t.Runner.Run(ctx, tool, args, stdin)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fault.New(fault.Precondition, "%s is not on the PATH", tool).
			WithHint("Juju's hook tools are there in its hooks and actions, and under juju exec")
	case err != nil:
		return nil, fault.Wrap(err, "cannot run %s", tool)
	case code != 0:
		return nil, &failure{tool: tool, code: code, said: reason(stderr)}
	}
	return stdout, nil
}

// do runs a tool that prints nothing.
func (t Tools) do(ctx context.Context, tool string, args ...string) error {
	_, err := t.call(ctx, tool, args...)
	return err
}

// get runs a tool that prints JSON and decodes it, numbers as json.Number.
// What it printed may be secret and never becomes part of an error.
func (t Tools) get(ctx context.Context, into any, tool string, args ...string) error {
	out, err := t.call(ctx, tool, append(args, "--format=json")...)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return fault.New(fault.Internal, "%s printed JSON of another shape than Juju's", tool)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Internal, "%s printed more than one JSON value", tool)
	}
	return nil
}

// maxReason bounds how much of a tool's stderr an error repeats.
const maxReason = 500

// reason finds the line that says why a tool failed: the first that Juju marks
// as an error, else the first with anything in it.
func reason(stderr []byte) string {
	var first string
	for line := range strings.Lines(string(stderr)) {
		line = strings.TrimSpace(line)
		if text, marked := strings.CutPrefix(line, "ERROR "); marked {
			return clip(text, maxReason)
		}
		if first == "" {
			first = line
		}
	}
	return clip(first, maxReason)
}
