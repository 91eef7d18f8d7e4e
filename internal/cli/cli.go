// Package cli is the door that a person comes in by: a command line made of the
// declared actions, and a few commands beside them. It alone imports
// github.com/urfave/cli/v2.
//
// How it speaks to a person:
//
//   - stdout holds the result and nothing else: a whole document, or nothing.
//     Everything else goes to stderr.
//   - stderr holds lines "note: ..." about what was done, then, if it failed,
//     "kratos-agent: ..." and "hint: ...", the next step. Under --format json
//     each is a JSON object on a line of its own.
//   - Under --quiet stdout holds ids or values, one a line, and stderr errors
//     alone.
//   - Text that comes from Kratos can be written by anyone who registers: what
//     would steer a terminal is shown escaped. JSON, YAML and --quiet, which are
//     for programs, show it as it is.
//   - The server of the command ui logs to stderr, and writes nothing else.
//   - Nothing that cannot be undone happens before a question is answered, or
//     --yes is given.
package cli

import (
	"context"
	"io"
	"time"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// Program is the name that the command line goes by.
const Program = "kratos-agent"

// EndpointVariable is the environment variable that stands in for --endpoint.
const EndpointVariable = "KRATOS_ADMIN_URL"

// DefaultTimeout bounds an action when --timeout does not.
const DefaultTimeout = 30 * time.Second

// Options are the command line's surroundings.
type Options struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Terminal tells whether stdin is a terminal, with a person to ask. Nil
	// says that it is not.
	Terminal func() bool
	// Watched tells whether stderr is a terminal, with a person to read what is
	// logged. Nil says that it is not.
	Watched  func() bool
	Version  string
	Declared []spec.Action
	// Secrets reads Juju's secrets. Nil where no hook tools are.
	Secrets    actions.Secrets
	BcryptCost int // 0 stands for 12
	// NewKratos makes the client of the server; nil stands for [kratos.New].
	NewKratos func(kratos.Options) (actions.Kratos, error)
}

// Main carries out one command line and gives the process's exit code. When ctx
// ends, so does the command, at once and with 130, even while it waits for input.
func Main(ctx context.Context, o Options) int {
	err := o.command(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && fault.KindOf(err) != fault.Cancelled {
		err = fault.Wrap(err, "").Of(fault.Cancelled)
	}
	o.complain(err)
	return fault.ExitCode(fault.KindOf(err))
}

// command finds out what is wanted and does it.
func (o Options) command(ctx context.Context) error {
	if asksForHelp(o.Args) {
		return o.help(firstCommand(o.Declared, o.Args))
	}
	w, err := read(o.Declared, o.Args)
	if err != nil {
		return err
	}
	if w.version {
		return o.print(Program + " " + o.Version + "\n")
	}
	if builtin, ok := findBuiltin(w.command); ok {
		return builtin.run(ctx, o, w)
	}
	return o.act(ctx, w)
}

// print writes what was asked for to stdout.
func (o Options) print(text string) error {
	if _, err := io.WriteString(o.Stdout, text); err != nil {
		return fault.New(fault.Internal, "cannot write to stdout").Because(err)
	}
	return nil
}

func (o Options) terminal() bool { return o.Terminal != nil && o.Terminal() }

func (o Options) newKratos(k kratos.Options) (actions.Kratos, error) {
	if o.NewKratos != nil {
		return o.NewKratos(k)
	}
	client, err := kratos.New(k)
	if err != nil {
		return nil, err
	}
	return client, nil
}
