package pebble_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

func (p target) check(t *testing.T, n string) pebble.CheckStatus {
	t.Helper()
	all, err := p.Checks(t.Context(), n)
	must(t, err)
	return all[n]
}

// addCheck adds a check that asks often; it ends with the test.
func (p target) addCheck(t *testing.T, n string, c pebble.Check) {
	t.Helper()
	c.Override = pebble.Replace
	c.Period, c.Timeout = pebble.Duration(200*time.Millisecond), pebble.Duration(190*time.Millisecond)
	must(t, p.AddLayer(t.Context(), name(t, "checks"), pebble.Layer{Checks: map[string]pebble.Check{n: c}}))
	t.Cleanup(func() { _, _ = p.StopChecks(t.Context(), n) })
}

func TestHTTPCheckGoesDownAndUp(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		var sick atomic.Bool
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if sick.Load() || r.Header.Get("X-Test") != "yes" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		defer server.Close()
		n := name(t, "a")
		p.addCheck(t, n, pebble.Check{Level: "ready", Threshold: 2, HTTP: &pebble.HTTPCheck{
			URL: server.URL, Headers: map[string]string{"X-Test": "yes"},
		}})
		if got := p.check(t, n); got.Status != pebble.Up || got.Level != "ready" || got.Threshold != 2 {
			t.Errorf("at first it is %+v", got)
		}
		sick.Store(true)
		eventually(t, "down", func() bool { return p.check(t, n).Status == pebble.Down })
		if got := p.check(t, n); got.Failures < 2 {
			t.Errorf("down, it is %+v", got)
		}
		change, err := p.Change(t.Context(), p.check(t, n).ChangeID)
		must(t, err)
		if len(change.Tasks) != 1 || !strings.Contains(strings.Join(change.Tasks[0].Log, "\n"), "503") {
			t.Errorf("its change is %+v", change)
		}
		sick.Store(false)
		eventually(t, "up", func() bool { return p.check(t, n).Status == pebble.Up })
	})
}

func TestTCPAndExecChecks(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		port := listener.Addr().(*net.TCPAddr).Port
		tcp, run := name(t, "tcp"), name(t, "exec")
		p.addCheck(t, tcp, pebble.Check{Threshold: 1, TCP: &pebble.TCPCheck{Host: "127.0.0.1", Port: port}})
		p.addCheck(t, run, pebble.Check{Threshold: 1, Exec: &pebble.ExecCheck{
			Command: `sh -c 'exit "$CODE"'`, Environment: map[string]string{"CODE": "1"},
		}})
		if got := p.check(t, tcp); got.Status != pebble.Up {
			t.Errorf("it is %+v", got)
		}
		must(t, listener.Close())
		eventually(t, "tcp down", func() bool { return p.check(t, tcp).Status == pebble.Down })
		eventually(t, "exec down", func() bool { return p.check(t, run).Status == pebble.Down })
	})
}

func TestChecksStopAndStart(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.addCheck(t, n, pebble.Check{Threshold: 1, Startup: pebble.Disabled, Exec: &pebble.ExecCheck{Command: "false"}})
		if got := p.check(t, n); got.Startup != pebble.Disabled || got.ChangeID != "" {
			t.Errorf("disabled, it is %+v", got)
		}
		changed, err := p.StartChecks(t.Context(), n)
		must(t, err)
		if diff := cmp.Diff([]string{n}, changed); diff != "" {
			t.Error(diff)
		}
		eventually(t, "down", func() bool { return p.check(t, n).Status == pebble.Down })
		for range 2 {
			changed, err = p.StopChecks(t.Context(), n)
			must(t, err)
		}
		if len(changed) != 0 {
			t.Errorf("stopped again: %q", changed)
		}
		_, err = p.StartChecks(t.Context(), "nobody")
		if err == nil || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestCheckRestartsAService(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		s := sleeper(nil)
		s.OnCheckFailure = map[string]string{n: "restart"}
		s.BackoffDelay, s.BackoffLimit = pebble.Duration(time.Hour), pebble.Duration(time.Hour)
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{n: s}})
		must(t, p.StartServices(t.Context(), n))
		p.addCheck(t, n, pebble.Check{Threshold: 1, Exec: &pebble.ExecCheck{Command: "false"}})
		eventually(t, "backoff", func() bool { return p.current(t, n) == pebble.Backoff })
	})
}

func TestOldPebble(t *testing.T) {
	t.Parallel()
	double := pebbletest.Start(t, pebbletest.Options{Old: true})
	p := pebble.New(double.Socket)
	check := pebble.Check{Override: pebble.Replace, Exec: &pebble.ExecCheck{Command: "true"}}
	must(t, p.AddLayer(t.Context(), "l", pebble.Layer{Checks: map[string]pebble.Check{"c": check}}))
	all, err := p.Checks(t.Context())
	must(t, err)
	if diff := cmp.Diff(map[string]pebble.CheckStatus{"c": {Name: "c", Status: pebble.Up, Threshold: 3}}, all); diff != "" {
		t.Error(diff)
	}
	_, err = p.StopChecks(t.Context(), "c")
	wantKind(t, err, fault.Precondition)
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("the error is %v", err)
	}
	check.Startup = pebble.Disabled
	wantKind(t, p.AddLayer(t.Context(), "l", pebble.Layer{Checks: map[string]pebble.Check{"c": check}}), fault.Precondition)
}
