package cli_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"syscall"
	"testing"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// outcome is what a command line led to.
type outcome struct {
	stdout, stderr string
	code           int
}

// line is a command line with its surroundings; its zero value has no terminal,
// no input and an empty environment.
type line struct {
	ctx      context.Context
	args     []string
	server   *fake
	stdin    io.Reader
	terminal bool
	watched  bool // stderr is a terminal
	env      map[string]string
	secrets  actions.Secrets
}

func words(args ...string) line { return line{args: args} }

func declared(tb testing.TB) []spec.Action {
	tb.Helper()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		tb.Fatal(err)
	}
	return declared
}

func (l line) on(f *fake) line { l.server = f; return l }

func (l line) typing(answer string) line {
	l.terminal, l.stdin = true, strings.NewReader(answer)
	return l
}

func (l line) reading(stdin string) line { l.stdin = strings.NewReader(stdin); return l }

func (l line) run(t *testing.T) outcome {
	t.Helper()
	var stdout bytes.Buffer
	got := l.runTo(t, &stdout)
	got.stdout = stdout.String()
	return got
}

// runTo runs the line with its stdout somewhere else.
func (l line) runTo(t *testing.T, stdout io.Writer) outcome {
	t.Helper()
	if l.server == nil {
		l.server = alice()
	}
	if l.stdin == nil {
		l.stdin = strings.NewReader("")
	}
	if l.ctx == nil {
		l.ctx = t.Context()
	}
	var stderr bytes.Buffer
	code := cli.Main(l.ctx, cli.Options{
		Args: l.args, Stdin: l.stdin, Stdout: stdout, Stderr: &stderr, Version: "1.2.3", Declared: declared(t), BcryptCost: 4,
		Getenv: func(name string) string { return l.env[name] }, Terminal: func() bool { return l.terminal }, Watched: func() bool { return l.watched }, Secrets: l.secrets,
		NewKratos: func(o kratos.Options) (actions.Kratos, error) { l.server.options = o; return l.server, nil },
	})
	return outcome{stderr: stderr.String(), code: code}
}

// brokenPipe takes nothing.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// must runs the line and fails the test if it does not end with 0.
func (l line) must(t *testing.T) outcome {
	t.Helper()
	got := l.run(t)
	if got.code != 0 {
		t.Fatalf("%v ended with %d\n%s", l.args, got.code, got.stderr)
	}
	return got
}
