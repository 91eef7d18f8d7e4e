package charm

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

// cutAt puts something between the pass and Pebble that lets the requests before
// the nth pass through, and does something else with that one.
func (r *applyRig) cutAt(n int, cut func(w http.ResponseWriter)) {
	r.t.Helper()
	to := &net.Dialer{}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "pebble"})
	socket := r.double.Socket
	proxy.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return to.DialContext(ctx, "unix", socket)
	}}
	var seen atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if int(seen.Add(1)) == n {
			cut(w)
			return
		}
		proxy.ServeHTTP(w, req)
	})
	dir, err := os.MkdirTemp("", "cut") // a socket's name is short
	if err != nil {
		r.t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		r.t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	r.t.Cleanup(func() { _ = server.Close(); <-served; _ = os.RemoveAll(dir) })
	r.deps.Pebble = pebble.New(filepath.Join(dir, "s"))
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

// cutPlan is a change of everything.
func cutPlan(r *applyRig, try bool) Plan {
	p := r.plan(planned{config: "a: 2", env: map[string]string{"A": "2"}, files: map[string][]byte{caPath: []byte("new")}})
	p.Try = try
	return p
}

// beforeCut gives a container in which another plan was applied.
func beforeCut(t *testing.T) *applyRig {
	t.Helper()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.apply(r.plan(planned{config: "a: 1", files: map[string][]byte{databaseCAPath: []byte("old")}}))
	return r
}

// cutRequests gives what a pass that is not cut asks of Pebble, up to its wait
// for the replan.
func cutRequests(t *testing.T, try bool) []string {
	t.Helper()
	r := beforeCut(t)
	wantOutcome(t, r.apply(cutPlan(r, try)), Outcome{Settled: true})
	journal := r.double.Journal()
	replan := slices.Index(journal, "POST /v1/services")
	last := []string{"POST /v1/files", "POST /v1/files", "POST /v1/layers", "POST /v1/files"}
	if diff := cmp.Diff(last, journal[replan-len(last):replan]); diff != "" {
		t.Error(diff)
	}
	return journal[:replan+2]
}

// Wherever a pass is cut, the next one heals: where the container went, and
// where the charm did.
func TestApplyCutAnywhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ restarts, try bool }{
		"the container":        {restarts: true},
		"the charm":            {},
		"the charm in a trial": {try: true},
	} {
		requests := cutRequests(t, test.try)
		for n, request := range requests {
			if strings.HasSuffix(request, "/wait") && n < len(requests)-1 {
				continue // for the candidate, whose readiness does not depend on it
			}
			t.Run(name+" "+request, func(t *testing.T) {
				t.Parallel()
				r := beforeCut(t)
				direct, w := r.deps.Pebble, r.look()
				r.cutAt(n+1, hangUp)
				o, err := apply(t.Context(), r.deps, w, cutPlan(r, test.try), r.limits)
				if err != nil {
					t.Fatal(err)
				}
				wantOutcome(t, o, Outcome{ContainerGone: true})
				r.deps.Pebble = direct
				if test.restarts {
					r.double.Restart()
				} else {
					// Pebble goes on with what it was asked for. Juju is not so quick as to
					// find a service that is just being stopped.
					r.eventually("it is at rest", func() bool { return r.current(serviceKratos) == pebble.Active })
				}
				p := cutPlan(r, test.try)
				wantOutcome(t, r.apply(p), Outcome{Settled: true})
				r.isAsCutPlan(p, test.restarts)
				wantOutcome(t, r.steady(p), Outcome{Settled: true})
			})
		}
	}
}

// isAsCutPlan looks whether all is there, and what is to be gone is gone. The
// double keeps the files over a restart, and with them what only the layer knew.
func (r *applyRig) isAsCutPlan(p Plan, restarted bool) {
	r.t.Helper()
	if string(r.read(configPath)) != "a: 2" || string(r.read(caPath)) != "new" {
		r.t.Error("the files are not as planned")
	}
	if !restarted && r.read(databaseCAPath) != nil {
		r.t.Error("a file that is not planned any more is left")
	}
	if !r.look().Container.Plan.Holds(p.Layer) {
		r.t.Error("the layer is not as planned")
	}
}

// What Juju is to be told it is told, also where Pebble went.
func TestApplyTellsJujuWithoutContainer(t *testing.T) {
	t.Parallel()
	r, u := applyUnit(t, applyJuju)
	p := tellingPlan(r, u)
	w := r.look()
	r.double.Stop()
	u.BeginHook("config-changed")
	o, err := apply(t.Context(), r.deps, w, p, r.limits)
	if err != nil {
		t.Fatal(err)
	}
	u.End(0)
	wantOutcome(t, o, Outcome{ContainerGone: true})
	if got := u.State().Relation("pg-database:5").OwnUnits["kratos/0"]["a"]; got != "b" {
		t.Errorf("the unit says %q", got)
	}
}

// A Pebble that takes a request and never answers does not keep the pass from
// telling Juju.
func TestApplyPebbleHangs(t *testing.T) {
	t.Parallel()
	r, u := applyUnit(t, applyJuju)
	p := tellingPlan(r, u)
	w := r.look()
	r.limits = patience{rest: 500 * time.Millisecond}
	released := make(chan struct{})
	defer close(released)
	r.cutAt(1, func(http.ResponseWriter) { <-released })
	u.BeginHook("config-changed")
	o, err := apply(t.Context(), r.deps, w, p, r.limits)
	if err != nil {
		t.Fatal(err)
	}
	u.End(0)
	wantOutcome(t, o, Outcome{Failed: "the container's Pebble did not do within 500ms what it was asked for"})
	if got := u.State().Relation("pg-database:5").OwnUnits["kratos/0"]["a"]; got != "b" {
		t.Errorf("the unit says %q", got)
	}
}
