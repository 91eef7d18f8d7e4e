package charm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// patience is how long the steps of a pass may take.
type patience struct {
	migration time.Duration // of the database
	trial     time.Duration // of a candidate, to be ready or to end
	ready     time.Duration // of Kratos, once started
	rest      time.Duration // of all else together that is asked of Pebble
}

// whole is how long the work in the container may take from begin to end.
func (p patience) whole() time.Duration { return p.migration + p.trial + p.ready + p.rest }

// usualPatience is that of every hook. Kratos asks for a database that is away
// for minutes, so each step has an end of its own.
func usualPatience() patience {
	return patience{migration: 120 * time.Second, trial: 15 * time.Second, ready: 20 * time.Second, rest: time.Minute}
}

// applier carries out one plan.
type applier struct {
	Deps
	world    World
	plan     Plan
	patience patience
	memory   Memory // to be left in the container
	left     Memory // what lies there
	outcome  Outcome
}

// apply does what the plan has and the world has not, in an order in which it
// can be cut anywhere and run again. The error is that of Juju's own tools, or
// of the context that ended; all else is told by the outcome.
func apply(ctx context.Context, d Deps, w World, p Plan, limits patience) (Outcome, error) {
	a := &applier{Deps: d, world: w, plan: p, patience: limits, memory: p.Memory, left: w.Container.Memory}
	// What is refused and what is pending are known here alone; see swap and
	// notePending.
	a.memory.Refused, a.memory.Pending = a.left.Refused, a.left.Pending
	if err := a.keepKeys(ctx); err != nil {
		return a.outcome, err
	}
	a.workload(ctx)
	if err := ctx.Err(); err != nil {
		return a.outcome, fault.Wrap(err, "cannot carry out the plan")
	}
	if err := a.tellJuju(ctx); err != nil {
		return a.outcome, err
	}
	a.kubernetes(ctx)
	a.notePending(ctx)
	return a.outcome, nil
}

// workload does what is to be done in the container, where there is one. A
// Pebble that takes requests and answers none must not keep the pass from telling
// Juju.
func (a *applier) workload(ctx context.Context) {
	if !a.world.Container.Ready {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, a.patience.whole())
	defer cancel()
	err := a.carryOut(ctx)
	if err == nil {
		return
	}
	a.outcome.Settled = false
	switch {
	case gone(err):
		a.outcome.ContainerGone = true
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		a.outcome.Failed = fmt.Sprintf("the container's Pebble did not do within %s what it was asked for", a.patience.whole())
	default:
		a.outcome.Failed = a.hide(err.Error())
	}
}

func (a *applier) carryOut(ctx context.Context) error {
	if a.plan.Migrate {
		if err := a.migrate(ctx); err != nil {
			a.outcome.MigrationErr = err
			return onlyGone(err)
		}
		a.outcome.Migrated = true
	}
	var err error
	switch a.plan.Workload {
	case Stop:
		err = a.stop(ctx)
	case Serve:
		err = a.serve(ctx)
	default:
		a.outcome.Settled = len(a.running(a.world.Container.Services)) == 0
	}
	if err != nil {
		return err
	}
	return a.remember(ctx)
}

// hide gives a text without any secret of the pass.
func (a *applier) hide(text string) string { return mask(text, a.plan.Secrets) }

// gone tells whether Pebble stopped answering: it is not there, or it ended the
// connection. A refusal is an answer.
func gone(err error) bool {
	var refusal *pebble.Refusal
	return errors.Is(err, pebble.ErrNotReady) || fault.KindOf(err) == fault.Unavailable && !errors.As(err, &refusal)
}

func onlyGone(err error) error {
	if gone(err) {
		return err
	}
	return nil
}
