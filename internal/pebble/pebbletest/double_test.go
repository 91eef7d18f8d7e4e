package pebbletest_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

const image = `
services:
  web:
    override: replace
    startup: enabled
    command: sh -c 'echo $$ > "$0"; exec sleep 600' /pid
`

const grace = 100 * time.Millisecond

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

func current(t *testing.T, p *pebble.Client, name string) string {
	t.Helper()
	all, err := p.Services(t.Context(), name)
	must(t, err)
	return all[name].Current
}

// TestRestart has the image's layer back after a restart, and no other.
func TestRestart(t *testing.T) {
	t.Parallel()
	d := pebbletest.Start(t, pebbletest.Options{Layer: image, Hold: true, Grace: grace})
	p := pebble.New(d.Socket)
	if got := current(t, p, "web"); got != pebble.Inactive {
		t.Errorf("held, it is %q", got)
	}
	must(t, p.AddLayer(t.Context(), "more", pebble.Layer{Services: map[string]pebble.Service{
		"more": {Override: pebble.Replace, Command: "true"},
	}}))
	must(t, p.WriteFiles(t.Context(), pebble.File{Path: "/a", Permissions: 0o600}))
	d.Restart()
	plan, err := p.Plan(t.Context())
	must(t, err)
	if _, there := plan.Services["more"]; there || len(plan.Services) != 1 {
		t.Errorf("the plan is %+v", plan)
	}
	_, err = p.ReadFile(t.Context(), "/a")
	must(t, err)
	d.Stop()
	d.Stop()
	if _, err := os.Stat(d.Socket); err == nil {
		t.Error("the socket is still there")
	}
}

func TestWithoutHoldTheEnabledStart(t *testing.T) {
	t.Parallel()
	d := pebbletest.Start(t, pebbletest.Options{Layer: image, Grace: grace})
	p := pebble.New(d.Socket)
	eventually(t, "active", func() bool { return current(t, p, "web") == pebble.Active })
}

// TestItStartsAndEndsWhatItRuns reads the process id of the service by the path
// that the double gave it.
func TestItStartsAndEndsWhatItRuns(t *testing.T) {
	t.Parallel()
	d := pebbletest.Start(t, pebbletest.Options{Layer: image, Hold: true, Grace: grace})
	must(t, os.WriteFile(d.Path("/pid"), nil, 0o600))
	p := pebble.New(d.Socket)
	must(t, p.Replan(t.Context()))
	var pid string
	eventually(t, "the process id", func() bool {
		b, err := os.ReadFile(d.Path("/pid"))
		pid = strings.TrimSpace(string(b))
		return err == nil && pid != ""
	})
	process, err := os.FindProcess(atoi(t, pid))
	must(t, err)
	must(t, process.Signal(syscall.Signal(0)))
	d.Stop()
	if process.Signal(syscall.Signal(0)) == nil {
		t.Error("the service outlives the double")
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			t.Fatalf("%q is no number", s)
		}
		n = n*10 + int(r-'0')
	}
	return n
}

func TestJournal(t *testing.T) {
	t.Parallel()
	d := pebbletest.Start(t, pebbletest.Options{})
	p := pebble.New(d.Socket)
	_, err := p.System(t.Context())
	must(t, err)
	d.Forget()
	_, err = p.Checks(t.Context(), "a")
	must(t, err)
	must(t, p.Replan(t.Context()))
	want := []string{"GET /v1/checks", "POST /v1/services", "GET /v1/changes/1/wait"}
	if diff := cmp.Diff(want, d.Journal()); diff != "" {
		t.Error(diff)
	}
}

func TestProgramsAndEnvironment(t *testing.T) {
	t.Parallel()
	d := pebbletest.Start(t, pebbletest.Options{
		Programs: map[string]string{"kratos": "/bin/sh"}, Environment: map[string]string{"OWN": "1"},
	})
	p := pebble.New(d.Socket)
	must(t, p.WriteFiles(t.Context(), pebble.File{Path: "/etc/config/k.yaml", Content: []byte("k\n"), Permissions: 0o600, MakeDirs: true}))
	out, err := p.Exec(t.Context(), pebble.Command{
		Args: []string{"kratos", "-c", `cat "$0"; echo "$OWN $1"`, "/etc/config/k.yaml", "--config=/etc/config/k.yaml"}, Timeout: time.Minute,
	})
	must(t, err)
	if want := "k\n1 --config=" + d.Path("/etc/config/k.yaml") + "\n"; string(out.Stdout) != want {
		t.Errorf("it printed %q, want %q; %s", out.Stdout, want, out.Stderr)
	}
}

func TestServicesStartInOrder(t *testing.T) {
	t.Parallel()
	d := pebbletest.Start(t, pebbletest.Options{Grace: grace})
	p := pebble.New(d.Socket)
	must(t, os.WriteFile(d.Path("/log"), nil, 0o600))
	service := func(name string, after ...string) pebble.Service {
		return pebble.Service{
			Override: pebble.Replace, Startup: pebble.Enabled, After: after,
			Command: `sh -c 'echo "$1" >> "$0"; exec sleep 600' /log ` + name,
		}
	}
	must(t, p.AddLayer(t.Context(), "l", pebble.Layer{Services: map[string]pebble.Service{
		"a": service("a", "b"), "b": service("b", "c"), "c": service("c"),
	}}))
	must(t, p.Replan(t.Context()))
	eventually(t, "c b a", func() bool {
		b, err := os.ReadFile(d.Path("/log"))
		return err == nil && string(b) == "c\nb\na\n"
	})
}
