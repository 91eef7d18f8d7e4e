package jujutest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// SecretChange is what a hook wants changed of one secret.
type SecretChange struct {
	ID string `yaml:"id"`
	// Created is the secret that is to be, with its first revision.
	Created *Secret `yaml:"created,omitempty"`
	// Content is a new revision's. The same as before makes none.
	Content map[string]string `yaml:"content,omitempty,flow"`
	// Label and Description replace those there are.
	Label       string `yaml:"label,omitempty"`
	Description string `yaml:"description,omitempty"`
	// Read tells that the hook has refreshed to the new revision.
	Read bool `yaml:"read,omitempty"`
	// Removed drops the secret.
	Removed bool `yaml:"removed,omitempty"`
	// Granted is an application that may read it from now on.
	Granted string `yaml:"granted,omitempty"`
}

// commitSecrets carries out what a hook asked for.
func (st *State) commitSecrets(changes []*SecretChange) {
	for _, c := range changes {
		if c.Created != nil {
			st.Secrets = append(st.Secrets, c.Created)
			continue
		}
		s := st.secretByID(c.ID)
		switch {
		case s == nil:
		case c.Removed:
			st.Secrets = slices.DeleteFunc(st.Secrets, func(other *Secret) bool { return other == s })
		default:
			c.commit(s, st.Unit)
		}
	}
}

func (c *SecretChange) commit(s *Secret, unit string) {
	if c.Label != "" {
		s.Label = c.Label
	}
	if c.Description != "" {
		s.Description = c.Description
	}
	if len(c.Content) > 0 && !maps.Equal(c.Content, s.Revisions[len(s.Revisions)-1]) {
		s.Revisions = append(s.Revisions, c.Content)
	}
	if c.Read {
		s.consumer(unit).Revision = len(s.Revisions)
	}
	if c.Granted != "" && !slices.Contains(s.Grants, c.Granted) {
		s.Grants = append(s.Grants, c.Granted)
	}
	s.Updated = now()
}

// own tells whether the unit may change the secret, were it the leader.
func (s *Secret) own(st *State) bool { return s.Owner == st.Unit || s.Owner == st.application() }

// owned gives a secret that the unit may change, committed or not.
func (st *State) owned(id string) (*Secret, error) {
	s := st.secretByID(id)
	for _, c := range st.Running.Changes.Secrets {
		if c.ID == id && c.Created != nil {
			s = c.Created
		}
	}
	switch {
	case s == nil:
		return nil, fmt.Errorf("secret %q not found", id)
	case !s.own(st):
		return nil, errPermission
	case s.Owner == st.application() && !st.Leader:
		return nil, errNotLeader
	}
	return s, nil
}

// listed gives the secrets that Juju lists as the unit's own: its application's
// too, if it leads. They are as the hook that runs wants them to be.
func (st *State) listed() (own []*Secret) {
	for _, s := range st.Secrets {
		if s.Owner == st.Unit || (s.Owner == st.application() && st.Leader) {
			wanted := *s
			wanted.Revisions, wanted.Grants, wanted.Consumers = slices.Clone(s.Revisions), slices.Clone(s.Grants), nil
			own = append(own, &wanted)
		}
	}
	for _, c := range st.Running.Changes.Secrets {
		if c.Created != nil {
			own = append(own, c.Created)
		}
		if i := slices.IndexFunc(own, func(s *Secret) bool { return s.ID == c.ID }); i >= 0 && c.Removed {
			own = slices.Delete(own, i, i+1)
		} else if i >= 0 {
			c.commit(own[i], st.Unit)
		}
	}
	return own
}

// labelled finds who has a label among the secrets of an owner, committed or not.
func (st *State) labelled(label, owner string) *Secret {
	for _, c := range st.Running.Changes.Secrets {
		s := st.secretByID(c.ID)
		if c.Created != nil && c.Created.Label == label && c.Created.Owner == owner {
			return c.Created
		}
		if s != nil && c.Label == label && s.Owner == owner {
			return s
		}
	}
	for _, s := range st.Secrets {
		if s.Label == label && s.Owner == owner {
			return s
		}
	}
	return nil
}

// pending gives the content that the hook that runs has given to a secret. One
// that it made is found in every way. What it changed is seen by who looks for
// the newest, under the id, or under a label that the same call gave: not under
// the label that the secret has had, for so it is in Juju 3.
func (st *State) pending(id, label string, newest, refresh bool) map[string]string {
	var found map[string]string
	for _, c := range st.Running.Changes.Secrets {
		switch {
		case c.Created != nil && (c.ID == id || (label != "" && c.Created.Label == label)):
			found = c.Created.Revisions[0]
		case newest && len(c.Content) > 0 && (c.ID == id || (label != "" && c.Label == label)):
			found = c.Content
			c.Read = c.Read || refresh
		}
	}
	return found
}

// changeSecret adds to what the hook that runs asks for.
func (st *State) changeSecret(c *SecretChange) {
	st.Running.Changes.Secrets = append(st.Running.Changes.Secrets, c)
}

var errNoContent = errors.New("empty secret value not valid")
