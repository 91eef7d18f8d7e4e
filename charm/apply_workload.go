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
		if swapped, err := a.swap(ctx); !swapped || err != nil {
			return err
		}
	}
	return a.run(ctx)
}

// swap has the candidate take the place of what serves, unless it is known or
// found not to work.
func (a *applier) swap(ctx context.Context) (bool, error) {
	if known := a.memory.Refused; known != nil && known.Candidate == a.plan.Candidate {
		a.outcome.Refused = known.Reason
		return false, nil
	}
	v, err := a.judge(ctx)
	if err != nil {
		return false, err
	}
	a.outcome.Refused, a.outcome.Undecided = v.refused, v.undecided
	if v.lasting {
		a.memory.Refused = &Refused{Candidate: a.plan.Candidate, Reason: v.refused}
	}
	if v.refused != "" || v.undecided != "" {
		return false, nil
	}
	a.memory.Refused = nil
	return true, a.replace(ctx)
}

// run starts and restarts what has changed, and says how it fares. Pebble also
// starts a disabled service that ran once and whose plan has changed, so it is
// stopped afterwards.
func (a *applier) run(ctx context.Context) error {
	failure, err := a.replan(ctx)
	if err != nil {
		return err
	}
	now, err := a.Pebble.Services(ctx, allServices()...)
	if err != nil {
		return err
	}
	for name, wanted := range map[string]bool{serviceCourier: a.plan.Courier, serviceUI: a.plan.UI} {
		if !wanted && slices.Contains(a.running(now), name) {
			if err := a.Pebble.StopServices(ctx, name); err != nil {
				return err
			}
		}
	}
	a.outcome.CourierFailed = a.plan.Courier && now[serviceCourier].Current != pebble.Active
	a.outcome.UIFailed = a.plan.UI && now[serviceUI].Current != pebble.Active
	before := a.world.Container.Services[serviceKratos]
	switch kratos := now[serviceKratos]; {
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

// replan gives, apart from an error of its own, that of a service that did not
// start.
func (a *applier) replan(ctx context.Context) (failure, err error) {
	err = a.Pebble.Replan(ctx)
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

// remember leaves the memory in the container, where it is another one than
// lies there.
func (a *applier) remember(ctx context.Context) error {
	text, err := json.Marshal(a.memory)
	if err != nil {
		return err
	}
	if have, err := json.Marshal(a.world.Container.Memory); err == nil && bytes.Equal(have, text) {
		return nil
	}
	return a.Pebble.WriteFiles(ctx, private(memoryPath, text))
}
