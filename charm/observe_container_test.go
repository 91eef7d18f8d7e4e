package charm

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

// printing is a program that prints a text, notes that it ran, and exits with a
// code. A shell writes it: a file that this process had open for writing could
// be busy when another one is started.
func printing(t *testing.T, text, code string) (program, ran string) {
	t.Helper()
	dir := t.TempDir()
	program, ran = filepath.Join(dir, "program"), filepath.Join(dir, "ran")
	write := exec.CommandContext(t.Context(), "/bin/sh", "-c", `cat > "$0" && chmod 755 "$0"`, program)
	write.Stdin = strings.NewReader("#!/bin/sh\necho \"$@\" > '" + ran + "'\ncat <<'EOT'\n" + text + "\nEOT\nexit " + code + "\n")
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program, ran
}

// contain gives the surroundings a container in which kratos prints the text.
func (s *surroundings) contain(t *testing.T, text string) *pebbletest.Double {
	t.Helper()
	program, _ := printing(t, text, "0")
	d := pebbletest.Start(t, pebbletest.Options{Programs: map[string]string{"kratos": program}})
	s.Pebble = pebble.New(d.Socket)
	return d
}

// leave puts a file into the container.
func leave(t *testing.T, d *pebbletest.Double, path, content string) {
	t.Helper()
	path = d.Path(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestObserveContainer(t *testing.T) {
	t.Parallel()
	s := surround(t, "").hook("update-status")
	d := s.contain(t, "Version:\t\t\tv1.3.1\nBuild Commit:\tundefined")
	leave(t, d, configPath, "a: b\n")
	leave(t, d, memoryPath, `{"configmaps": {"providers": {"k": "v"}}, "refused": {"candidate": "c", "reason": "r"}}`)
	layer := pebble.Layer{
		Services: map[string]pebble.Service{serviceKratos: {Override: pebble.Replace, Command: "sleep 60", Environment: map[string]string{"DSN": "s3cr3t-mark"}}},
		Checks:   map[string]pebble.Check{checkReady: {Override: pebble.Replace, TCP: &pebble.TCPCheck{Port: 1}}},
	}
	if err := s.Pebble.AddLayer(t.Context(), layerLabel, layer); err != nil {
		t.Fatal(err)
	}
	got := s.observe(t).Container
	if !got.Plan.Holds(layer) {
		t.Error("the plan is another")
	}
	want := Container{
		Ready: true, Version: "v1.3.1", VersionAsked: true, Config: []byte("a: b\n"),
		Services: map[string]pebble.ServiceStatus{serviceKratos: {Name: serviceKratos, Startup: pebble.Disabled, Current: pebble.Inactive}},
		Checks:   map[string]pebble.CheckStatus{checkReady: {Name: checkReady, Startup: pebble.Enabled, Status: pebble.Up, Threshold: 3}},
		Memory: Memory{
			ConfigMaps: &ConfigMapData{Providers: map[string]string{"k": "v"}}, Refused: &Refused{Candidate: "c", Reason: "r"},
		},
	}
	ignore := cmp.Options{cmpopts.IgnoreFields(Container{}, "Plan"), cmpopts.IgnoreFields(pebble.CheckStatus{}, "ChangeID", "Failures")}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Error(diff)
	}
}

// TestObserveBareContainer: what is not there is empty, and nothing is wrong. A
// memory that cannot be read is none.
func TestObserveBareContainer(t *testing.T) {
	t.Parallel()
	for name, memory := range map[string]string{"none": "", "no JSON": "{", "another shape": `{"refused": {"candidate": "c"}, "configmaps": 1}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surround(t, "").hook("update-status")
			d := s.contain(t, "Version: v1.3.1")
			if memory != "" {
				leave(t, d, memoryPath, memory)
			}
			got := s.observe(t).Container
			want := Container{Ready: true, Version: "v1.3.1", VersionAsked: true}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(s.told) > 0 {
				t.Error(diff, s.told)
			}
		})
	}
}

func TestObserveVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ prints, code, want string }{
		"as Kratos prints":     {"Version:\t\t\tv26.2.0\nBuild Commit:\tundefined\nBuild Timestamp:\tundefined", "0", "v26.2.0"},
		"before the release":   {"Version:\t\t\tv26.3.0-pre.1+a\n", "0", "v26.3.0-pre.1+a"},
		"without a version":    {"Version:\t\t\tmaster\nBuild Commit:\tv1.3.1", "0", ""},
		"another's version":    {"Go Version: v1.26.0", "0", ""},
		"nothing":              {"", "0", ""},
		"it fails":             {"Version: v26.2.0", "1", ""},
		"spaces and no suffix": {"Version: v26.2.0 (amd64)", "0", "v26.2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, ran := printing(t, test.prints, test.code)
			d := pebbletest.Start(t, pebbletest.Options{Programs: map[string]string{"kratos": program}})
			s := surround(t, "").hook("update-status")
			s.Pebble = pebble.New(d.Socket)
			got := s.observe(t).Container
			if !got.Ready || got.Version != test.want || !got.VersionAsked {
				t.Errorf("ready %t, version %q", got.Ready, got.Version)
			}
			if args, err := os.ReadFile(ran); string(args) != "version\n" || err != nil {
				t.Errorf("it ran with %q, %v", args, err)
			}
		})
	}
}

// TestObserveNoProgram: an image without kratos is a fact, which the log tells.
func TestObserveNoProgram(t *testing.T) {
	t.Parallel()
	s := surround(t, "").hook("update-status")
	d := pebbletest.Start(t, pebbletest.Options{Programs: map[string]string{"kratos": filepath.Join(t.TempDir(), "nowhere")}})
	s.Pebble = pebble.New(d.Socket)
	got := s.observe(t).Container
	if !got.Ready || got.Version != "" || !got.VersionAsked || len(s.told) != 1 || !strings.Contains(s.told[0], `cannot run "kratos"`) {
		t.Errorf("%+v, %q", got, s.told)
	}
}

// TestObserveKnownVersion: what the plan says is not asked again, even that there
// is none.
func TestObserveKnownVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v26.2.0", ""} {
		s := surround(t, "").hook("update-status")
		d := s.contain(t, "Version: v1.3.1")
		layer := pebble.Layer{Services: map[string]pebble.Service{
			serviceKratos: {Override: pebble.Replace, Command: "sleep 60", Environment: map[string]string{versionVariable: version}},
		}}
		if err := s.Pebble.AddLayer(t.Context(), layerLabel, layer); err != nil {
			t.Fatal(err)
		}
		d.Forget()
		if got := s.observe(t).Container; got.Version != version || got.VersionAsked || !got.Ready {
			t.Errorf("%q: ready %t, version %q, asked %t", version, got.Ready, got.Version, got.VersionAsked)
		}
		want := []string{"GET /v1/system-info", "GET /v1/plan", "GET /v1/services", "GET /v1/checks", "GET /v1/files", "GET /v1/files"}
		if diff := cmp.Diff(want, d.Journal()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestObserveNoContainer: without Pebble there is no container yet, and nobody is
// told: it is no failure. The database is left alone.
func TestObserveNoContainer(t *testing.T) {
	t.Parallel()
	s := surround(t, everything).hook("config-changed")
	d := s.contain(t, "")
	d.Stop()
	if diff := cmp.Diff(Container{}, s.observe(t).Container); diff != "" || len(s.told) > 0 || len(s.asked) > 0 {
		t.Error(diff, s.told, s.asked)
	}
}

// TestObservePebbleFails: a Pebble that does not answer one question is not
// there either, and the log tells why.
func TestObservePebbleFails(t *testing.T) {
	t.Parallel()
	for path, query := range map[string]string{
		"/v1/system-info": "", "/v1/plan": "", "/v1/services": "", "/v1/checks": "", "/v1/files": configPath, "/v1/files ": memoryPath,
	} {
		t.Run(path+query, func(t *testing.T) {
			t.Parallel()
			s := surround(t, everything).hook("config-changed")
			d := s.contain(t, "Version: v1.3.1")
			failing := func(r *http.Request) bool {
				return r.URL.Path == strings.TrimSpace(path) && strings.Contains(r.URL.Query().Get("path"), query)
			}
			s.Pebble = pebble.New(between(t, d.Socket, failing))
			w := s.observe(t)
			if diff := cmp.Diff(Container{}, w.Container); diff != "" {
				t.Error(diff)
			}
			if len(s.told) != 1 || !strings.HasPrefix(s.told[0], "cannot ") || len(s.asked) > 0 || w.Database != DatabaseNotAsked {
				t.Errorf("told %q, asked %q", s.told, s.asked)
			}
		})
	}
}

// TestObservePebbleGoes: one that ends in the middle is waited for like one that
// never was.
func TestObservePebbleGoes(t *testing.T) {
	t.Parallel()
	for after, query := range map[string]string{"/v1/system-info": "", "/v1/files": memoryPath} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			s := surround(t, "").hook("config-changed")
			d := s.contain(t, "Version: v1.3.1")
			var socket string
			socket = between(t, d.Socket, func(r *http.Request) bool {
				if r.URL.Path == after && strings.Contains(r.URL.Query().Get("path"), query) {
					_ = os.Remove(socket)
				}
				return false
			})
			s.Pebble = pebble.New(socket)
			if diff := cmp.Diff(Container{}, s.observe(t).Container); diff != "" || len(s.told) > 0 {
				t.Error(diff, s.told)
			}
		})
	}
}

// between stands between Pebble and its client, and fails some requests.
func between(t *testing.T, socket string, failing func(*http.Request) bool) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "charm-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "p"))
	if err != nil {
		t.Fatal(err)
	}
	to := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if failing(r) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"type":"error","status-code":500,"result":{"message":"oops"}}`)
			return
		}
		r.URL.Scheme, r.URL.Host = "http", "pebble"
		answer, err := to.RoundTrip(r)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer func() { _ = answer.Body.Close() }()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	})}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-served })
	return l.Addr().String()
}
