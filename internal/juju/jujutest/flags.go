package jujutest

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// flagSet parses options as Juju's programs do (juju/gnuflag): they may stand
// anywhere before "--", one dash begins a cluster of single letters, and
// whatever else begins with a dash is an option that does not exist.
type flagSet struct {
	switches map[string]*bool
	values   map[string]func(string) error
}

var errHelp = errors.New("help requested")

func (f *flagSet) bool(p *bool, names ...string) {
	if f.switches == nil {
		f.switches = map[string]*bool{}
	}
	for _, name := range names {
		f.switches[name] = p
	}
}

func (f *flagSet) value(set func(string) error, names ...string) {
	if f.values == nil {
		f.values = map[string]func(string) error{}
	}
	for _, name := range names {
		f.values[name] = set
	}
}

func (f *flagSet) text(p *string, names ...string) {
	f.value(func(v string) error { *p = v; return nil }, names...)
}

// parse sets the options and gives the other arguments. Errors are of kind
// usage.
func (f *flagSet) parse(args []string) (rest []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			return append(rest, args...), nil
		case len(arg) < 2 || arg[0] != '-':
			rest = append(rest, arg)
		case strings.HasPrefix(arg, "--"):
			args, err = f.long(arg[2:], args)
		default:
			args, err = f.cluster(arg[1:], args)
		}
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (f *flagSet) long(arg string, args []string) ([]string, error) {
	name, value, given := strings.Cut(arg, "=")
	if p := f.switches[name]; p != nil {
		*p = true
		if !given {
			return args, nil
		}
		on, err := strconv.ParseBool(value)
		if err != nil {
			return nil, usagef("invalid value %q for option %s: %w", value, dashed(name), err)
		}
		*p = on
		return args, nil
	}
	if given {
		args = append([]string{value}, args...)
	}
	return f.set(name, args)
}

// cluster handles -abc: switches, the last of which may take a value, which
// may follow directly.
func (f *flagSet) cluster(letters string, args []string) ([]string, error) {
	for letters != "" {
		_, n := utf8.DecodeRuneInString(letters)
		name := letters[:n]
		letters = letters[n:]
		if p := f.switches[name]; p != nil {
			*p = true
			continue
		}
		if f.values[name] != nil && letters != "" {
			args, letters = append([]string{letters}, args...), ""
		}
		var err error
		if args, err = f.set(name, args); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// set gives an option the first of args as its value.
func (f *flagSet) set(name string, args []string) ([]string, error) {
	set := f.values[name]
	switch {
	case set == nil && (name == "help" || name == "h"):
		return nil, errHelp
	case set == nil:
		return nil, usagef("option provided but not defined: %s", dashed(name))
	case len(args) == 0:
		return nil, usagef("option needs an argument: %s", dashed(name))
	}
	if err := set(args[0]); err != nil {
		return nil, usagef("invalid value %q for option %s: %w", args[0], dashed(name), err)
	}
	return args[1:], nil
}

func dashed(name string) string {
	if utf8.RuneCountInString(name) > 1 {
		return "--" + name
	}
	return "-" + name
}

// none is the check that no arguments are left.
func none(args []string) error {
	if len(args) > 0 {
		return usagef("unrecognized args: %q", args)
	}
	return nil
}
