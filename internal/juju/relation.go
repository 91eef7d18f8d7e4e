package juju

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// RelationIDs gives the relations of an endpoint, as "smtp:5", oldest first.
func (t Tools) RelationIDs(ctx context.Context, endpoint string) ([]string, error) {
	var ids []string
	if err := t.get(ctx, &ids, "relation-ids", endpoint); err != nil {
		return nil, fault.Wrap(err, "cannot list the relations of %s", endpoint)
	}
	slices.SortFunc(ids, numbered(":"))
	return ids, nil
}

// RelationApp gives the application on the other side of a relation; for a
// peer relation, the unit's own. It is empty where Juju does not know it.
func (t Tools) RelationApp(ctx context.Context, relation string) (string, error) {
	var app string
	if err := t.get(ctx, &app, "relation-list", "-r", relation, "--app"); err != nil {
		return "", related(err, "cannot tell the application of relation %s", relation)
	}
	return app, nil
}

// RelationUnits gives the units on the other side of a relation; for a peer
// relation, the others of the application. They are in the order of their
// numbers.
func (t Tools) RelationUnits(ctx context.Context, relation string) ([]string, error) {
	var units []string
	if err := t.get(ctx, &units, "relation-list", "-r", relation); err != nil {
		return nil, related(err, "cannot list the units of relation %s", relation)
	}
	slices.SortFunc(units, numbered("/"))
	return units, nil
}

// RelationGet gives the databag of a unit, which may be the own one. What this
// hook wrote is in it.
func (t Tools) RelationGet(ctx context.Context, relation, unit string) (map[string]string, error) {
	return t.databag(ctx, relation, unit)
}

// RelationGetApp gives the databag of an application. The own one is for the
// leader alone, except in a peer relation: else the error is of kind
// Precondition.
func (t Tools) RelationGetApp(ctx context.Context, relation, app string) (map[string]string, error) {
	return t.databag(ctx, relation, app, "--app")
}

func (t Tools) databag(ctx context.Context, relation, of string, flags ...string) (map[string]string, error) {
	var bag map[string]string
	args := append([]string{"-r", relation}, flags...)
	if err := t.get(ctx, &bag, "relation-get", append(args, "-", of)...); err != nil {
		return nil, related(err, "cannot read what %s says in relation %s", of, relation)
	}
	if bag == nil {
		bag = map[string]string{}
	}
	return bag, nil
}

// RelationSet changes the unit's own databag, once the hook has succeeded. A
// key that is set and removed is set. Juju keeps no key without a value: one
// that is set to nothing is removed.
func (t Tools) RelationSet(ctx context.Context, relation string, set map[string]string, remove []string) error {
	return t.writeDatabag(ctx, relation, set, remove)
}

// RelationSetApp changes the application's own databag like
// [Tools.RelationSet]. It is for the leader alone: else the error is of kind
// Precondition.
func (t Tools) RelationSetApp(ctx context.Context, relation string, set map[string]string, remove []string) error {
	return t.writeDatabag(ctx, relation, set, remove, "--app")
}

func (t Tools) writeDatabag(ctx context.Context, relation string, set map[string]string, remove []string, flags ...string) error {
	values := make(map[string]string, len(set)+len(remove))
	for _, key := range remove {
		values[key] = ""
	}
	maps.Copy(values, set)
	if len(values) == 0 {
		return nil
	}
	text, err := document(values)
	if err != nil {
		return fault.Wrap(err, "cannot write to relation %s", relation)
	}
	args := append([]string{"-r", relation}, flags...)
	if err := t.feed(ctx, text, "relation-set", append(args, "--file", "-")...); err != nil {
		return related(err, "cannot write to relation %s", relation)
	}
	return nil
}

// network is what network-get prints, as far as it is of use.
type network struct {
	Bind []struct {
		Addresses []struct {
			Value string `json:"value"`
		} `json:"addresses"`
	} `json:"bind-addresses"`
}

// BindAddress gives the address at which the unit's pod is reached through an
// endpoint, or nothing where it has none yet.
func (t Tools) BindAddress(ctx context.Context, endpoint string) (string, error) {
	var n network
	err := t.get(ctx, &n, "network-get", endpoint)
	if says(err, "no network config found") {
		return "", nil
	}
	if err != nil {
		return "", fault.Wrap(err, "cannot tell the unit's address at %s", endpoint)
	}
	for _, device := range n.Bind {
		for _, address := range device.Addresses {
			if address.Value != "" {
				return address.Value, nil
			}
		}
	}
	return "", nil
}

// related says what a relation tool refused, and of which kind that is. Juju's
// versions have only these words in common.
func related(err error, format string, args ...any) *fault.Error {
	wrapped := fault.Wrap(err, format, args...)
	switch {
	case says(err, "not found"):
		return wrapped.Of(fault.NotFound)
	case says(err, "permission denied"), says(err, "cannot write relation settings"):
		return wrapped.Of(fault.Precondition)
	}
	return wrapped
}

// says tells whether a tool ran and failed with these words, in any case.
func says(err error, words string) bool {
	var f *failure
	return errors.As(err, &f) && strings.Contains(strings.ToLower(f.said), words)
}

// numbered orders names by the number that they end in, which counts up.
func numbered(before string) func(a, b string) int {
	number := func(name string) (string, int) {
		i := strings.LastIndex(name, before)
		n, err := strconv.Atoi(name[i+1:])
		if i < 0 || err != nil {
			return name, 0
		}
		return name[:i], n
	}
	return func(a, b string) int {
		nameA, a1 := number(a)
		nameB, b1 := number(b)
		return cmp.Or(strings.Compare(nameA, nameB), cmp.Compare(a1, b1), strings.Compare(a, b))
	}
}
