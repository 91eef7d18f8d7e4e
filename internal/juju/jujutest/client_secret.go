package jujutest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v2" // the very parser that Juju reads --file with
)

// content is what add-secret and update-secret have in common.
type content struct {
	info, file string
	data       map[string]string
}

func (c *content) flags(f *flagSet) {
	f.text(&c.info, "info")
	f.text(&c.file, "file")
}

func (c *content) init(w *world, args []string) (err error) {
	if c.data, err = secretData(w, args); err != nil {
		return usage{err}
	}
	if c.file == "" {
		return nil
	}
	text, err := os.ReadFile(w.path(c.file))
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
	maps.Copy(c.data, more)
	return nil
}

func addSecret(w *world, s store) error {
	var c content
	var f flagSet
	c.flags(&f)
	args, err := f.parse(w.args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usagef("secret name needs to be supplied as the first argument")
	}
	if err := c.init(w, args[1:]); err != nil {
		return err
	}
	if len(c.data) == 0 {
		return usagef("missing secret value or filename")
	}
	return s.update(func(st *State) error { return c.add(w, st, args[0]) })
}

func (c *content) add(w *world, st *State, name string) error {
	if st.secretByName(name) != nil {
		return fmt.Errorf("secret with name %q already exists", name)
	}
	id, err := newSecretID(w)
	if err != nil {
		return err
	}
	if st.secretByID(id) != nil {
		return fmt.Errorf("jujutest: there is a secret with the id %s already", id)
	}
	made := &Secret{
		ID: id, Owner: modelOwner, Label: name, Description: c.info,
		Revisions: []map[string]string{c.data}, Created: now(), Updated: now(),
	}
	st.Secrets = append(st.Secrets, made)
	_, err = fmt.Fprintln(w.stdout, made.URI())
	return err
}

func updateSecret(w *world, s store) error {
	var c content
	var f flagSet
	var name string
	var prune bool
	c.flags(&f)
	f.text(&name, "name")
	f.bool(&prune, "auto-prune")
	args, err := f.parse(w.args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usagef("missing secret URI")
	}
	if err := c.init(w, args[1:]); err != nil {
		return err
	}
	return s.update(func(st *State) error {
		found, err := st.userSecret(args[0])
		if err != nil {
			return err
		}
		found.change(name, c)
		return nil
	})
}

func (s *Secret) change(name string, c content) {
	if name != "" {
		s.Label = name
	}
	if c.info != "" {
		s.Description = c.info
	}
	if len(c.data) > 0 {
		s.Revisions = append(s.Revisions, c.data)
	}
	s.Updated = now()
}

func removeSecret(w *world, s store) error {
	args, err := arguments(w, 1, "missing secret URI")
	if err != nil {
		return err
	}
	return s.update(func(st *State) error {
		gone, err := st.userSecret(args[0])
		st.Secrets = slices.DeleteFunc(st.Secrets, func(s *Secret) bool { return s == gone })
		return err
	})
}

func grantSecret(w *world, s store) error {
	return changeGrants(w, s, func(secret *Secret, app string) {
		if !slices.Contains(secret.Grants, app) {
			secret.Grants = append(secret.Grants, app)
		}
	})
}

func revokeSecret(w *world, s store) error {
	return changeGrants(w, s, func(secret *Secret, app string) {
		secret.Grants = slices.DeleteFunc(secret.Grants, func(a string) bool { return a == app })
	})
}

func changeGrants(w *world, s store, change func(*Secret, string)) error {
	args, err := arguments(w, 2, "missing secret URI or application name")
	if err != nil {
		return err
	}
	return s.update(func(st *State) error {
		found, err := st.userSecret(args[0])
		if err != nil {
			return err
		}
		for app := range strings.SplitSeq(args[1], ",") {
			if app != st.application() {
				return fmt.Errorf("failed to grant/revoke secret: application %q not found", app)
			}
			change(found, app)
		}
		return nil
	})
}

// shown is a secret as show-secret prints it.
type shown struct {
	Revision    int               `json:"revision" yaml:"revision"`
	Owner       string            `json:"owner" yaml:"owner"`
	Description string            `json:"description,omitempty" yaml:"description,omitempty"`
	Name        string            `json:"name,omitempty" yaml:"name,omitempty"`
	Label       string            `json:"label,omitempty" yaml:"label,omitempty"`
	Created     time.Time         `json:"created" yaml:"created"`
	Updated     time.Time         `json:"updated" yaml:"updated"`
	Content     map[string]string `json:"content,omitempty" yaml:"content,omitempty"`
	Access      []access          `json:"access,omitempty" yaml:"access,omitempty"`
}

type access struct {
	Target string `json:"target" yaml:"target"`
	Scope  string `json:"scope" yaml:"scope"`
	Role   string `json:"role" yaml:"role"`
}

func showSecret(w *world, s store) error {
	var f flagSet
	var out output
	var reveal bool
	revision := 0
	out.flags(&f, "yaml", "json")
	f.bool(&reveal, "reveal")
	f.value(func(v string) (err error) { revision, err = strconv.Atoi(v); return err }, "r", "revision")
	args, err := f.parse(w.args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usagef("secret ID is required")
	}
	if err := none(args[1:]); err != nil {
		return err
	}
	st, err := s.view()
	if err != nil {
		return err
	}
	found, err := st.userSecret(args[0])
	if err != nil {
		return err
	}
	view, err := found.show(st, revision, reveal)
	if err != nil {
		return err
	}
	return out.write(w, map[string]shown{found.ID: view})
}

func (s *Secret) show(st *State, revision int, reveal bool) (shown, error) {
	if revision == 0 {
		revision = len(s.Revisions)
	}
	if revision < 1 || revision > len(s.Revisions) {
		return shown{}, fmt.Errorf("secret revision %d not found", revision)
	}
	view := shown{
		Revision: len(s.Revisions), Owner: "<" + modelOwner + ">", Description: s.Description,
		Name: s.Label, Created: s.Created, Updated: s.Updated,
	}
	if s.Owner != modelOwner {
		view.Owner, view.Name, view.Label = s.Owner, "", s.Label
	}
	if reveal {
		view.Content = s.Revisions[revision-1]
	}
	for _, app := range s.Grants {
		view.Access = append(view.Access, access{Target: "application-" + app, Scope: "model-" + st.Model.UUID, Role: "view"})
	}
	return view, nil
}

// userSecret finds a secret by its URI or, where the model owns it, its name.
func (st *State) userSecret(ref string) (*Secret, error) {
	found := st.secretByName(ref)
	if id, err := parseSecretURI(ref); err == nil {
		found = st.secretByID(id)
	}
	if found == nil {
		return nil, fmt.Errorf("secret %q not found", ref)
	}
	return found, nil
}

func (st *State) secretByName(name string) *Secret {
	i := slices.IndexFunc(st.Secrets, func(s *Secret) bool { return s.Owner == modelOwner && s.Label == name })
	if i < 0 {
		return nil
	}
	return st.Secrets[i]
}

// arguments gives exactly so many arguments, of a command without options.
func arguments(w *world, count int, missing string) ([]string, error) {
	var f flagSet
	args, err := f.parse(w.args)
	if err != nil {
		return nil, err
	}
	if len(args) < count {
		return nil, usage{errors.New(missing)}
	}
	return args, none(args[count:])
}
