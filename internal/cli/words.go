package cli

import (
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// words are a command line in the one form that urfave/cli reads without
// surprises: the command, then every flag once and as --name=value.
//
// Left to itself, urfave/cli v2 stops reading flags at the first positional,
// knows common flags only before or only behind the command, lets the last of a
// repeated flag win, and takes the flag behind a forgotten value for that value.
// All of that is settled here.
type words struct {
	command string
	action  Command  // zero where the command is no action
	flags   []string // --name=value; the person among them
	rest    []string // what stands behind a command that is no action
	version bool

	declared []spec.Action
	known    []Flag          // those that may stand here
	seen     map[string]bool // flags that stand there already
	person   string          // the flag that the positional stands for
}

// read puts a command line in order. What it cannot mean is a usage error, and
// none shows the value of a flag that it does not know.
func read(declared []spec.Action, args []string) (*words, error) {
	w := &words{declared: declared, known: CommonFlags(), seen: map[string]bool{}}
	none := len(args) == 0
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		var err error
		switch {
		case arg == "--":
			err = w.words(args)
			args = nil
		case len(arg) > 1 && arg[0] == '-':
			args, err = w.flag(arg, args)
		default:
			err = w.word(arg)
		}
		if err != nil {
			return w, err
		}
	}
	if none {
		w.command = "help"
	}
	return w, w.complete()
}

// complete checks what can only be told at the end.
func (w *words) complete() error {
	switch {
	case w.version:
		return nil
	case w.command == "":
		return fault.New(fault.Usage, "no command given").WithHint("%s help lists the commands", Program)
	case w.person != "" && (w.seen[email] || w.seen[identityID]):
		return fault.New(fault.Usage, "the person is given twice: by a flag and without one")
	case w.person == "" && w.action.Person != "" && !w.seen[email] && !w.seen[identityID]:
		return fault.New(fault.Usage, "cannot tell whom this is about").
			WithHint("%s", w.action.Synopsis())
	}
	return nil
}

func (w *words) words(args []string) error {
	for _, arg := range args {
		if err := w.word(arg); err != nil {
			return err
		}
	}
	return nil
}

// word takes what is no flag: the command, then the person.
func (w *words) word(arg string) error {
	if w.command == "" {
		return w.setCommand(arg)
	}
	if w.action.Name == "" {
		w.rest = append(w.rest, arg)
		return nil
	}
	if name, _, ok := strings.Cut(arg, "="); ok {
		if f, ok := w.flagFor(name); ok {
			return fault.New(fault.Usage, "%s= is how Juju takes it", name).WithHint("by hand: --%s %s", f.Name, f.Value)
		}
	}
	switch {
	case w.action.Person == "":
		return fault.New(fault.Usage, "%s takes nothing but flags", w.command)
	case w.person != "":
		return fault.New(fault.Usage, "%s is about one person, and more than one word is given", w.command).
			WithHint("%s; a word with blanks in it needs quotes", w.action.Synopsis())
	}
	w.person = email
	if _, byID := w.action.action.Param(identityID); byID && actions.IsIdentityID(arg) {
		w.person = identityID
	}
	w.flags = append(w.flags, "--"+w.person+"="+arg)
	return nil
}

func (w *words) setCommand(name string) error {
	c, isAction := findCommand(w.declared, name)
	b, isBuiltin := findBuiltin(name)
	if !isAction && !isBuiltin {
		return unknownCommand(w.declared, name)
	}
	w.command, w.action = name, c
	if len(b.Flags) > 0 {
		return w.only(b.Flags)
	}
	w.known = append(slices.Clone(c.Flags), w.known...)
	return nil
}

// only leaves no other flags than these to the command.
func (w *words) only(flags []Flag) error {
	w.known = flags
	for _, name := range names(CommonFlags()) {
		if w.seen[name] {
			return w.unknownFlag(name)
		}
	}
	return nil
}

