package pebble_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

const mark = "s3cr3t-mark"

// target is a Pebble that the suite runs against.
type target struct {
	*pebble.Client
	dir string // a directory of the container that is the test's own
}

// contract runs a test against the double, and against a real Pebble where the
// environment names one. Labels and names must be the test's own: a real Pebble
// keeps them.
func contract(t *testing.T, test func(*testing.T, target)) {
	t.Helper()
	socket := os.Getenv(pebble.SocketVariable)
	if socket == "" {
		t.Parallel() // a replan of one test would start the services of another
	}
	t.Run("double", func(t *testing.T) {
		double := pebbletest.Start(t, pebbletest.Options{Grace: 300 * time.Millisecond})
		test(t, target{pebble.New(double.Socket), "/test"})
	})
	if socket == "" {
		t.Logf("without a real Pebble: %s names no socket", pebble.SocketVariable)
		return
	}
	t.Run("real", func(t *testing.T) {
		test(t, target{pebble.New(socket), filepath.Join(t.TempDir(), "test")})
	})
}

// name makes a name of the test's own.
func name(t *testing.T, suffix string) string {
	return strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name())) + "-" + suffix
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v; %s", err, pebble.Detail(err))
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || fault.KindOf(err) != kind {
		t.Errorf("the error is %v of kind %q, want %q", err, fault.KindOf(err), kind)
	}
	if err != nil && strings.Contains(err.Error(), mark) {
		t.Errorf("the error shows a secret: %v", err)
	}
}

// sleeper is a service that runs until it is stopped.
func sleeper(env map[string]string) pebble.Service {
	return pebble.Service{Override: pebble.Replace, Startup: pebble.Enabled, Command: "sleep 600", Environment: env}
}

func (p target) add(t *testing.T, l pebble.Layer) {
	t.Helper()
	must(t, p.AddLayer(t.Context(), name(t, "layer"), l))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		off := pebble.Layer{Services: map[string]pebble.Service{}}
		for n, s := range l.Services {
			s.Startup = pebble.Disabled
			off.Services[n] = s
		}
		_ = p.AddLayer(ctx, name(t, "layer"), off)
		for n := range l.Services {
			_ = p.StopServices(ctx, n)
		}
	})
}

func (p target) current(t *testing.T, n string) string {
	t.Helper()
	all, err := p.Services(t.Context(), n)
	must(t, err)
	return all[n].Current
}

func TestSystem(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		s, err := p.System(t.Context())
		must(t, err)
		if !strings.HasPrefix(s.Version, "v") || s.BootID == "" {
			t.Errorf("it is %+v", s)
		}
	})
}

func TestPlanHoldsWhatWasAdded(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		odd := map[string]string{
			"COLON": "a: b", "DIGITS": "0123", "BOOL": "yes", "QUOTES": `"it's" {{ .x }}`, "LINES": "a\nb\n", "EMPTY": "",
			"SPACE": " x ", "HASH": "a #b", "SECRET": mark, "TILDE": "~", "AT": "@x", "UNICODE": "é\u2028\x07",
		}
		n := name(t, "a")
		service := sleeper(odd)
		service.Startup = pebble.Disabled
		service.KillDelay, service.OnCheckFailure = pebble.Duration(90*time.Second), map[string]string{n: "restart"}
		layer := pebble.Layer{
			Services: map[string]pebble.Service{n: service},
			Checks: map[string]pebble.Check{
				n:        {Override: pebble.Replace, Level: "ready", HTTP: &pebble.HTTPCheck{URL: "http://127.0.0.1:9/"}},
				n + "-t": {Override: pebble.Replace, Period: pebble.Duration(time.Minute), Threshold: 5, TCP: &pebble.TCPCheck{Port: 9}},
				n + "-e": {Override: pebble.Replace, Exec: &pebble.ExecCheck{Command: "true", ServiceContext: n}},
			},
			LogTargets: map[string]pebble.LogTarget{n: {
				Override: pebble.Replace, Type: "loki", Location: "http://127.0.0.1:9/loki/api/v1/push",
				Services: []string{n}, Labels: map[string]string{"a": "b"},
			}},
		}
		before, err := p.Plan(t.Context())
		must(t, err)
		if before.Holds(layer) {
			t.Error("the plan holds the layer already")
		}
		p.add(t, layer)
		p.add(t, layer) // combined into itself, it changes nothing
		plan, err := p.Plan(t.Context())
		must(t, err)
		if !plan.Holds(layer) {
			t.Error("the plan does not hold the layer")
		}
		if diff := cmp.Diff(odd, plan.Services[n].Environment); diff != "" {
			t.Error(diff)
		}
		service.Environment = map[string]string{"SECRET": "other"}
		if plan.Holds(pebble.Layer{Services: map[string]pebble.Service{n: service}}) {
			t.Error("the plan holds a layer with another environment")
		}
	})
}

