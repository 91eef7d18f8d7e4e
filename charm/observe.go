package charm

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// observer finds out what a pass has to know, each fact once.
type observer struct {
	Deps
	// hook is the name of the hook that runs; empty in an action.
	hook   string
	action bool
	world  World
}

// observe asks for all facts. Only Juju's own tools make it fail, after which
// Juju runs the hook again: that Pebble, the database or Kubernetes does not
// answer is a fact like others. The application's secret fails it too where it
// holds something else than keys, which is for a person to see.
func observe(ctx context.Context, d Deps) (World, error) {
	o := &observer{Deps: d}
	o.environment()
	for _, ask := range []func(context.Context) error{
		o.unit, o.keys, o.relations, o.granted, o.address, o.template, o.program,
	} {
		if err := ask(ctx); err != nil {
			return World{}, err
		}
	}
	o.container(ctx)
	o.database(ctx)
	o.cluster(ctx)
	if err := ctx.Err(); err != nil { // what did not answer was not given the time to
		return World{}, fault.Wrap(err, "cannot look at the unit's surroundings")
	}
	return o.world, nil
}

// environment reads what Juju set for this dispatch.
func (o *observer) environment() {
	path := o.Getenv("JUJU_DISPATCH_PATH")
	o.hook, _ = strings.CutPrefix(path, "hooks/")
	if strings.HasPrefix(path, "actions/") {
		o.hook, o.action = "", true
	}
	o.world = World{
		Unit: o.Getenv("JUJU_UNIT_NAME"), Model: o.Getenv("JUJU_MODEL_NAME"), ModelUUID: o.Getenv("JUJU_MODEL_UUID"),
		Ports: o.Ports, Asked: o.Asked,
	}
	if o.world.Ports.Public == 0 {
		o.world.Ports.Public = relation.PublicPort
	}
	if o.world.Ports.Admin == 0 {
		o.world.Ports.Admin = relation.AdminPort
	}
	if o.world.Ports.UI == 0 {
		o.world.Ports.UI = relation.UIPort
	}
}

// unit asks what Juju tells of the unit itself.
func (o *observer) unit(ctx context.Context) error {
	given, err := o.Tools.ConfigGet(ctx)
	if err != nil {
		return err
	}
	if o.world.Options, err = readOptions(given); err != nil {
		return err
	}
	if o.world.Leader, err = o.Tools.IsLeader(ctx); err != nil {
		return err
	}
	o.world.OpenPorts, err = o.Tools.OpenedPorts(ctx)
	return err
}

// keys reads the application's own secret, and draws others for the case that
// there is none.
func (o *observer) keys(ctx context.Context) (err error) {
	if o.world.Fresh, err = freshKeys(o.Random); err != nil {
		return err
	}
	content, err := o.Tools.OwnSecret(ctx, keysLabel)
	if errors.Is(err, juju.ErrSecretNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	keys, err := readKeys(content)
	if err != nil {
		return err
	}
	o.world.Keys = &keys
	return nil
}

// address asks for this unit's address, which is for Prometheus alone.
func (o *observer) address(ctx context.Context) (err error) {
	if o.world.related(relation.MetricsEndpoint) {
		o.world.Address, err = o.Tools.BindAddress(ctx, relation.MetricsEndpoint)
	}
	return err
}

// callLimit bounds each call to Pebble, and the look into the database.
const callLimit = 5 * time.Second

// bounded gives a call the time that it may take.
func bounded[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return call(ctx)
}
