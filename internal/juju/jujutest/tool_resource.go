package jujutest

import (
	"fmt"
	"os"
	"path/filepath"
)

type resourceGet struct{ name string }

func (t *resourceGet) flags(*flagSet) {}

func (t *resourceGet) init(args []string) error {
	if len(args) == 0 {
		return usagef("missing required resource name")
	}
	t.name = args[0]
	return none(args[1:])
}

// run prints a path, and no line end behind it.
func (t *resourceGet) run(w *world, st *State) error {
	s, err := w.store()
	if err != nil {
		return err
	}
	m, err := s.metadata()
	if err != nil {
		return err
	}
	content, attached := st.Resources[t.name]
	if !attached {
		return fmt.Errorf("could not download resource: resource#%s/%s not found", st.application(), t.name)
	}
	path := filepath.Join(filepath.Dir(s.path), "resources", t.name, m.resources[t.name])
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprint(w.stdout, path)
	return err
}

// checkResources finds what cannot be attached to the charm.
func (st *State) checkResources(m metadata) error {
	for name := range st.Resources {
		if m.resources[name] == "" {
			return fmt.Errorf("jujutest: the state has resource %q, which is none of the charm's files", name)
		}
	}
	return nil
}
