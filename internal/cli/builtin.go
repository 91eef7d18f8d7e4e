package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Builtin is a command that is no action.
type Builtin struct {
	Name, Synopsis, Summary string
	// Description are further sentences, one or more a line; may be empty.
	Description string
	// Flags are its own. A command that has any takes no common flags.
	Flags []Flag

	words []string // what may follow it; nil for nothing
	run   func(ctx context.Context, o Options, w *words) error
}

// Builtins are the commands that are no actions.
func Builtins() []Builtin {
	return []Builtin{
		{Name: "completion", Synopsis: Program + " completion " + strings.Join(shells, "|"),
			Summary: "Print a shell's completion script", words: shells, run: printCompletion},
		{Name: "help", Synopsis: Program + " help [COMMAND]", Summary: "Show help", run: printHelp},
		{Name: "man", Synopsis: Program + " man", Summary: "Print the manual page", run: printManual},
		serveCommand(),
		{Name: "version", Synopsis: Program + " version", Summary: "Print the version", run: printVersion},
	}
}

func findBuiltin(name string) (Builtin, bool) {
	all := Builtins()
	i := slices.IndexFunc(all, func(b Builtin) bool { return b.Name == name })
	if i < 0 {
		return Builtin{}, false
	}
	return all[i], true
}

func printVersion(_ context.Context, o Options, w *words) error {
	if len(w.rest) > 0 {
		return takesNothing("version")
	}
	return o.print(Program + " " + o.Version + "\n")
}

func printManual(_ context.Context, o Options, w *words) error {
	if len(w.rest) > 0 {
		return takesNothing("man")
	}
	return o.print(Manual(o.Declared))
}

func takesNothing(name string) error {
	return fault.New(fault.Usage, "%s takes nothing behind it", name)
}

func printCompletion(_ context.Context, o Options, w *words) error {
	if len(w.rest) != 1 {
		return fault.New(fault.Usage, "completion takes the name of one shell").
			WithHint("the shells are %s", strings.Join(shells, ", "))
	}
	script, err := Completion(w.rest[0], o.Declared)
	if err != nil {
		return err
	}
	return o.print(script)
}

func printHelp(_ context.Context, o Options, w *words) error {
	switch len(w.rest) {
	case 0:
		return o.help("")
	case 1:
		return o.help(w.rest[0])
	}
	return fault.New(fault.Usage, "help takes the name of one command")
}

// help prints the help of a command, or of the program where name is empty.
func (o Options) help(name string) error {
	if name == "" {
		return o.print(Help(o.Declared))
	}
	if c, ok := findCommand(o.Declared, name); ok {
		return o.print(c.Help())
	}
	if b, ok := findBuiltin(name); ok {
		return o.print(b.Help())
	}
	return unknownCommand(o.Declared, name)
}
