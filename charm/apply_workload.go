package charm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// running names those of Kratos' services that run, or will again by
// themselves.
func (a *applier) running(services map[string]pebble.ServiceStatus) []string {
	var names []string
	for _, name := range allServices() {
		if current := services[name].Current; current != "" && current != pebble.Inactive {
			names = append(names, name)
		}
	}
	return names
}

// stop ends the services and their checks. The files go before the layer, which
// has no record of them any more; the checks after it, since it starts them
// anew.
func (a *applier) stop(ctx context.Context) error {
	if names := a.running(a.world.Container.Services); len(names) > 0 {
		if err := a.Pebble.StopServices(ctx, names...); err != nil {
			return err
		}
	}
	if err := a.replaceFiles(ctx); err != nil {
		return err
	}
	if err := a.addLayer(ctx); err != nil {
		return err
	}
	if names := a.checking(); len(names) > 0 {
		// A Pebble that cannot stop them has had their level taken away by the layer.
		if _, err := a.Pebble.StopChecks(ctx, names...); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	a.outcome.Settled = true
	return nil
}

// addLayer adds the planned layer, unless the plan has all of it.
func (a *applier) addLayer(ctx context.Context) error {
	if a.world.Container.Plan.Holds(a.plan.Layer) {
		return nil
	}
	return a.Pebble.AddLayer(ctx, layerLabel, a.plan.Layer)
}

// checking names the checks that run and can be stopped. An older Pebble, which
// cannot, gives no startup.
func (a *applier) checking() []string {
	var names []string
	for name, check := range a.world.Container.Checks {
		if check.Startup != "" && (check.Status == pebble.Up || check.Status == pebble.Down) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// serve has the services run as planned.
func (a *applier) serve(ctx context.Context) error {
	c := a.world.Container
	if !c.Plan.Holds(a.plan.Layer) || !bytes.Equal(c.Config, a.plan.Config) {
		swapped, err := a.swap(ctx)
		if err != nil {
			return err
		}
		if !swapped {
			return a.runOld(ctx)
		}
	} else if known := a.known(); known != nil {
		a.outcome.Faulty = known.Reason // it serves all the same
	}
	return a.run(ctx)
}

// known gives what is remembered of this very candidate.
func (a *applier) known() *Refused {
	if known := a.memory.Refused; known != nil && known.Candidate == a.plan.Candidate {
		return known
	}
	return nil
}

// swap has the candidate take the place of what serves, unless it is known or
// found not to work.
func (a *applier) swap(ctx context.Context) (bool, error) {
	known := a.known()
	if known != nil && a.world.serving() {
		a.outcome.Refused = known.Reason
		return false, nil
	}
	v, err := a.judge(ctx)
	if err != nil {
		return false, err
	}
	if known != nil && v.faulty == "" && a.enabled(serviceKratos) {
		a.outcome.Refused = known.Reason // not for its jsonnet, and there is another to run
		return false, nil
	}
	a.outcome.Refused, a.outcome.Undecided = v.refused, v.undecided
	if v.lasting {
		a.memory.Refused = &Refused{Candidate: a.plan.Candidate, Reason: v.refused}
	}
	if v.refused != "" || v.undecided != "" {
		return false, nil
	}
	return true, a.accept(ctx, v.faulty)
}

// accept replaces what serves by the candidate. What is wrong with that is
// remembered first: once it is in place, nobody looks for it again.
func (a *applier) accept(ctx context.Context, faulty string) error {
	a.outcome.Faulty, a.memory.Refused = faulty, nil
	if faulty != "" {
		a.memory.Refused = &Refused{Candidate: a.plan.Candidate, Reason: faulty}
		if err := a.remember(ctx); err != nil {
			return err
		}
	}
	return a.replace(ctx)
}

// enabled tells whether the layer that is there has the service run.
func (a *applier) enabled(name string) bool {
	return a.world.Container.Plan.Services[name].Startup == pebble.Enabled
}

// run starts and restarts what has changed, and says how it fares. Pebble also
// starts a disabled service that ran once and whose plan has changed, so it is
// stopped afterwards.
func (a *applier) run(ctx context.Context) error {
	failure, err := failureOf(a.Pebble.Replan(ctx))
	if err != nil {
		return err
	}
	return a.report(ctx, failure, map[string]bool{serviceKratos: true, serviceCourier: a.plan.Courier, serviceUI: a.plan.UI})
}

// runOld has the services run by the layer that is there, since the planned one
// does not take its place. They are named: a replan would start for a moment
// what the plan does not want any more.
func (a *applier) runOld(ctx context.Context) error {
	wanted := map[string]bool{
		serviceKratos: a.enabled(serviceKratos), serviceCourier: a.plan.Courier && a.enabled(serviceCourier), serviceUI: a.plan.UI && a.enabled(serviceUI),
	}
	var down []string
	for _, name := range allServices() {
		if wanted[name] && a.world.Container.Services[name].Current != pebble.Active {
			down = append(down, name)
		}
	}
	var failure, err error
	if len(down) > 0 {
		failure, err = failureOf(a.Pebble.StartServices(ctx, down...))
	}
	if err == nil {
		err = a.report(ctx, failure, wanted)
	}
	a.outcome.Settled = false
	return err
}

// report stops what is not wanted, and says how the rest fares.
func (a *applier) report(ctx context.Context, failure error, wanted map[string]bool) error {
	now, err := a.Pebble.Services(ctx, allServices()...)
	if err != nil {
		return err
	}
	for _, name := range []string{serviceCourier, serviceUI} {
		if !wanted[name] && slices.Contains(a.running(now), name) {
			if err := a.Pebble.StopServices(ctx, name); err != nil {
				return err
			}
		}
	}
	a.outcome.CourierFailed = wanted[serviceCourier] && now[serviceCourier].Current != pebble.Active
	a.outcome.UIFailed = wanted[serviceUI] && now[serviceUI].Current != pebble.Active
	before := a.world.Container.Services[serviceKratos]
	switch kratos := now[serviceKratos]; {
	case kratos.Current != pebble.Active && !wanted[serviceKratos]:
	case kratos.Current != pebble.Active:
		a.outcome.Failed = a.reason(failure)
	case before.Current != pebble.Active || !before.CurrentSince.Equal(kratos.CurrentSince):
		return a.await(ctx)
	default:
		a.outcome.Settled = true
		a.outcome.ReadyDown = a.world.Container.Checks[checkReady].Status == pebble.Down
	}
	return nil
}

// failureOf gives, apart from any other error, that of a service that did not
// start.
func failureOf(err error) (failure, other error) {
	var failed *pebble.Failure
	if errors.As(err, &failed) {
		return err, nil
	}
	return nil, err
}

const exitsAtOnce = "it exits at once"

// reason tells why Kratos did not start, as far as what it printed tells.
func (a *applier) reason(failure error) string {
	if failure == nil {
		return exitsAtOnce
	}
	var printed strings.Builder
	for line := range strings.Lines(pebble.Detail(failure)) {
		printed.WriteString(strings.TrimPrefix(line, "    ")) // Pebble's indent
	}
	if reason := kratosconf.Refusal([]byte(printed.String())); reason != "" {
		return a.hide(reason)
	}
	return exitsAtOnce
}

// await waits until Kratos, which has just started, is up.
func (a *applier) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.patience.ready)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if ready(ctx, a.world.Ports.Admin) {
			a.outcome.Settled = true
			return nil
		}
		select {
		case <-ctx.Done():
			a.outcome.Failed = "it does not become ready"
			return nil
		case <-tick.C:
		}
		now, err := a.Pebble.Services(ctx, serviceKratos)
		switch {
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil && now[serviceKratos].Current != pebble.Active:
			a.outcome.Failed = exitsAtOnce
			return nil
		}
	}
}

// memoryPatience is how long the memory's file may take that is written when all
// else was done.
const memoryPatience = 10 * time.Second

// remember leaves the memory in the container.
func (a *applier) remember(ctx context.Context) error { return a.leave(ctx, a.memory) }

// leave writes a memory, where it is another one than lies there.
func (a *applier) leave(ctx context.Context, m Memory) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if have, err := json.Marshal(a.left); err == nil && bytes.Equal(have, text) {
		return nil
	}
	if err := a.Pebble.WriteFiles(ctx, private(memoryPath, text)); err != nil {
		return err
	}
	a.left = m
	return nil
}
