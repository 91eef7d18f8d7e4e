package jujutest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v2" // the very parser that Juju reads --file with
)

// beyond refuses an option that Juju has and the double has not.
func beyond(string) error { return errors.New("jujutest: it is not part of the double") }

// secretUpsert is what secret-add and secret-set have in common.
type secretUpsert struct {
	label, description, owner, file string
	w                               *world
	content                         map[string]string
}

func (t *secretUpsert) situate(w *world, _ *State) { t.w = w }

func (t *secretUpsert) flags(f *flagSet) {
	t.owner = "application"
	f.text(&t.label, "label")
	f.text(&t.description, "description")
	f.text(&t.owner, "owner")
	f.text(&t.file, "file")
	f.value(beyond, "expire", "rotate")
}

func (t *secretUpsert) init(args []string) (err error) {
	if t.owner != "application" && t.owner != "unit" {
		return usagef("secret owner %q %w", t.owner, errNotValid)
	}
	if t.content, err = secretData(t.w, args); err != nil {
		return usage{err}
	}
	if t.file == "" {
		return nil
	}
	// It is the agent that opens the file, and it runs in another directory.
	text, err := os.ReadFile(filepath.Join("/", t.file))
	if err != nil {
		return usage{err}
	}
	var values map[string]string
	if err := yaml.Unmarshal(text, &values); err != nil {
		return usage{err}
	}
	more, err := checkSecret(values)
	if err != nil {
		return usage{err}
	}
	maps.Copy(t.content, more)
	return nil
}

type secretAdd struct{ secretUpsert }

func (t *secretAdd) init(args []string) error {
	if len(args) == 0 && t.file == "" {
		return usagef("missing secret value or filename")
	}
	return t.secretUpsert.init(args)
}

func (t *secretAdd) run(w *world, st *State) error {
	owner := st.application()
	if t.owner == "unit" {
		owner = st.Unit
	}
	switch {
	case len(t.content) == 0:
		return errNoContent
	case t.owner == "application" && !st.Leader:
		return errNotLeader
	case t.label != "" && st.labelled(t.label, owner) != nil:
		return fmt.Errorf("secret with label %q already exists", t.label)
	}
	id, err := newSecretID(w)
	if err != nil {
		return err
	}
	if st.secretByID(id) != nil {
		return fmt.Errorf("jujutest: there is a secret with the id %s already", id)
	}
	made := &Secret{
		ID: id, Owner: owner, Label: t.label, Description: t.description,
		Revisions: []map[string]string{t.content}, Created: now(), Updated: now(),
	}
	st.changeSecret(&SecretChange{ID: id, Created: made})
	_, err = fmt.Fprintln(w.stdout, made.URI())
	return err
}

type secretSet struct {
	secretUpsert
	id string
}

func (t *secretSet) init(args []string) (err error) {
	if t.id, args, err = secretArgument(args); err != nil {
		return err
	}
	return t.secretUpsert.init(args)
}

func (t *secretSet) run(_ *world, st *State) error {
	s, err := st.owned(t.id)
	if err != nil {
		return err
	}
	if other := st.labelled(t.label, s.Owner); t.label != "" && other != nil && other.ID != s.ID {
		return fmt.Errorf("secret with label %q already exists", t.label)
	}
	if s != st.secretByID(t.id) { // it is to be made by this hook
		if len(t.content) > 0 {
			s.Revisions = []map[string]string{t.content}
		}
		(&SecretChange{Label: t.label, Description: t.description}).commit(s, st.Unit)
		return nil
	}
	st.changeSecret(&SecretChange{ID: t.id, Content: t.content, Label: t.label, Description: t.description})
	return nil
}

// secretArgument takes the id that comes first.
func secretArgument(args []string) (id string, rest []string, err error) {
	if len(args) == 0 {
		return "", nil, usagef("missing secret URI")
	}
	if id, err = parseSecretURI(args[0]); err != nil {
		return "", nil, usagef("secret URI %q %w", args[0], errNotValid)
	}
	return id, args[1:], nil
}

type secretInfoGet struct {
	out       output
	id, label string
}

func (t *secretInfoGet) flags(f *flagSet) {
	t.out.flags(f, "yaml", "json")
	f.text(&t.label, "label")
}

func (t *secretInfoGet) init(args []string) (err error) {
	switch {
	case len(args) == 0 && t.label == "":
		return usagef("require either a secret URI or label")
	case len(args) > 0 && t.label != "":
		return usagef("specify either a secret URI or label but not both")
	case len(args) == 0:
		return nil
	}
	if t.id, args, err = secretArgument(args); err != nil {
		return err
	}
	return none(args)
}

// secretInfo is a secret as secret-info-get prints it.
type secretInfo struct {
	Revision    int      `json:"revision" yaml:"revision"`
	Label       string   `json:"label" yaml:"label"`
	Owner       string   `json:"owner" yaml:"owner"`
	Description string   `json:"description,omitempty" yaml:"description,omitempty"`
	Rotation    string   `json:"rotation,omitempty" yaml:"rotation,omitempty"`
	Access      []access `json:"access,omitempty" yaml:"access,omitempty"`
}

func (t *secretInfoGet) run(w *world, st *State) error {
	for _, s := range st.listed() {
		if s.ID != t.id && (t.label == "" || s.Label != t.label) {
			continue
		}
		info := secretInfo{
			Revision: len(s.Revisions), Label: s.Label, Owner: "application", Description: s.Description, Rotation: "never",
		}
		if s.Owner == st.Unit {
			info.Owner = "unit"
		}
		for _, app := range s.Grants {
			info.Access = append(info.Access, access{Target: "application-" + app, Scope: "relation", Role: "view"})
		}
		return t.out.write(w, map[string]secretInfo{s.ID: info})
	}
	return fmt.Errorf("secret %q not found", t.id+t.label)
}

type secretIDs struct{ out output }

func (t *secretIDs) flags(f *flagSet)         { t.out.flags(f, "smart", "yaml", "json") }
func (t *secretIDs) init(args []string) error { return none(args) }

func (t *secretIDs) run(w *world, st *State) error {
	ids := []string{}
	for _, s := range st.listed() {
		ids = append(ids, s.ID)
	}
	return t.out.write(w, ids)
}

type secretRemove struct{ id string }

func (t *secretRemove) flags(f *flagSet) {
	f.value(beyond, "revision")
}

func (t *secretRemove) init(args []string) (err error) {
	if t.id, args, err = secretArgument(args); err != nil {
		return err
	}
	return none(args)
}

func (t *secretRemove) run(_ *world, st *State) error {
	if _, err := st.owned(t.id); err != nil {
		return err
	}
	st.changeSecret(&SecretChange{ID: t.id, Removed: true})
	return nil
}

type secretGrant struct {
	relationFlag
	id string
}

func (t *secretGrant) flags(f *flagSet) {
	t.relationFlag.flags(f)
	f.value(beyond, "unit")
}

func (t *secretGrant) init(args []string) (err error) {
	if t.id, args, err = secretArgument(args); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	return none(args)
}

func (t *secretGrant) run(_ *world, st *State) error {
	if _, err := st.owned(t.id); err != nil {
		return err
	}
	st.changeSecret(&SecretChange{ID: t.id, Granted: t.rel.App})
	return nil
}
