package charm

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

// wantOutcome compares all that a pass tells.
func wantOutcome(t *testing.T, got, want Outcome) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestApplyServes(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	p := r.plan(planned{config: "a: 1", courier: true, files: map[string][]byte{caPath: []byte("authority"), recoveryPath: []byte("template")}})
	wantOutcome(t, r.apply(p), Outcome{Settled: true})
	if string(r.read(configPath)) != "a: 1" || string(r.read(caPath)) != "authority" || string(r.read(recoveryPath)) != "template" {
		t.Error("not all files are there")
	}
	for _, path := range []string{configPath, caPath} {
		if info, err := os.Stat(r.double.Path(path)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", path, info, err)
		}
	}
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
	if diff := cmp.Diff([]string{"courier", "serve"}, r.started()); diff != "" {
		t.Error(diff)
	}
}

// Files are recorded by their hashes: what is the same is left, what is no
// longer wanted goes, and the service that reads them starts anew.
func TestApplyReplacesFiles(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.apply(r.plan(planned{config: "a: 1", files: map[string][]byte{caPath: []byte("old"), recoveryPath: []byte("template"), databaseCAPath: []byte("gone")}}))
	kept, err := os.Stat(r.double.Path(recoveryPath))
	if err != nil {
		t.Fatal(err)
	}
	p := r.plan(planned{config: "a: 1", files: map[string][]byte{caPath: []byte("new"), recoveryPath: []byte("template")}})
	r.started()
	wantOutcome(t, r.apply(p), Outcome{Settled: true})
	if string(r.read(caPath)) != "new" || r.read(databaseCAPath) != nil {
		t.Error("the files are not as planned")
	}
	if now, err := os.Stat(r.double.Path(recoveryPath)); err != nil || !os.SameFile(now, kept) {
		t.Error("a file that is the same was written again")
	}
	if got := r.started(); !slices.Equal(got, []string{"serve"}) {
		t.Errorf("started: %s", got)
	}
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

// Kratos reloads its file by itself.
func TestApplyRestartsNothingForAConfiguration(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.apply(r.plan(planned{config: "a: 1"}))
	since := r.look().Container.Services[serviceKratos].CurrentSince
	p := r.plan(planned{config: "a: 2"})
	wantOutcome(t, r.apply(p), Outcome{Settled: true})
	if now := r.look().Container.Services[serviceKratos].CurrentSince; !now.Equal(since) || string(r.read(configPath)) != "a: 2" {
		t.Error("it was restarted, or has the old configuration")
	}
	if slices.Contains(r.double.Journal(), "POST /v1/layers") {
		t.Error("a layer that is there was added")
	}
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

func TestApplyStops(t *testing.T) {
	t.Parallel()
	for name, old := range map[string]bool{"new Pebble": false, "old Pebble": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond, Old: old})
			check := pebble.Check{Override: pebble.Replace, Level: "ready", TCP: &pebble.TCPCheck{Port: r.public}}
			p := r.plan(planned{config: "a: 1", courier: true, check: check, files: map[string][]byte{verificationPath: []byte("template")}})
			r.apply(p)
			wantOutcome(t, r.apply(stopped(p)), Outcome{Settled: true})
			if r.read(verificationPath) != nil {
				t.Error("a file of the services is left")
			}
			c := r.look().Container
			if c.Services[serviceKratos].Current != pebble.Inactive || c.Services[serviceCourier].Current != pebble.Inactive {
				t.Errorf("they are %+v", c.Services)
			}
			if status := c.Checks[checkReady]; status.Level != "" || !old && status.Status != "inactive" {
				t.Errorf("the check is %+v", status)
			}
			wantOutcome(t, r.steady(stopped(p)), Outcome{Settled: true})
			wantOutcome(t, r.apply(p), Outcome{Settled: true})
			if status := r.look().Container.Checks[checkReady].Status; status != pebble.Up {
				t.Errorf("serving again, the check is %q", status)
			}
			wantOutcome(t, r.steady(p), Outcome{Settled: true})
		})
	}
}

func TestApplyLeavesAlone(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	p := r.plan(planned{config: "a: 1"})
	leave := Plan{Workload: Leave}
	wantOutcome(t, r.steady(leave), Outcome{Settled: true})
	r.apply(p)
	wantOutcome(t, r.steady(leave), Outcome{})
	if r.current(serviceKratos) != pebble.Active {
		t.Error("what was to be left alone was stopped")
	}
}

func TestApplyWithoutContainer(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{})
	p := r.plan(planned{config: "a: 1"})
	p.Migrate, p.Try = true, true
	r.double.Forget()
	o, err := apply(t.Context(), r.deps, r.world, p, usualPatience())
	if err != nil || len(r.double.Journal()) > 0 {
		t.Errorf("%v: %s", err, r.double.Journal())
	}
	wantOutcome(t, o, Outcome{})
}

