package jujutest

import "fmt"

// What Juju keeps for a unit (juju/juju core/quota).
const (
	maxStateKey   = 256
	maxStateValue = 64 << 10
)

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
	seen := changed(st.CharmState, st.Running.Changes.CharmState)
	if t.key == "" {
		return t.out.write(w, seen)
	}
	value, found := seen[t.key]
	if !found && t.strict {
		return fmt.Errorf("%q not found", t.key)
	}
	return t.out.write(w, value)
}

type stateSet struct{ keyValues }

func (t *stateSet) run(w *world, st *State) error {
	values, err := t.read(w)
	if err != nil {
		return err
	}
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