func TestMergeAddsToAnEntry(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{
			n: {Override: pebble.Replace, Command: "sleep 600", Environment: map[string]string{"A": "1", "B": "1"}},
		}})
		must(t, p.AddLayer(t.Context(), name(t, "over"), pebble.Layer{Services: map[string]pebble.Service{
			n: {Override: pebble.Merge, Environment: map[string]string{"B": "2"}},
		}}))
		plan, err := p.Plan(t.Context())
		must(t, err)
		got := plan.Services[n]
		if diff := cmp.Diff(map[string]string{"A": "1", "B": "2"}, got.Environment); diff != "" || got.Command != "sleep 600" {
			t.Errorf("command %q, %s", got.Command, diff)
		}
	})
}

func TestRefusedLayers(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		for what, s := range map[string]pebble.Service{
			"no override":      {Command: mark},
			"unknown override": {Override: "both", Command: mark},
			"no command":       {Override: pebble.Replace, Environment: map[string]string{"A": mark}},
			"a value quoted":   {Override: pebble.Replace, Command: "true", OnFailure: mark},
			"open quote":       {Override: pebble.Replace, Command: "echo '" + mark},
		} {
			err := p.AddLayer(t.Context(), name(t, "layer"), pebble.Layer{Services: map[string]pebble.Service{name(t, "a"): s}})
			wantKind(t, err, fault.Precondition)
			if pebble.Detail(err) == "" {
				t.Errorf("%s: no reason", what)
			}
		}
		plan, err := p.Plan(t.Context())
		must(t, err)
		if _, there := plan.Services[name(t, "a")]; there {
			t.Error("a refused service is in the plan")
		}
	})
}

func TestReplanRestartsWhatChanged(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		a, b := name(t, "a"), name(t, "b")
		layer := pebble.Layer{Services: map[string]pebble.Service{
			a: sleeper(map[string]string{"HASH": "1"}), b: sleeper(map[string]string{"HASH": "1"}),
		}}
		p.add(t, layer)
		must(t, p.Replan(t.Context()))
		before, err := p.Services(t.Context(), a, b, "nobody")
		must(t, err)
		if len(before) != 2 || before[a].Current != pebble.Active || before[a].Startup != pebble.Enabled {
			t.Fatalf("they are %+v", before)
		}
		layer.Services[a] = sleeper(map[string]string{"HASH": "2"})
		must(t, p.AddLayer(t.Context(), name(t, "layer"), layer))
		must(t, p.Replan(t.Context()))
		after, err := p.Services(t.Context(), a, b)
		must(t, err)
		if after[a].CurrentSince.Equal(before[a].CurrentSince) {
			t.Error("what changed was not restarted")
		}
		if !after[b].CurrentSince.Equal(before[b].CurrentSince) {
			t.Error("what did not change was restarted")
		}
	})
}

func TestReplanStartsAStoppedServiceThatChanged(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{n: sleeper(nil)}})
		must(t, p.StartServices(t.Context(), n))
		must(t, p.StopServices(t.Context(), n))
		off := sleeper(nil)
		off.Startup = pebble.Disabled
		must(t, p.AddLayer(t.Context(), name(t, "layer"), pebble.Layer{Services: map[string]pebble.Service{n: off}}))
		must(t, p.Replan(t.Context()))
		if got := p.current(t, n); got != pebble.Active {
			t.Errorf("it is %s", got)
		}
		must(t, p.StopServices(t.Context(), n))
		must(t, p.Replan(t.Context()))
		if got := p.current(t, n); got != pebble.Inactive {
			t.Errorf("stopped and not changed, it is %s", got)
		}
	})
}

func TestStartAndStop(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{n: sleeper(nil)}})
		must(t, p.StopServices(t.Context(), n)) // never started
		must(t, p.StartServices(t.Context(), n))
		must(t, p.StartServices(t.Context(), n)) // again
		must(t, p.RestartServices(t.Context(), n))
		if got := p.current(t, n); got != pebble.Active {
			t.Errorf("started, it is %s", got)
		}
		must(t, p.StopServices(t.Context(), n))
		if got := p.current(t, n); got != pebble.Inactive {
			t.Errorf("stopped, it is %s", got)
		}
		wantKind(t, p.StartServices(t.Context(), "nobody"), fault.Precondition)
		wantKind(t, p.StopServices(t.Context()), fault.Precondition)
		wantKind(t, p.Signal(t.Context(), "SIGHUP", n), fault.Unavailable)
	})
}

