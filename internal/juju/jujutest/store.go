package jujutest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
	"gopkg.in/yaml.v3"
)

// store keeps the state in a file that several programs use at a time.
type store struct {
	path string
	unit string // whose state it is; empty for the one that the file is of
}

// charmDir is where the unit's charm is unpacked.
func (s store) charmDir() string { return filepath.Join(filepath.Dir(s.path), "charm") }

// view reads the state.
func (s store) view() (*State, error) {
	var seen *State
	err := s.locked("state", func() (err error) {
		if seen, err = s.load(); err != nil {
			return err
		}
		return seen.as(s.unit)
	})
	return seen, err
}

// update changes the state, unless change fails.
func (s store) update(change func(*State) error) error {
	return s.locked("state", func() error {
		st, err := s.load()
		if err != nil {
			return err
		}
		first := st.Unit
		if err := st.as(s.unit); err != nil {
			return err
		}
		if err := change(st); err != nil {
			return err
		}
		if err := st.as(first); err != nil {
			return err
		}
		return s.save(st)
	})
}

// alone keeps the unit for as long as a hook or an action runs: Juju runs one
// at a time, in each unit.
func (s store) alone(run func() error) error {
	return s.locked("unit"+strings.ReplaceAll(s.unit, "/", "-"), run)
}

// locked runs while no other program holds the same lock.
func (s store) locked(what string, run func() error) error {
	unlock, err := lockedfile.MutexAt(s.path + "." + what + ".lock").Lock()
	if err != nil {
		return err
	}
	defer unlock()
	return run()
}

func (s store) load() (*State, error) {
	st := fresh()
	text, err := os.ReadFile(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(st); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("jujutest: cannot read the state in %s: %w", s.path, err)
	}
	m, err := s.metadata()
	if err != nil {
		return nil, err
	}
	st.fill()
	return st, st.check(m)
}

// check finds what cannot be in a state that a test wrote.
func (st *State) check(m metadata) error {
	if err := errors.Join(st.checkMembers(), st.checkRelations(m), st.checkResources(m)); err != nil {
		return err
	}
	for _, secret := range st.Secrets {
		if id, err := parseSecretURI(secret.ID); err != nil || id != secret.ID || len(secret.Revisions) == 0 {
			return fmt.Errorf("jujutest: the secret %q in the state has no id that Juju would give, or no revision", secret.ID)
		}
	}
	return nil
}

// save puts the new state in the old one's place, whole or not at all.
func (s store) save(st *State) error {
	text, err := yaml.Marshal(st)
	if err != nil {
		return err
	}
	next := s.path + ".next"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, s.path)
}
