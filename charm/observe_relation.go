package charm

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// endpoint is one of metadata.yaml, and how its relations are read.
type endpoint struct {
	name string
	read func(*observer, context.Context, *relation.Relation) error
}

// endpoints are all that the charm has. Each call of a hook tool is a process:
// of a relation, only what the charm uses is asked for.
func endpoints() []endpoint {
	return []endpoint{
		{relation.PeersEndpoint, (*observer).readPeers},
		{relation.DatabaseEndpoint, (*observer).readBoth},
		{relation.ExternalIDPEndpoint, (*observer).readBoth},
		{relation.InternalRouteEndpoint, (*observer).readBoth},
		{relation.PublicRouteEndpoint, (*observer).readBoth},
		{relation.TracingEndpoint, (*observer).readBoth},
		{relation.CACertsEndpoint, (*observer).readCACerts},
		{relation.HydraEndpoint, (*observer).readRemote},
		{relation.LoginUIEndpoint, (*observer).readRemote},
		{relation.RegistrationWebhookEndpoint, (*observer).readRemote},
		{relation.LoginWebhookEndpoint, (*observer).readRemote},
		{relation.SMTPEndpoint, (*observer).readRemote},
		{relation.LoggingEndpoint, (*observer).readLogging},
		{relation.MetricsEndpoint, (*observer).readMetrics},
		{relation.KratosInfoEndpoint, (*observer).readLocal},
		{relation.DashboardEndpoint, (*observer).readLocal},
	}
}

// relations reads all but the one that is being broken: Juju still lists it, and
// what it contributed is to go.
func (o *observer) relations(ctx context.Context) error {
	o.world.Relations = map[string][]relation.Relation{}
	for _, e := range endpoints() {
		ids, err := o.Tools.RelationIDs(ctx, e.name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if o.hook == e.name+"-relation-broken" && o.Getenv("JUJU_RELATION_ID") == id {
				continue
			}
			number, err := strconv.Atoi(strings.TrimPrefix(id, e.name+":"))
			if err != nil {
				return fault.New(fault.Internal, "cannot read relation %q of %s: its name has no number", id, e.name)
			}
			r := relation.Relation{ID: number, Endpoint: e.name}
			if err := e.read(o, ctx, &r); err != nil {
				return err
			}
			o.world.Relations[e.name] = append(o.world.Relations[e.name], r)
		}
	}
	return nil
}

// readBoth reads what both applications wrote.
func (o *observer) readBoth(ctx context.Context, r *relation.Relation) error {
	if err := o.readRemote(ctx, r); err != nil {
		return err
	}
	return o.readLocal(ctx, r)
}

// readRemote reads what the application on the other side wrote.
func (o *observer) readRemote(ctx context.Context, r *relation.Relation) (err error) {
	if r.App, err = o.Tools.RelationApp(ctx, r.String()); err != nil {
		return err
	}
	return o.readRemoteApp(ctx, r)
}

// readRemoteApp reads its databag. Where Juju does not know the application,
// there is none yet.
func (o *observer) readRemoteApp(ctx context.Context, r *relation.Relation) (err error) {
	r.RemoteApp = relation.Databag{}
	if r.App != "" {
		r.RemoteApp, err = databag(o.Tools.RelationGetApp(ctx, r.String(), r.App))
	}
	return err
}

// readLocal reads what this application wrote, which Juju shows to the leader
// alone.
func (o *observer) readLocal(ctx context.Context, r *relation.Relation) (err error) {
	if o.world.Leader {
		r.LocalApp, err = databag(o.Tools.RelationGetApp(ctx, r.String(), o.world.App()))
	}
	return err
}

// readLocalUnit reads what this unit wrote.
func (o *observer) readLocalUnit(ctx context.Context, r *relation.Relation) (err error) {
	r.LocalUnit, err = databag(o.Tools.RelationGet(ctx, r.String(), o.world.Unit))
	return err
}

// readUnits reads what the units wrote.
func (o *observer) readUnits(ctx context.Context, r *relation.Relation, units []string) (err error) {
	r.RemoteUnits = map[string]relation.Databag{}
	for _, unit := range units {
		if r.RemoteUnits[unit], err = databag(o.Tools.RelationGet(ctx, r.String(), unit)); err != nil {
			return err
		}
	}
	return nil
}

