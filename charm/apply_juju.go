package charm

import (
	"context"
	"slices"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

// keepKeys has Juju keep the keys before anything runs with them: what they
// protect must be readable in the next pass too.
func (a *applier) keepKeys(ctx context.Context) error {
	if a.plan.Keys == nil {
		return nil
	}
	content := a.plan.Keys.content()
	if a.plan.NewKeys {
		_, err := a.Tools.SecretAdd(ctx, keysLabel, "What Kratos signs and encrypts with", content)
		return err
	}
	id, err := a.Tools.OwnSecretID(ctx, keysLabel)
	if err != nil {
		return err
	}
	return a.Tools.SecretSet(ctx, id, content)
}

// tellJuju writes what others learn of this unit.
func (a *applier) tellJuju(ctx context.Context) error {
	for _, bag := range a.bags() {
		if err := a.writeBag(ctx, bag); err != nil {
			return err
		}
	}
	for _, port := range a.plan.OpenPorts {
		if err := a.Tools.OpenPort(ctx, port); err != nil {
			return err
		}
	}
	if c := a.world.Container; c.VersionAsked && c.Version != "" {
		return a.Tools.VersionSet(ctx, c.Version)
	}
	return nil
}

// bags gives the databags as they should be after what was done.
func (a *applier) bags() []Bag {
	bags := slices.Clone(a.plan.Bags)
	if a.plan.Migrated != nil && a.outcome.Migrated {
		bags = replaceBag(bags, *a.plan.Migrated)
	}
	if a.plan.Acknowledged != nil && a.outcome.Settled {
		bags = replaceBag(bags, *a.plan.Acknowledged)
	}
	return bags
}

// replaceBag gives the bags where one has taken the place of that of its relation.
func replaceBag(bags []Bag, b Bag) []Bag {
	for i := range bags {
		if bags[i].Relation.ID != b.Relation.ID {
			continue
		}
		if b.App != nil {
			bags[i].App = b.App
		}
		if b.Unit != nil {
			bags[i].Unit = b.Unit
		}
		return bags
	}
	return append(bags, b)
}

// writeBag writes what differs, in one call for each databag.
func (a *applier) writeBag(ctx context.Context, b Bag) error {
	r := b.Relation
	if b.App != nil && a.world.Leader {
		if set, remove := relation.Diff(r.LocalApp, b.App); len(set)+len(remove) > 0 {
			if err := a.Tools.RelationSetApp(ctx, r.String(), set, remove); err != nil {
				return err
			}
		}
	}
	if b.Unit != nil {
		if set, remove := relation.Diff(r.LocalUnit, b.Unit); len(set)+len(remove) > 0 {
			return a.Tools.RelationSet(ctx, r.String(), set, remove)
		}
	}
	return nil
}

// kubernetes does what is to be done there, the limits last: they have
// Kubernetes replace this pod. Of several errors the first is told.
func (a *applier) kubernetes(ctx context.Context) {
	if len(a.plan.ConfigMaps) == 0 && a.plan.Limits == nil {
		return
	}
	note := func(err error) {
		if a.outcome.ClusterErr == nil {
			a.outcome.ClusterErr = err
		}
	}
	client, err := a.Cluster()
	if err != nil {
		note(err)
		return
	}
	for _, name := range a.plan.ConfigMaps {
		note(client.CreateConfigMap(ctx, name))
	}
	if a.plan.Limits != nil {
		note(client.SetLimits(ctx, containerName, *a.plan.Limits))
	}
}

// notePending leaves in the container whether Kubernetes has all that it was to
// have, for the hooks that would not ask otherwise. It comes after the limits:
// where those were refused, there still is a container to leave it in.
func (a *applier) notePending(ctx context.Context) {
	memory := a.left
	switch cluster := a.world.Cluster; {
	case a.outcome.ClusterErr != nil:
		memory.Pending = true
	case cluster.Asked && cluster.Err == nil:
		memory.Pending = false
	}
	if !a.world.Container.Ready || a.outcome.ContainerGone {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, memoryPatience)
	defer cancel()
	if err := a.leave(ctx, memory); err != nil && !gone(err) {
		a.Tell(ctx, a.hide(err.Error()))
	}
}
