package cli

import (
	"context"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// act carries out the action that the words name.
func (o Options) act(ctx context.Context, w *words) error {
	args := append([]string{Program, w.command}, w.flags...)
	return o.app(w.action).RunContext(ctx, args)
}

// app makes the urfave/cli app of one command: making all of them would cost
// every start. It never prints and never exits: [Main] does.
func (o Options) app(c Command) *cli.App {
	usage := func(_ *cli.Context, err error, _ bool) error { return fault.New(fault.Usage, "%s", err) }
	return &cli.App{
		Name: Program, HideHelp: true, HideVersion: true, Writer: io.Discard, ErrWriter: io.Discard,
		ExitErrHandler: func(*cli.Context, error) {}, OnUsageError: usage,
		Commands: []*cli.Command{{
			Name: c.Name, HideHelp: true, OnUsageError: usage,
			Flags:  append(urfave(c.Flags), urfave(CommonFlags())...),
			Action: func(at *cli.Context) error { return o.run(at.Context, c, at) },
		}},
	}
}

// urfave gives flags as urfave/cli knows them. Texts are all that it is told of
// values: what they may be, the declaration says.
func urfave(flags []Flag) []cli.Flag {
	list := make([]cli.Flag, len(flags))
	for i, f := range flags {
		if f.Boolean() {
			list[i] = &cli.BoolFlag{Name: f.Name}
		} else {
			list[i] = &cli.StringFlag{Name: f.Name}
		}
	}
	return list
}
