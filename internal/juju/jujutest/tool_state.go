package jujutest

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"gopkg.in/yaml.v2"
)

// What Juju keeps for a unit (juju/juju core/quota).
const (
	maxStateKey   = 256
	maxStateValue = 64 << 10
)

// charmState gives what is kept with the changes carried out.
func charmState(kept map[string]string, changes map[string]*string) map[string]string {
	seen := map[string]string{}
	maps.Copy(seen, kept)
	for key, value := range changes {
		if value == nil {
			delete(seen, key)
		} else {
			seen[key] = *value
		}
	}
	return seen
}

func changeCharmState(st *State, key string, value *string) {
	changes := &st.Running.Changes.CharmState
	if *changes == nil {
		*changes = map[string]*string{}
	}
	(*changes)[key] = value
}

type stateGet struct {
	out    output
	strict bool
	key    string
}

func (t *stateGet) flags(f *flagSet) {
	t.out.flags(f, "smart", "yaml", "json")
	f.bool(&t.strict, "strict")
}

func (t *stateGet) init(args []string) error {
	if len(args) == 0 {
		return nil
	}
	if args[0] != "-" {
		t.key = args[0]
	}
	return none(args[1:])
}

func (t *stateGet) run(w *world, st *State) error {
	seen := charmState(st.CharmState, st.Running.Changes.CharmState)
	if t.key == "" {
		return t.out.write(w, seen)
	}
	value, found := seen[t.key]
	if !found && t.strict {
		return fmt.Errorf("%q not found", t.key)
	}
	return t.out.write(w, value)
}

type stateSet struct {
	file   string
	values map[string]string
}

func (t *stateSet) flags(f *flagSet) { f.text(&t.file, "file") }

func (t *stateSet) init(args []string) error {
	t.values = map[string]string{}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return usagef("expected \"key=value\", got %q", arg)
		}
		if _, twice := t.values[key]; twice {
			return usagef("key %q specified more than once", key)
		}
		t.values[key] = strings.TrimSpace(value)
	}
	return nil
}

func (t *stateSet) run(w *world, st *State) error {
	values, err := t.fromFile(w)
	if err != nil {
		return err
	}
	maps.Copy(values, t.values)
	for key, value := range values {
		switch {
		case len(key) > maxStateKey:
			return fmt.Errorf("max allowed key length (%d) exceeded", maxStateKey)
		case len(value) > maxStateValue:
			return fmt.Errorf("max allowed value length (%d) exceeded", maxStateValue)
		}
		changeCharmState(st, key, &value)
	}
	return nil
}

func (t *stateSet) fromFile(w *world) (values map[string]string, err error) {
	var text []byte
	switch t.file {
	case "":
	case "-":
		text, err = io.ReadAll(w.stdin)
	default:
		text, err = os.ReadFile(w.path(t.file))
	}
	if err != nil {
		return nil, err
	}
	values = map[string]string{}
	return values, yaml.Unmarshal(text, &values)
}

type stateDelete struct{ key string }

func (t *stateDelete) flags(*flagSet) {}

func (t *stateDelete) init(args []string) error {
	if len(args) == 0 || args[0] == "" {
		return nil
	}
	t.key = args[0]
	return none(args[1:])
}

func (t *stateDelete) run(_ *world, st *State) error {
	if t.key != "" {
		changeCharmState(st, t.key, nil)
	}
	return nil
}
