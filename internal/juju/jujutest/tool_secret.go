package jujutest

import (
	"encoding/base64"
	"fmt"
	"strings"
)

type secretGet struct {
	out           output
	label         string
	peek, refresh bool
	id, key       string
}

func (t *secretGet) flags(f *flagSet) {
	t.out.flags(f, "yaml", "json")
	f.text(&t.label, "label")
	f.bool(&t.peek, "peek")
	f.bool(&t.refresh, "refresh")
}

func (t *secretGet) init(args []string) error {
	if len(args) > 0 {
		id, err := parseSecretURI(args[0])
		if err != nil {
			return usagef("secret URI %q %w", args[0], errNotValid)
		}
		t.id, args = id, args[1:]
	}
	switch {
	case t.id == "" && t.label == "":
		return usagef("require either a secret URI or label")
	case t.peek && t.refresh:
		return usagef("specify one of --peek or --refresh but not both")
	case len(args) > 0:
		t.key, args = args[0], args[1:]
	}
	return none(args)
}

func (t *secretGet) run(w *world, st *State) error {
	content := st.pending(t.id, t.label, t.peek || t.refresh, t.refresh)
	if content == nil {
		s, err := t.find(st)
		if err != nil {
			return err
		}
		content = s.Revisions[t.revision(s, st.Unit)-1]
	}
	if t.key == "" {
		return t.out.write(w, content)
	}
	key, encoded := strings.CutSuffix(t.key, "#base64")
	value, found := content[key]
	if !found {
		return fmt.Errorf("secret key value %q not found", key)
	}
	if encoded {
		value = base64.StdEncoding.EncodeToString([]byte(value))
	}
	return t.out.write(w, value)
}

// find gives the secret, if there is one and the unit may read it, which Juju
// looks at in this order.
func (t *secretGet) find(st *State) (*Secret, error) {
	if t.id == "" {
		return t.byLabel(st)
	}
	s := st.secretByID(t.id)
	switch {
	case s == nil:
		return nil, fmt.Errorf("secret %q not found", "secret:"+t.id)
	case !s.readable(st):
		return nil, errPermission
	}
	return s, nil
}

// byLabel finds a secret of the unit's own, or one that it attached the label to.
func (t *secretGet) byLabel(st *State) (*Secret, error) {
	for _, s := range st.Secrets {
		own := s.Label == t.label && s.own(st)
		consumer := s.Consumers[st.Unit]
		if !own && (consumer == nil || consumer.Label != t.label) {
			continue
		}
		if !s.readable(st) {
			return nil, errPermission
		}
		return s, nil
	}
	return nil, fmt.Errorf("consumer label %q not found", t.label)
}

// revision gives the revision to read: the one that the unit is pinned to
// since its first reading. A refresh moves the pin, a peek looks past it.
func (t *secretGet) revision(s *Secret, unit string) int {
	newest := len(s.Revisions)
	consumer := s.consumer(unit)
	if t.refresh {
		consumer.Revision = newest
	}
	if t.label != "" && t.id != "" {
		consumer.Label = t.label
	}
	if t.peek {
		return newest
	}
	return consumer.Revision
}

// consumer gives what Juju keeps of a unit that reads the secret, from its first
// reading on.
func (s *Secret) consumer(unit string) *Consumer {
	if s.Consumers == nil {
		s.Consumers = map[string]*Consumer{}
	}
	if s.Consumers[unit] == nil {
		s.Consumers[unit] = &Consumer{Revision: len(s.Revisions)}
	}
	return s.Consumers[unit]
}