func TestFailedStartKeepsItsOutputOutOfTheError(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{n: {
			Override: pebble.Replace, Command: `sh -c 'echo "$S"; exit 3'`, Environment: map[string]string{"S": mark},
		}}})
		err := p.StartServices(t.Context(), n)
		wantKind(t, err, fault.Precondition)
		if err == nil || !strings.Contains(err.Error(), "Start service") {
			t.Errorf("the error is %v", err)
		}
		var failure *pebble.Failure
		if !errors.As(err, &failure) || failure.Change.Status != "Error" {
			t.Fatalf("it is no failure: %v", err)
		}
		if detail := pebble.Detail(err); !strings.Contains(detail, mark) || !strings.Contains(detail, "exited quickly with code 3") {
			t.Errorf("the detail is %q", detail)
		}
		change, err := p.Change(t.Context(), failure.Change.ID)
		must(t, err)
		if !change.Ready || change.Kind != "start" {
			t.Errorf("the change is %+v", change)
		}
	})
}

func TestLaterDeathIsBackoff(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{n: {
			Override: pebble.Replace, Command: "sleep 600", BackoffDelay: pebble.Duration(time.Hour), BackoffLimit: pebble.Duration(time.Hour),
		}}})
		must(t, p.StartServices(t.Context(), n))
		must(t, p.Signal(t.Context(), "SIGKILL", n))
		eventually(t, "backoff", func() bool { return p.current(t, n) == pebble.Backoff })
		must(t, p.StartServices(t.Context(), n))
		if got := p.current(t, n); got != pebble.Active {
			t.Errorf("started again, it is %s", got)
		}
	})
}

func TestUnknownChange(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		_, err := p.Change(t.Context(), "999999")
		wantKind(t, err, fault.NotFound)
	})
}

func TestFiles(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		file, other := p.dir+"/sub/a \"b\".yaml", p.dir+"/sub/c.pem"
		content := append([]byte("\x00\r\n--\n"), bytes.Repeat([]byte("x"), 1<<20)...)
		_, err := p.ReadFile(t.Context(), file)
		wantKind(t, err, fault.NotFound)
		_, err = p.ListFiles(t.Context(), p.dir, "")
		wantKind(t, err, fault.NotFound)
		must(t, p.WriteFiles(t.Context(),
			pebble.File{Path: file, Content: content, Permissions: 0o600, MakeDirs: true},
			pebble.File{Path: other, Permissions: 0o640, MakeDirs: true},
		))
		got, err := p.ReadFile(t.Context(), file)
		must(t, err)
		if !bytes.Equal(got, content) {
			t.Errorf("%d bytes of %d came back, or others", len(got), len(content))
		}
		got, err = p.ReadFile(t.Context(), other)
		must(t, err)
		if len(got) != 0 {
			t.Errorf("an empty file holds %q", got)
		}
		list, err := p.ListFiles(t.Context(), p.dir+"/sub", "*.pem")
		must(t, err)
		if len(list) != 1 || list[0].Name != "c.pem" || list[0].Path != other || list[0].Permissions != "640" || list[0].IsDir() {
			t.Errorf("the list is %+v", list)
		}
		info, err := p.StatFile(t.Context(), p.dir)
		must(t, err)
		if !info.IsDir() {
			t.Errorf("it is %+v", info)
		}
		_, err = p.ReadFile(t.Context(), p.dir)
		wantKind(t, err, fault.Precondition)
		must(t, p.RemoveFile(t.Context(), p.dir))
		must(t, p.RemoveFile(t.Context(), p.dir)) // again
		_, err = p.StatFile(t.Context(), p.dir)
		wantKind(t, err, fault.NotFound)
	})
}

func TestEachFileOfAWriteHasItsOwnError(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		good := pebble.File{Path: p.dir + "/good", Content: []byte(mark), Permissions: 0o600, MakeDirs: true}
		bad := pebble.File{Path: p.dir + "/none/bad", Content: []byte(mark), Permissions: 0o600}
		err := p.WriteFiles(t.Context(), good, bad)
		wantKind(t, err, fault.Partial)
		if err == nil || !strings.Contains(err.Error(), bad.Path) || strings.Contains(err.Error(), good.Path) {
			t.Errorf("the error is %v", err)
		}
		if got, err := p.ReadFile(t.Context(), good.Path); err != nil || string(got) != mark {
			t.Errorf("the good one holds %d bytes, %v", len(got), err)
		}
		wantKind(t, p.WriteFiles(t.Context(), bad), fault.NotFound)
		bad.User = "nobody-of-this-name"
		wantKind(t, p.WriteFiles(t.Context(), bad), fault.Precondition)
		bad.Permissions = 0
		wantKind(t, p.WriteFiles(t.Context(), bad), fault.Internal)
		must(t, p.MakeDir(t.Context(), p.dir+"/x/y", 0o750))
		must(t, p.MakeDir(t.Context(), p.dir+"/x/y", 0o750))
		wantKind(t, p.MakeDir(t.Context(), "relative", 0o750), fault.Precondition)
		must(t, p.RemoveFile(t.Context(), p.dir))
	})
}
