package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/dispatch"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

const newID = "5a6f1c52-9d0c-4a51-8d9e-0a3c7f3c1b11"

// stuck is a server that creates identities and then answers nothing more. It
// tells when it has got stuck.
func stuck(t *testing.T) (url string, isStuck <-chan struct{}) {
	t.Helper()
	reached, release := make(chan struct{}, 10), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodGet:
			io.WriteString(w, "[]")
		case r.URL.Path == "/admin/identities":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"id": %q, "schema_id": "s", "state": "active", "traits": {},
				"credentials": {"password": {"type": "password", "identifiers": ["alice@example.com"]}}}`, newID)
		default:
			reached <- struct{}{}
			<-release
		}
	}))
	t.Cleanup(func() { close(release); server.Close() })
	return server.URL, reached
}

func options(t *testing.T, unit juju.Runner, env []string, stderr io.Writer) dispatch.Options {
	t.Helper()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		t.Fatal(err)
	}
	return dispatch.Options{Runner: unit, Stderr: stderr, Declared: declared, Getenv: func(name string) string {
		for _, kv := range env {
			if value, ok := strings.CutPrefix(kv, name+"="); ok {
				return value
			}
		}
		return ""
	}}
}

// TestCutInTheMiddle: told to end, or out of time, the action tells Juju what
// was done and what is not known, in time and with exit 0.
func TestCutInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		timeout time.Duration
		message string
	}{
		"told to end": {time.Minute, "interrupted"},
		"out of time": {300 * time.Millisecond, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, isStuck := stuck(t)
			unit := jujutest.NewUnit(t, "")
			const action = "invite-user"
			unit.BeginAction(action, map[string]any{"email": "alice@example.com"})
			o := options(t, unit, append(unit.Env(), "JUJU_DISPATCH_PATH=actions/"+action, "KRATOS_ADMIN_URL="+url), io.Discard)
			o.Timeout = c.timeout
			ctx, cancel := context.WithCancel(t.Context())
			if c.timeout == time.Minute {
				go func() { <-isStuck; cancel() }()
			}
			defer cancel()
			task := unit.End(dispatch.Main(ctx, o))

			if task.Status != "failed" || task.Results["identity-id"] != newID || task.Results["created"] != "true" {
				t.Errorf("status %s, results %v", task.Status, task.Results)
			}
			for _, want := range []string{"identity " + newID + " was created, but the invitation is missing", c.message, "it may have been done all the same"} {
				if !strings.Contains(task.Message, want) {
					t.Errorf("the message does not hold %q: %s", want, task.Message)
				}
			}
			if strings.Contains(task.Message, "--") {
				t.Errorf("the message names a flag that Juju has not: %s", task.Message)
			}
		})
	}
}

// broken is a unit whose tools fail.
type broken struct {
	juju.Runner
	tool string
}

func (b broken) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	if tool == b.tool {
		return nil, []byte("ERROR connection refused\n"), 1, nil
	}
	return b.Runner.Run(ctx, tool, args, stdin)
}

// TestToolsThatFail: a log line that is lost fails nothing, results that are lost
// are told of, and where not even a failure can be told, the exit code is not 0.
func TestToolsThatFail(t *testing.T) {
	t.Parallel()
	url := working(t)
	for _, c := range []struct {
		tool    string
		code    int
		status  string
		message string
		stderr  bool
	}{
		{"action-get", 0, "failed", "connection refused", false},
		{"action-log", 0, "completed", "", true},
		{"action-set", 0, "failed", "it was done (identity-id " + newID + "), but its results cannot be given", false},
	} {
		unit := jujutest.NewUnit(t, "")
		const action = "invite-user"
		unit.BeginAction(action, map[string]any{"email": "alice@example.com"})
		var stderr bytes.Buffer
		o := options(t, broken{unit, c.tool}, append(unit.Env(), "JUJU_DISPATCH_PATH=actions/"+action, "KRATOS_ADMIN_URL="+url), &stderr)
		code := dispatch.Main(t.Context(), o)
		task := unit.End(code)
		if code != c.code || task.Status != c.status || !strings.Contains(task.Message, c.message) || (stderr.Len() > 0) != c.stderr {
			t.Errorf("%s: exit code %d, %s, message %q, stderr %q", c.tool, code, task.Status, task.Message, &stderr)
		}
	}

	unit := jujutest.NewUnit(t, "")
	unit.BeginAction("get-identity", nil)
	var stderr bytes.Buffer
	o := options(t, broken{unit, "action-fail"}, append(unit.Env(), "JUJU_DISPATCH_PATH=actions/get-identity"), &stderr)
	if code := dispatch.Main(t.Context(), o); code != 1 || !strings.Contains(stderr.String(), "connection refused") {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
}

// working is a server that invites.
func working(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodGet:
			io.WriteString(w, "[]")
		case r.URL.Path == "/admin/identities":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"id": %q, "schema_id": "s", "state": "active", "traits": {}}`, newID)
		default:
			io.WriteString(w, `{"recovery_link": "http://127.0.0.1/x", "expires_at": "2030-01-02T03:04:05Z"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestUnknownAction: an older binary beside a newer actions.yaml.
func TestUnknownAction(t *testing.T) {
	t.Parallel()
	unit := jujutest.NewUnit(t, "")
	unit.BeginAction("get-identity", nil)
	env := append([]string{"JUJU_DISPATCH_PATH=actions/raise-dead"}, unit.Env()...)
	task := unit.End(dispatch.Main(t.Context(), options(t, unit, env, io.Discard)))
	if task.Status != "failed" || !strings.Contains(task.Message, `no action "raise-dead"`) {
		t.Errorf("status %s, message %q", task.Status, task.Message)
	}
}
