package charm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Hook is what every hook does. The error is that of Juju's own tools, after
// which Juju runs the hook again.
func Hook(ctx context.Context, d Deps) error {
	_, err := pass(ctx, d, usualPatience())
	return err
}

// Knows tells whether a hook is one of the charm's. Others, such as a later Juju
// may have, are none of its business; nor are stop and remove, after which there
// is no workload.
func Knows(hook string) bool {
	fixed := []string{
		"install", "start", "config-changed", "upgrade-charm", "update-status", "leader-elected",
		"secret-changed", "secret-expired", "secret-remove", "secret-rotate",
		containerName + "-pebble-ready", containerName + "-pebble-check-failed", containerName + "-pebble-check-recovered",
	}
	if slices.Contains(fixed, hook) {
		return true
	}
	for _, e := range endpoints() {
		event, ok := strings.CutPrefix(hook, e.name+"-relation-")
		if ok && slices.Contains([]string{"created", "joined", "changed", "departed", "broken"}, event) {
			return true
		}
	}
	return false
}

// done is a pass that was made.
type done struct {
	world   World
	plan    Plan
	outcome Outcome
}

// pass observes, plans, applies, and says how it stands.
func pass(ctx context.Context, d Deps, limits patience) (done, error) {
	var p done
	var err error
	if p.world, err = observe(ctx, d); err != nil {
		return p, err
	}
	if err := asked(p.world); err != nil {
		return p, err
	}
	if p.plan, err = plan(p.world); err != nil {
		return p, err
	}
	if err := p.refusal(); err != nil {
		return p, err
	}
	if p.outcome, err = apply(ctx, d, p.world, p.plan, limits); err != nil {
		return p, err
	}
	return p, d.Tools.StatusSet(ctx, p.plan.status(p.world, p.outcome))
}

// refusal refuses a rotation that this unit could not take part in: it would
// wait for a person, and nobody would be told.
func (p done) refusal() error {
	if p.world.Asked != AskedRotation || p.plan.Workload == Serve && !p.plan.Held {
		return nil
	}
	status := p.plan.status(p.world, Outcome{})
	return fault.New(fault.Precondition, "cannot rotate the secrets: this unit is not as it should be: %s", status.Message).
		WithHint("juju status shows how it stands; run it again after that")
}

// Unit is the unit as its own actions see it.
type Unit struct{ Deps }

// Migrate migrates the database within the time, and has Kratos serve. It gives
// the version that was migrated to. It can be cut and run again.
func (u Unit) Migrate(ctx context.Context, timeout time.Duration) (version string, err error) {
	limits := usualPatience()
	limits.migration = timeout
	u.Asked = AskedMigration
	p, err := pass(ctx, u.Deps, limits)
	switch {
	case p.outcome.MigrationErr != nil:
		return "", p.outcome.MigrationErr
	case err != nil && !p.outcome.Migrated:
		return "", err
	case !p.outcome.Migrated:
		status := p.plan.status(p.world, p.outcome)
		return "", fault.New(fault.Precondition, "cannot migrate the database: Kratos would not run afterwards: %s", status.Message)
	}
	version = recordable(p.world.Container.Version)
	switch {
	case err != nil:
		return version, fault.Wrap(err, "the database was migrated").Of(fault.Partial)
	case !p.outcome.Settled || p.outcome.Failed != "":
		status := p.plan.status(p.world, p.outcome)
		return version, fault.New(fault.Partial, "the database was migrated, but Kratos does not serve: %s", firstOf(p.outcome.Failed, status.Message))
	}
	return version, nil
}

// RotateSecrets begins a rotation and gives its number. It goes on by itself: the
// new secrets are used once every unit accepts them.
func (u Unit) RotateSecrets(ctx context.Context) (number int, err error) {
	u.Asked = AskedRotation
	p, err := pass(ctx, u.Deps, usualPatience())
	if err != nil {
		return 0, err
	}
	return p.plan.Keys.Rotation.Number, nil
}

// asked refuses what an action wants where it cannot be done, before anything is
// touched.
func asked(w World) error {
	switch w.Asked {
	case AskedMigration:
		return canMigrate(w, readFacts(w))
	case AskedRotation:
		return canRotate(w, readFacts(w))
	}
	return nil
}

func canMigrate(w World, f *facts) error {
	refuse := func(format string, args ...any) *fault.Error {
		return fault.New(fault.Precondition, "cannot migrate the database: "+format, args...)
	}
	switch {
	case !w.Leader:
		return refuse("only the leader unit can run the database migration").WithHint("juju run %s/leader run-migration", w.App())
	case !w.related(relation.DatabaseEndpoint):
		return refuse("missing integration %s", relation.DatabaseEndpoint).WithHint("juju integrate %s postgresql-k8s", w.App())
	case f.database == nil:
		return refuse("the database is not created yet").WithHint("wait until juju status no longer says so")
	case !w.Container.Ready:
		return refuse("container is not connected yet").WithHint("run it again when the container is up")
	case f.peers == nil:
		return refuse("peer integration is not ready").WithHint("run it again in a moment")
	case w.Keys == nil:
		return refuse("the secrets are not created yet").WithHint("run it again in a moment")
	case w.Database == DatabaseAway:
		return refuse("the database does not answer").WithHint("juju status shows how it stands")
	case schema(w, f) == schemaNewer:
		recorded, _ := f.peers.Version(f.database.RelationID)
		return refuse(fmt.Sprintf("it was migrated by Kratos %s, and this unit runs %s", recorded, w.Container.Version)).
			WithHint("juju refresh %s to a revision or oci-image of that version or later", w.App())
	}
	return nil
}

func canRotate(w World, f *facts) error {
	refuse := func(format string, args ...any) *fault.Error {
		return fault.New(fault.Precondition, "cannot rotate the secrets: "+format, args...)
	}
	switch {
	case !w.Leader:
		return refuse("only the leader unit can").WithHint("juju run %s/leader rotate-secrets", w.App())
	case w.Keys == nil:
		return refuse("they are not created yet").WithHint("run it again in a moment")
	case f.peers == nil:
		return refuse("peer integration is not ready").WithHint("run it again in a moment")
	case w.Keys.Rotation.Step == 1:
		late := strings.Join(f.late(w, w.Keys.Rotation), ", ")
		return refuse("the last rotation is not through: %s has yet to accept its secrets", firstOf(late, "a unit")).
			WithHint("juju status shows what keeps a unit; run it again after that")
	}
	return nil
}
