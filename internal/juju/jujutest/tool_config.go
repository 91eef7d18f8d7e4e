package jujutest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v2" // the very parser that Juju reads charms with

	kratosagent "github.com/kratos-agent/kratos-agent"
)

type configGet struct {
	out output
	all bool
	key string
}

func (t *configGet) flags(f *flagSet) {
	t.out.flags(f, "smart", "yaml", "json")
	f.bool(&t.all, "a", "all")
}

func (t *configGet) init(args []string) error {
	if len(args) == 0 {
		return nil
	}
	t.key = args[0]
	if t.key != "" && t.all {
		return usagef("cannot use argument --all together with key %q", t.key)
	}
	return none(args[1:])
}

func (t *configGet) run(w *world, st *State) error {
	s, err := w.store()
	if err != nil {
		return err
	}
	settings, err := s.settings(st)
	if err != nil {
		return err
	}
	if t.key != "" {
		return t.out.write(w, settings[t.key])
	}
	for key, value := range settings {
		if value == nil && !t.all {
			delete(settings, key)
		}
	}
	return t.out.write(w, settings)
}

// settings gives every declared option: as set, as declared, or nil.
func (s store) settings(st *State) (map[string]any, error) {
	text, err := s.charmFile("config.yaml", kratosagent.Config)
	if err != nil {
		return nil, err
	}
	var declared struct {
		Options map[string]struct {
			Type    string
			Default any
		}
	}
	if err := yaml.Unmarshal(text, &declared); err != nil {
		return nil, err
	}
	settings := map[string]any{}
	for key, option := range declared.Options {
		settings[key] = overTheAPI(option.Default)
	}
	for key, value := range st.Config {
		option, known := declared.Options[key]
		if !known {
			return nil, fmt.Errorf("jujutest: the state sets option %q, which the charm does not have", key)
		}
		if settings[key] = overTheAPI(value); !suits(option.Type, settings[key]) {
			return nil, fmt.Errorf("jujutest: option %q is set to %v, which is no %s", key, value, option.Type)
		}
	}
	return settings, nil
}

// overTheAPI is what becomes of a value on its way to the agent: numbers are
// floats.
func overTheAPI(value any) any {
	if n, ok := value.(int); ok {
		return float64(n)
	}
	return value
}

func suits(kind string, value any) bool {
	switch value.(type) {
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "int" || kind == "float"
	case string:
		return kind == "string" || kind == "secret" || kind == ""
	}
	return value == nil
}

// charmFile reads a file of the charm's, or takes the agent's own where the
// charm directory has none.
func (s store) charmFile(name string, own []byte) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(s.charmDir(), name))
	if errors.Is(err, fs.ErrNotExist) {
		return own, nil
	}
	return text, err
}