// flag takes a flag, and from what follows it the value if it needs one.
func (w *words) flag(arg string, rest []string) ([]string, error) {
	name, value, joined := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
	if w.command == "" && slices.Contains(versionFlags, name) {
		w.version = true
		return rest, nil
	}
	f, ok := find(w.known, name)
	if !ok {
		return rest, w.unknownFlag(name)
	}
	if w.seen[name] {
		return rest, fault.New(fault.Usage, "--%s is given twice", name)
	}
	w.seen[name] = true
	var err error
	switch {
	case joined && value == "" && f.Variable != "": // as if it were not there
	case f.Boolean():
		value, err = boolean(f, value, joined, rest)
	case !joined:
		value, rest, err = w.value(f, rest)
	}
	w.flags = append(w.flags, "--"+name+"="+value)
	return rest, err
}

var versionFlags = []string{"version", "v"}

// boolean gives the value of a flag that may stand alone.
func boolean(f Flag, value string, joined bool, rest []string) (string, error) {
	switch {
	case joined && value != "true" && value != "false":
		return "", fault.New(fault.Usage, "--%s must be true or false, not %q", f.Name, value)
	case joined:
		return value, nil
	case len(rest) > 0 && (rest[0] == "true" || rest[0] == "false"):
		return "", fault.New(fault.Usage, "--%s takes its value behind an equals sign: --%s=%s", f.Name, f.Name, rest[0])
	}
	return "true", nil
}

// value takes the value of a flag from the words that follow it.
func (w *words) value(f Flag, rest []string) (string, []string, error) {
	if len(rest) == 0 {
		return "", rest, fault.New(fault.Usage, "--%s needs a value: --%s %s", f.Name, f.Name, f.Value)
	}
	next, _, _ := strings.Cut(strings.TrimPrefix(rest[0], "--"), "=")
	if _, isFlag := find(w.known, next); isFlag && strings.HasPrefix(rest[0], "--") {
		return "", rest, fault.New(fault.Usage, "--%s needs a value, and what follows it is the flag --%s", f.Name, next).
			WithHint("if that is the value, write --%s=--%s", f.Name, next)
	}
	return rest[0], rest[1:], nil
}

// values are the values of the flags, by their names.
func (w *words) values() map[string]string {
	values := map[string]string{}
	for _, f := range w.flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(f, "--"), "=")
		values[name] = value
	}
	return values
}

// flagFor gives the flag of the command's parameter of that name.
func (w *words) flagFor(param string) (Flag, bool) {
	i := slices.IndexFunc(w.action.Flags, func(f Flag) bool { return f.Param == param })
	if i < 0 {
		return Flag{}, false
	}
	return w.action.Flags[i], true
}

func (w *words) unknownFlag(name string) error {
	if f, ok := w.flagFor(name); ok {
		return fault.New(fault.Usage, "a %s on the command line could be read by others", name).
			WithHint("put it in a file: --%s %s", f.Name, f.Value)
	}
	if w.command == "" {
		return fault.New(fault.Usage, "no flag --%s can stand before a command", name).
			WithHint("%s", or(didYouMean("--", name, names(w.known)), "the flags of a command stand behind it"))
	}
	return fault.New(fault.Usage, "%s has no flag --%s", w.command, name).
		WithHint("%s", or(didYouMean("--", name, names(w.known)), Program+" "+w.command+" --help lists its flags"))
}

func unknownCommand(declared []spec.Action, name string) error {
	all := commandNames(Commands(declared))
	return fault.New(fault.Usage, "there is no command %q", name).
		WithHint("%s", or(didYouMean("", name, all), Program+" help lists the commands"))
}

// asksForHelp tells whether help is wanted, whatever else the line holds.
func asksForHelp(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--":
			return false
		case "--help", "-help", "-h":
			return true
		}
	}
	return false
}

// firstCommand gives the first word that is a command; empty for none.
func firstCommand(declared []spec.Action, args []string) string {
	for _, arg := range args {
		_, isAction := findCommand(declared, arg)
		if _, isBuiltin := findBuiltin(arg); isAction || isBuiltin {
			return arg
		}
	}
	return ""
}

func names(flags []Flag) []string {
	list := make([]string, len(flags))
	for i, f := range flags {
		list[i] = f.Name
	}
	return list
}
