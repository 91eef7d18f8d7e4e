package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// The parameters that name a person, and that the one positional stands for.
const (
	identityID = "identity-id"
	email      = "email"
)

// Command is an action as it is typed. Parsing, help, completion, the manual
// page and the reference are all made of it.
type Command struct {
	Name string
	// Description are sentences, one or more a line.
	Description string
	// Person is how the one positional is called, "IDENTITY-ID|EMAIL" or
	// "EMAIL"; empty where the action is about nobody.
	Person string
	// Flags are the action's own, as its parameters are declared.
	Flags []Flag
	// Results are the keys of what it answers.
	Results []spec.Result

	action spec.Action
}

// Flag is a flag of a command.
type Flag struct {
	Name string // without dashes
	// Value is how its value is called; empty for a boolean, which may stand
	// alone.
	Value    string
	Usage    string // sentences, one or more a line
	Default  string // empty where there is none to speak of
	Enum     []string
	File     bool // the value is the path of a file
	Required bool // and not what the positional can stand for
	// Variable is the environment variable that says the same, and loses against
	// the flag. An empty value of such a flag counts as none.
	Variable string
	// Param is the parameter that the flag gives; empty for a common flag.
	Param string
}

// Boolean tells whether the flag may stand without a value.
func (f Flag) Boolean() bool { return f.Value == "" }

// Summary is the first sentence of the description, without its period.
func (c Command) Summary() string {
	first, _, _ := strings.Cut(c.Description, "\n")
	first, _, _ = strings.Cut(first, ". ")
	return strings.TrimSuffix(first, ".")
}

// Synopsis is the command line in short.
func (c Command) Synopsis() string {
	words := []string{Program, c.Name}
	for _, f := range c.Flags {
		if f.Required {
			words = append(words, "--"+f.Name, f.Value)
		}
	}
	words = append(words, "[flags]")
	if c.Person != "" {
		words = append(words, c.Person)
	}
	return strings.Join(words, " ")
}

// Commands gives the declared actions as commands.
func Commands(declared []spec.Action) []Command {
	commands := make([]Command, len(declared))
	for i, a := range declared {
		commands[i] = commandOf(a)
	}
	return commands
}

func commandOf(a spec.Action) Command {
	c := Command{Name: a.Name, Description: byHand(a.Description), Person: person(a), Results: a.Results, action: a}
	common := CommonFlags()
	for _, p := range a.Params {
		if _, taken := find(common, p.Name); taken {
			continue // --timeout: here it bounds every action
		}
		f := flagOf(p)
		// A person can be named by the positional instead.
		f.Required = f.Required && !(c.Person != "" && (p.Name == email || p.Name == identityID))
		c.Flags = append(c.Flags, f)
	}
	return c
}

func person(a spec.Action) string {
	_, byEmail := a.Param(email)
	_, byID := a.Param(identityID)
	switch {
	case byEmail && byID:
		return "IDENTITY-ID|EMAIL"
	case byEmail:
		return "EMAIL"
	default:
		return ""
	}
}

func flagOf(p spec.Param) Flag {
	if p.WriteOnly {
		return Flag{
			Name: p.Name + "-file", Value: "FILE|-", File: true, Required: p.Required, Param: p.Name,
			Usage: "The file that holds the " + p.Name + ", or - for stdin, where a person at a terminal is asked.\n" +
				"One newline at its end is dropped.",
		}
	}
	f := Flag{Name: p.Name, Value: "VALUE", Usage: byHand(p.Description), Enum: p.Enum, Required: p.Required, Param: p.Name}
	switch {
	case len(p.Enum) > 0:
		f.Value = strings.Join(p.Enum, "|")
	case p.Type() == spec.Boolean:
		f.Value = ""
	case p.Type() == spec.Object:
		f.Value = "JSON"
	case p.Type() == spec.Number:
		f.Value = "NUMBER"
	}
	switch d := p.Default.(type) {
	case nil:
	case bool:
		if d {
			f.Default = "true; --" + p.Name + "=false turns it off"
		}
	default:
		f.Default = fmt.Sprint(d)
	}
	return f
}

// byHand leaves out the lines of a description that are about Juju's command
// line: they begin with "Under Juju".
func byHand(description string) string {
	lines := slices.DeleteFunc(strings.Split(description, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "Under Juju")
	})
	return strings.Join(lines, "\n")
}

// CommonFlags are the flags of every command.
func CommonFlags() []Flag {
	return []Flag{
		{Name: "endpoint", Value: "URL", Default: "$" + EndpointVariable + ", else " + kratos.DefaultEndpoint,
			Usage: "Where Kratos' admin API is. It may end in / or /admin."},
		{Name: "ca-file", Value: "FILE", File: true,
			Usage: "Certificates, in PEM, to trust beside the system's."},
		{Name: "format", Value: strings.Join(formats, "|"), Enum: formats, Default: table,
			Usage: "How the result is written. Under json, notes and errors are JSON too."},
		{Name: "quiet", Usage: "Write ids or values alone, one a line, and nothing but errors to stderr (and what --dry-run says)."},
		{Name: "dry-run", Usage: "Change nothing: say what would be done."},
		{Name: "yes", Usage: "Ask nothing. Needed for what cannot be undone where stdin is no terminal."},
		{Name: "timeout", Value: "DURATION", Default: DefaultTimeout.String(),
			Usage: "How long the whole action may take, retries included (90s, 5m). Waiting for a person does not count."},
	}
}

// find gives the flag of that name.
func find(flags []Flag, name string) (Flag, bool) {
	i := slices.IndexFunc(flags, func(f Flag) bool { return f.Name == name })
	if i < 0 {
		return Flag{}, false
	}
	return flags[i], true
}

// findCommand gives the command of that name. The others are not made: every
// start would pay for them.
func findCommand(declared []spec.Action, name string) (Command, bool) {
	a, ok := spec.Find(declared, name)
	if !ok {
		return Command{}, false
	}
	return commandOf(a), true
}