// The courier runs where it is planned, and nowhere else.
func TestApplyCourier(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	leads, follows := r.plan(planned{config: "a: 1", courier: true}), r.plan(planned{config: "a: 1"})
	wantOutcome(t, r.apply(leads), Outcome{Settled: true})
	for range 2 { // Pebble's replan starts a courier that ran and has changed
		wantOutcome(t, r.apply(follows), Outcome{Settled: true})
		if got := r.current(serviceCourier); got != pebble.Inactive {
			t.Errorf("another leads, the courier is %s", got)
		}
		wantOutcome(t, r.steady(follows), Outcome{Settled: true})
		wantOutcome(t, r.apply(leads), Outcome{Settled: true})
		if got := r.current(serviceCourier); got != pebble.Active {
			t.Errorf("this one leads, the courier is %s", got)
		}
	}
	r.behave("courier", "say:Error: "+applyMark)
	p := r.plan(planned{config: "a: 1", courier: true, env: map[string]string{"A": "b"}})
	r.double.Stop() // a longer grace, so that an early end is seen on a busy machine
	wantOutcome(t, r.afterRestart(2*time.Second, p), Outcome{Settled: true, CourierFailed: true})
}

// afterRestart applies a plan to the same container, newly started.
func (r *applyRig) afterRestart(grace time.Duration, p Plan) Outcome {
	r.t.Helper()
	fresh := newApplyRig(r.t, r.fake+"/kratos", pebbletest.Options{Grace: grace})
	fresh.world, fresh.fake, fresh.seen = r.world, r.fake, r.seen
	return fresh.apply(p)
}

// Why a Kratos that is meant to run does not.
func TestApplyFails(t *testing.T) {
	t.Parallel()
	const refusal = "selfservice.methods.oidc.config.providers.0: additional property typo_key"
	for name, test := range map[string]struct{ how, want string }{
		"refused":       {"print:provider_typo", refusal},
		"port taken":    {"print:port_taken", "a port is taken"},
		"for no reason": {"say:Error: something with " + applyMark, "it exits at once"},
		"killed":        {"killed", "it exits at once"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newApplyRig(t, "", pebbletest.Options{Grace: 10 * time.Second})
			r.behave("serve", test.how)
			p := r.plan(planned{config: "a: 1"})
			wantOutcome(t, r.apply(p), Outcome{Failed: test.want})
			wantOutcome(t, r.steady(p), Outcome{Failed: test.want})
			r.behave("serve", "")
			r.double.Stop()
			wantOutcome(t, r.afterRestart(300*time.Millisecond, p), Outcome{Settled: true})
		})
	}
}

func TestApplyNeverReady(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.limits.ready = 500 * time.Millisecond
	r.behave("serve", "hang")
	check := pebble.Check{
		Override: pebble.Replace, Level: "ready", Period: pebble.Duration(30 * time.Millisecond), Timeout: pebble.Duration(20 * time.Millisecond), Threshold: 2, TCP: &pebble.TCPCheck{Port: r.public},
	}
	p := r.plan(planned{config: "a: 1", check: check})
	wantOutcome(t, r.apply(p), Outcome{Failed: "it does not become ready"})
	r.eventually("the check is down", func() bool { return r.look().Container.Checks[checkReady].Status == pebble.Down })
	wantOutcome(t, r.steady(p), Outcome{Settled: true, ReadyDown: true})
}

// A check that has failed less often than it may says nothing.
func TestApplyCheckBelowThreshold(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	check := pebble.Check{
		Override: pebble.Replace, Level: "ready", Period: pebble.Duration(30 * time.Millisecond), Timeout: pebble.Duration(20 * time.Millisecond), Threshold: 1000, TCP: &pebble.TCPCheck{Port: r.public},
	}
	p := r.plan(planned{config: "a: 1", check: check})
	r.apply(p)
	r.eventually("the check fails", func() bool { return r.look().Container.Checks[checkReady].Failures > 0 })
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

// The end of the context is an error: the hook is cut, and nobody may take the
// outcome for the whole.
func TestApplyCut(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.behave("serve", "hang")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	p := r.plan(planned{config: "a: 1"})
	o, err := apply(ctx, r.deps, r.look(), p, usualPatience())
	if fault.KindOf(err) != fault.Timeout || o.Settled {
		t.Errorf("%v, %+v", err, o)
	}
}

// A Pebble that says no is told of; one that is away is waited for.
func TestApplyPebbleRefuses(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	p := r.plan(planned{config: "a: 1"})
	service := p.Layer.Services[serviceKratos]
	service.Command = "kratos '" + applyMark
	p.Layer.Services[serviceKratos] = service
	o := r.apply(p)
	if !strings.Contains(o.Failed, "cannot add the layer") || o.Settled || o.ContainerGone {
		t.Errorf("%+v", o)
	}
	r.double.Stop()
	w := r.world
	w.Container.Ready = true
	o, err := apply(t.Context(), r.deps, w, p, usualPatience())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcome(t, o, Outcome{ContainerGone: true})
}