func databag(content map[string]string, err error) (relation.Databag, error) { return content, err }

func (o *observer) readMetrics(ctx context.Context, r *relation.Relation) error {
	if err := o.readLocal(ctx, r); err != nil {
		return err
	}
	return o.readLocalUnit(ctx, r)
}

// readLogging reads the units, since there they are who speaks.
func (o *observer) readLogging(ctx context.Context, r *relation.Relation) error {
	units, err := o.Tools.RelationUnits(ctx, r.String())
	if err != nil {
		return err
	}
	r.App = ofUnits(units)
	if err := o.readUnits(ctx, r, units); err != nil {
		return err
	}
	return o.readLocal(ctx, r)
}

// readCACerts reads the units too where they speak version 0. It is they who are
// listed, since their names tell the application's as well.
func (o *observer) readCACerts(ctx context.Context, r *relation.Relation) error {
	units, err := o.Tools.RelationUnits(ctx, r.String())
	if err != nil {
		return err
	}
	if r.App = ofUnits(units); r.App != "" {
		err = o.readRemoteApp(ctx, r)
	} else {
		err = o.readRemote(ctx, r)
	}
	if err != nil {
		return err
	}
	if certificates := r.RemoteApp["certificates"]; r.RemoteApp["version"] != "1" && (certificates == "" || certificates == "[]") {
		if err := o.readUnits(ctx, r, units); err != nil {
			return err
		}
	}
	return o.readLocal(ctx, r)
}

// ofUnits gives the application that the units belong to, if there are any.
func ofUnits(units []string) string {
	if len(units) == 0 {
		return ""
	}
	return juju.Application(units[0])
}

// readPeers reads the application's databag, which here every unit may read, and
// this unit's. What the others wrote counts only in a rotation, for the leader
// that waits for them.
func (o *observer) readPeers(ctx context.Context, r *relation.Relation) error {
	r.App = o.world.App()
	if err := o.readRemoteApp(ctx, r); err != nil {
		return err
	}
	if err := o.readLocalUnit(ctx, r); err != nil || !o.world.Leader {
		return err
	}
	r.LocalApp = maps.Clone(r.RemoteApp)
	if !o.rotating(*r) {
		return nil
	}
	units, err := o.Tools.RelationUnits(ctx, r.String())
	if err != nil {
		return err
	}
	return o.readUnits(ctx, r, units)
}

// rotating tells whether a rotation is at its first step, by the keys or by what
// the peers were told. The two should say the same; where they do not, a step too
// early would cost people their sessions.
func (o *observer) rotating(peers relation.Relation) bool {
	if o.world.Keys != nil && o.world.Keys.Rotation.Step == 1 {
		return true
	}
	p, err := relation.ReadPeers(peers, o.world.Unit)
	return err == nil && p.Rotation.Step == 1 // whoever uses it meets the error
}

// granted reads the secrets that relations name. One that Juju refuses is left
// out, and so is one whose name it would not take for an id: what a neighbour
// wrote must not fail the hook.
func (o *observer) granted(ctx context.Context) error {
	o.world.Granted = relation.Secrets{}
	for _, ref := range o.secrets() {
		content, err := o.Tools.SecretGetLabelled(ctx, ref.ID, ref.Label)
		switch {
		case errors.Is(err, juju.ErrSecretNotFound), errors.Is(err, juju.ErrSecretDenied), fault.KindOf(err) == fault.Usage:
		case err != nil:
			return err
		default:
			o.world.Granted[ref.ID] = content
		}
	}
	return nil
}

// secrets lists each secret that a relation names, once.
func (o *observer) secrets() []relation.SecretRef {
	var all []relation.SecretRef
	seen := map[string]bool{}
	for _, e := range endpoints() {
		for _, r := range o.world.Relations[e.name] {
			for _, ref := range relation.SecretRefs(r) {
				if !seen[ref.ID] {
					seen[ref.ID] = true
					all = append(all, ref)
				}
			}
		}
	}
	return all
}
