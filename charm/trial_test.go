package charm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

// A candidate, what becomes of it, and what is started for it in each of two
// passes.
func TestTrial(t *testing.T) {
	t.Parallel()
	const refusal = "selfservice.methods.oidc.config.providers.0: additional property typo_key"
	for name, test := range map[string]struct {
		how    string // as what the candidate behaves
		lint   string
		want   Outcome
		first  []string
		second []string
		kept   bool // the refusal, for the next passes
	}{
		"accepted":         {want: Outcome{Settled: true}, first: []string{"lint", "trial"}},
		"refused":          {how: "print:provider_typo", want: Outcome{Refused: refusal}, first: []string{"lint", "trial"}, kept: true},
		"one port taken":   {how: "port-once", want: Outcome{Settled: true}, first: []string{"lint", "trial", "trial"}},
		"all ports taken":  {how: "print:port_taken", want: Outcome{Undecided: "no port is free to try it on"}, first: []string{"lint", "trial", "trial", "trial"}, second: []string{"lint", "trial", "trial", "trial"}},
		"unknown end":      {how: "say:Error: " + applyMark, want: Outcome{Refused: "Kratos does not start with it"}, first: []string{"lint", "trial"}, second: []string{"lint", "trial"}},
		"killed":           {how: "killed", want: Outcome{Undecided: "Kratos was killed while it was tried"}, first: []string{"lint", "trial"}, second: []string{"lint", "trial"}},
		"never ready":      {how: "hang", want: Outcome{Undecided: "Kratos did not answer in time"}, first: []string{"lint", "trial"}, second: []string{"lint", "trial"}},
		"bad jsonnet":      {lint: "say:it has " + applyMark, want: Outcome{Refused: "selfservice.x: the jsonnet has errors"}, first: []string{"lint"}, kept: true},
		"linter is killed": {lint: "killed", want: Outcome{Undecided: "the jsonnet linter ended with exit code 137"}, first: []string{"lint"}, second: []string{"lint"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
			old := r.plan(planned{config: "a: 1"})
			wantOutcome(t, r.apply(old), Outcome{Settled: true})
			r.started()
			if test.how == "hang" {
				r.limits.trial = time.Second
			}
			r.behave("trial", test.how)
			r.behave("lint", test.lint)
			p := r.plan(planned{config: "a: 2"})
			p.Try, p.Scripts = true, []Script{{Where: "selfservice.x", Text: []byte("{}")}}
			wantOutcome(t, r.apply(p), test.want)
			if diff := cmp.Diff(test.first, r.started(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("in the first pass: %s", diff)
			}
			config, accepted := string(r.read(configPath)), test.want.Settled
			if _, err := os.Stat(filepath.Join(r.fake, "ended")); accepted != (err == nil) {
				t.Errorf("the candidate was ended: %v", err)
			}
			if accepted != (config == "a: 2") {
				t.Errorf("the configuration is %s", config)
			}
			if kept := r.look().Container.Memory.Refused; (kept != nil) != test.kept || test.kept && *kept != (Refused{p.Candidate, test.want.Refused}) {
				t.Errorf("remembered: %+v", kept)
			}
			wantOutcome(t, r.apply(p), test.want)
			if diff := cmp.Diff(test.second, r.started(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("in the second pass: %s", diff)
			}
			if test.kept || accepted {
				wantOutcome(t, r.steadyBut(p, accepted), test.want)
			}
			if accepted {
				return
			}
			wantOutcome(t, r.apply(old), Outcome{Settled: true}) // serves on all the time
			if got := r.started(); len(got) > 0 {
				t.Errorf("back to the old one: started %s", got)
			}
		})
	}
}

// steadyBut is steady; what is refused does not even replan.
func (r *applyRig) steadyBut(p Plan, replans bool) Outcome {
	r.t.Helper()
	o := r.steady(p)
	if got := slices.Contains(r.double.Journal(), "POST /v1/services"); got != replans {
		r.t.Errorf("a replan was asked for: %v", got)
	}
	return o
}

// A candidate that is accepted ends what was remembered of another.
func TestTrialForgetsTheRefused(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.apply(r.plan(planned{config: "a: 1"}))
	r.behave("trial", "print:provider_typo")
	bad, good := r.plan(planned{config: "a: 2"}), r.plan(planned{config: "a: 3"})
	bad.Try, good.Try = true, true
	if o := r.apply(bad); o.Refused == "" {
		t.Errorf("%+v", o)
	}
	bad.Memory.ConfigMaps = &ConfigMapData{Schemas: map[string]string{"a": "b"}}
	if o := r.apply(bad); o.Refused == "" {
		t.Errorf("%+v", o)
	}
	if m := r.look().Container.Memory; m.Refused == nil || m.ConfigMaps == nil {
		t.Errorf("remembered: %+v", m)
	}
	r.behave("trial", "")
	wantOutcome(t, r.apply(good), Outcome{Settled: true})
	if m := r.look().Container.Memory; m != (Memory{}) {
		t.Errorf("remembered: %+v", m)
	}
}

// The candidate is tried with the files that come with it, while those that
// serve stay.
func TestTrialHasItsOwnFiles(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	plan := func(content string) Plan {
		return r.plan(planned{config: "a: 1", files: map[string][]byte{caPath: []byte(content)}, env: map[string]string{"SSL_CERT_DIR": caDir}})
	}
	r.behave("serve", "needs:"+r.double.Root+"=old authority")
	wantOutcome(t, r.apply(plan("old authority")), Outcome{Settled: true})
	r.behave("trial", "needs:"+r.double.Root+"=new authority")
	r.behave("serve", "needs:"+r.double.Root+"=new authority")
	p := plan("new authority")
	p.Try = true
	wantOutcome(t, r.apply(p), Outcome{Settled: true})
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

// The end of the context ends the candidate, and nothing of it is left.
func TestTrialCut(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.apply(r.plan(planned{config: "a: 1"}))
	r.started()
	r.behave("trial", "hang")
	p := r.plan(planned{config: "a: 2"})
	p.Try = true
	w := r.look()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := apply(ctx, r.deps, w, p, r.limits)
		failed <- err
	}()
	r.eventually("the candidate runs", func() bool { return len(r.started()) > 0 })
	cancel()
	if err := <-failed; fault.KindOf(err) != fault.Cancelled {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(r.double.Path(candidatePath)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the candidate is left behind")
	}
	wantOutcome(t, r.apply(r.plan(planned{config: "a: 1"})), Outcome{Settled: true})
}

// scripted gives a plan whose configuration has a jsonnet program in it.
func (r *applyRig) scripted(number, script string) Plan {
	r.t.Helper()
	p := r.plan(planned{config: "a: " + number + " " + kratosconf.Base64URL([]byte(script))})
	p.Try, p.Scripts = r.look().serving(), []Script{{Where: "selfservice.x", Text: []byte(script)}}
	return p
}

// Where nothing serves, jsonnet with errors is told of and keeps no Kratos down.
func TestTrialFaulty(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.behave("lint", "say:it has "+applyMark)
	const faulty = "selfservice.x: the jsonnet has errors"
	want := Outcome{Settled: true, Faulty: faulty}
	p := r.scripted("1", "{ faulty")
	wantOutcome(t, r.apply(p), want)
	if kept := r.look().Container.Memory.Refused; kept == nil || *kept != (Refused{p.Candidate, faulty}) {
		t.Errorf("remembered: %+v", kept)
	}
	r.started()
	wantOutcome(t, r.steady(p), want)
	if got := r.started(); len(got) > 0 {
		t.Errorf("looked at again: started %s", got)
	}

	// Another one would make it worse; the same one does not.
	wantOutcome(t, r.apply(r.scripted("2", "{ other")), Outcome{Refused: faulty})
	p = r.scripted("3", "{ faulty")
	wantOutcome(t, r.apply(p), want)
	wantOutcome(t, r.steady(p), want)

	// One that was refused is taken once nothing serves.
	p = r.scripted("4", "{ another")
	wantOutcome(t, r.apply(p), Outcome{Refused: faulty})
	r.end()
	wantOutcome(t, r.apply(p), want)
	wantOutcome(t, r.steady(p), want)

	r.behave("lint", "")
	p = r.scripted("5", "{}")
	wantOutcome(t, r.apply(p), Outcome{Settled: true})
	if m := r.look().Container.Memory; m != (Memory{}) {
		t.Errorf("remembered: %+v", m)
	}
}

// end stops Kratos, as if it had died.
func (r *applyRig) end() {
	r.t.Helper()
	if err := r.deps.Pebble.StopServices(r.t.Context(), serviceKratos); err != nil {
		r.t.Fatal(err)
	}
}

// Wherever the pass is cut that brings it, the next one tells of it.
func TestTrialFaultyCut(t *testing.T) {
	t.Parallel()
	fresh := func() (*applyRig, Plan) {
		r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
		r.behave("lint", "say:no")
		return r, r.scripted("1", "{ faulty")
	}
	want := Outcome{Settled: true, Faulty: "selfservice.x: the jsonnet has errors"}
	r, p := fresh()
	wantOutcome(t, r.apply(p), want)
	requests := r.double.Journal()
	replan := slices.Index(requests, "POST /v1/services")
	for n := range replan + 2 {
		r, p := fresh()
		direct, w := r.deps.Pebble, r.look()
		r.cutAt(n+1, hangUp)
		o, err := apply(t.Context(), r.deps, w, p, r.limits)
		if err != nil {
			t.Fatal(err)
		}
		if r.deps.Pebble = direct; o.ContainerGone { // but for the wait of a program that is over
			r.eventually("it is at rest", func() bool { return n <= replan || r.current(serviceKratos) == pebble.Active })
			if diff := cmp.Diff(want, r.apply(p)); diff != "" {
				t.Errorf("cut at %s: %s", requests[n], diff)
			}
		}
		wantOutcome(t, r.steady(p), want)
	}
}

// Nor does a linter that does not answer keep a Kratos down.
func TestTrialUndecidedWhereNothingServes(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.behave("lint", "killed")
	p := r.scripted("1", "{}")
	wantOutcome(t, r.apply(p), Outcome{Settled: true})
	if want := "the jsonnet of the new configuration is used without a look at all of it: the jsonnet linter ended with exit code 137"; !slices.Contains(r.told, want) {
		t.Errorf("told: %q", r.told)
	}
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

// What was refused does not take the place of what was there, which is kept
// running, and told of where it does not.
func TestTrialKeepsTheOldOneRunning(t *testing.T) {
	t.Parallel()
	const refusal = "selfservice.methods.oidc.config.providers.0: additional property typo_key"
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	wantOutcome(t, r.apply(r.plan(planned{config: "a: 1", courier: true})), Outcome{Settled: true})
	r.behave("trial", "print:provider_typo")
	leads, follows := r.plan(planned{config: "a: 2", courier: true}), r.plan(planned{config: "a: 2"})
	leads.Try, follows.Try = true, true
	wantOutcome(t, r.apply(leads), Outcome{Refused: refusal})
	r.end()
	r.started()
	leads.Try = false
	for range 2 { // nothing is done the second time
		wantOutcome(t, r.apply(leads), Outcome{Refused: refusal})
		if got := r.current(serviceKratos); got != pebble.Active || string(r.read(configPath)) != "a: 1" {
			t.Errorf("the old one is %s", got)
		}
	}
	wantOutcome(t, r.apply(follows), Outcome{Refused: refusal})
	if got := r.current(serviceCourier); got != pebble.Inactive {
		t.Errorf("another leads, the courier is %s", got)
	}
	if diff := cmp.Diff([]string{"serve", "trial"}, r.started()); diff != "" {
		t.Error(diff)
	}
	wantOutcome(t, r.apply(follows), Outcome{Refused: refusal})
	if got := r.started(); len(got) > 0 {
		t.Errorf("once more: started %s", got)
	}
	r.end()
	follows.Try = false
	wantOutcome(t, r.apply(follows), Outcome{Refused: refusal})
	if got := r.started(); !slices.Equal(got, []string{"serve"}) {
		t.Errorf("no courier may run for a moment: started %s", got)
	}
}

// Where the old one does not start either, both are told.
func TestTrialBothFail(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 5 * time.Second})
	wantOutcome(t, r.apply(r.plan(planned{config: "a: 1"})), Outcome{Settled: true})
	r.behave("trial", "print:provider_typo")
	p := r.plan(planned{config: "a: 2"})
	p.Try = true
	refused := r.apply(p).Refused
	r.end()
	r.behave("serve", "say:Error: "+applyMark)
	p.Try = false
	o := r.apply(p)
	wantOutcome(t, o, Outcome{Refused: refused, Failed: exitsAtOnce})
	want := juju.Status{Name: juju.Blocked, Message: "Kratos refuses the new configuration: " + refused + "; the old one does not run: it exits at once"}
	if diff := cmp.Diff(want, p.status(r.look(), o)); diff != "" {
		t.Error(diff)
	}
	// Nothing of before is left to be run: its own end tells.
	wantOutcome(t, r.apply(stopped(p)), Outcome{Settled: true})
	wantOutcome(t, r.apply(p), Outcome{Failed: exitsAtOnce})
}

func TestMovedNames(t *testing.T) {
	t.Parallel()
	a := &applier{plan: Plan{Files: map[string][]byte{caPath: nil, databaseCAPath: nil, "/top": nil}}}
	const beside = "/etc/config/kratos-agent/candidate/files"
	for text, want := range map[string]string{
		caDir:          beside + caDir,
		caPath:         beside + caPath,
		"/a:" + caDir:  "/a:" + beside + caDir,
		"/etc/hosts /": "/etc/hosts /",
		"postgres://u:p@h/d?sslrootcert=%2Fetc%2Fconfig%2Fpostgresql%2Fca.pem": "postgres://u:p@h/d?sslrootcert=" +
			"%2Fetc%2Fconfig%2Fkratos-agent%2Fcandidate%2Ffiles%2Fetc%2Fconfig%2Fpostgresql%2Fca.pem",
		"postgres://u:p@h/d?sslrootcert=" + databaseCAPath: "postgres://u:p@h/d?sslrootcert=" + beside + databaseCAPath,
	} {
		if got := a.moved().Replace(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
