package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// fake answers every request in one way, for what no Pebble should answer.
func fake(t *testing.T, h http.HandlerFunc) *pebble.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "fake")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	must(t, err)
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return pebble.New(filepath.Join(dir, "s"))
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, text) }
}

// calls are all calls, each with its error alone.
func calls(p *pebble.Client) map[string]func(context.Context) error {
	second := func(_ any, err error) error { return err }
	return map[string]func(context.Context) error{
		"System":          func(ctx context.Context) error { return second(p.System(ctx)) },
		"Plan":            func(ctx context.Context) error { return second(p.Plan(ctx)) },
		"AddLayer":        func(ctx context.Context) error { return p.AddLayer(ctx, "l", pebble.Layer{}) },
		"Services":        func(ctx context.Context) error { return second(p.Services(ctx)) },
		"Replan":          p.Replan,
		"StartServices":   func(ctx context.Context) error { return p.StartServices(ctx, "a") },
		"StopServices":    func(ctx context.Context) error { return p.StopServices(ctx, "a") },
		"RestartServices": func(ctx context.Context) error { return p.RestartServices(ctx, "a") },
		"Signal":          func(ctx context.Context) error { return p.Signal(ctx, "SIGHUP", "a") },
		"Checks":          func(ctx context.Context) error { return second(p.Checks(ctx)) },
		"StartChecks":     func(ctx context.Context) error { return second(p.StartChecks(ctx, "a")) },
		"StopChecks":      func(ctx context.Context) error { return second(p.StopChecks(ctx, "a")) },
		"Change":          func(ctx context.Context) error { return second(p.Change(ctx, "1")) },
		"ReadFile":        func(ctx context.Context) error { return second(p.ReadFile(ctx, "/a")) },
		"WriteFiles":      func(ctx context.Context) error { return p.WriteFiles(ctx, pebble.File{Path: "/a", Permissions: 0o600}) },
		"ListFiles":       func(ctx context.Context) error { return second(p.ListFiles(ctx, "/a", "")) },
		"StatFile":        func(ctx context.Context) error { return second(p.StatFile(ctx, "/a")) },
		"MakeDir":         func(ctx context.Context) error { return p.MakeDir(ctx, "/a", 0o700) },
		"RemoveFile":      func(ctx context.Context) error { return p.RemoveFile(ctx, "/a") },
		"Exec": func(ctx context.Context) error {
			return second(p.Exec(ctx, pebble.Command{Args: []string{"a"}, Timeout: time.Minute}))
		},
	}
}

func TestNoPebbleIsNotReady(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dead := filepath.Join(dir, "dead")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead})
	must(t, err)
	listener.SetUnlinkOnClose(false)
	must(t, listener.Close())
	for _, socket := range []string{filepath.Join(dir, "missing"), filepath.Join(dir, "no", "dir"), dead} {
		for name, call := range calls(pebble.New(socket)) {
			err := call(t.Context())
			wantKind(t, err, fault.Unavailable)
			if !errors.Is(err, pebble.ErrNotReady) || !strings.Contains(err.Error(), "waiting for container") {
				t.Errorf("%s on %s: %v", name, socket, err)
			}
		}
	}
}

func TestContextsBoundCalls(t *testing.T) {
	t.Parallel()
	p := fake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for name, call := range calls(p) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			wantKind(t, call(ctx), fault.Timeout)
			ctx, cancel = context.WithCancel(t.Context())
			cancel()
			wantKind(t, call(ctx), fault.Cancelled)
		})
	}
}

func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	for answer, kind := range map[string]fault.Kind{
		mark:                     fault.Internal,
		`{"result":"` + mark:     fault.Internal,
		`{"type":"sync"}`:        fault.Internal,
		strings.Repeat(" ", 9e6): fault.Internal,
		`{"type":"error","status-code":500,"result":{"message":"` + mark[:6] + `"}}`:             fault.Unavailable,
		`{"type":"error","status-code":401,"result":{"message":"no","kind":"login-required"}}`:   fault.Precondition,
		`{"type":"error","status-code":401,"result":7}`:                                          fault.Precondition,
		`{"type":"sync","result":{"s3cr3t-mark":1},"change":"1"}`:                                fault.Internal,
		`{"type":"sync","status-code":200,"result":"services: [` + mark + `]","change":"` + mark: fault.Internal,
	} {
		p := fake(t, says(answer))
		_, err := p.Plan(t.Context())
		wantKind(t, err, kind)
		_, err = p.Services(t.Context())
		wantKind(t, err, kind)
		_, err = p.ReadFile(t.Context(), "/a")
		wantKind(t, err, kind)
	}
}

func TestAPlanOfAnotherShapeIsNotShown(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"services: [" + mark + "]", "services: {a: {kill-delay: " + mark + "}}", "{" + mark} {
		_, err := fake(t, says(`{"type":"sync","result":"`+plan+`"}`)).Plan(t.Context())
		wantKind(t, err, fault.Internal)
	}
}

func TestTheEchoOfAnExecIsNotShown(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"type":"async","change":"1","result":{"environment":{"A":"` + mark + `"},"task-id":7}}`,
		`{"type":"async","change":"1","result":{"environment":{"A":"` + mark + `"},"task-id":"7"}}`,
		`{"type":"async","change":"1","result":["` + mark + `"]}`,
	} {
		_, err := fake(t, says(answer)).Exec(t.Context(), pebble.Command{Args: []string{"a"}, Timeout: time.Minute})
		if err == nil || strings.Contains(err.Error()+pebble.Detail(err), mark) {
			t.Errorf("the error is %v; %s", err, pebble.Detail(err))
		}
	}
}

func TestACutFileIsAnError(t *testing.T) {
	t.Parallel()
	p := fake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "multipart/form-data; boundary=b")
		_, _ = fmt.Fprint(w, "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"/a\"\r\n\r\nhalf of it\r\n--b--\r\n")
	})
	content, err := p.ReadFile(t.Context(), "/a")
	wantKind(t, err, fault.Unavailable)
	if content != nil {
		t.Errorf("it gave %q", content)
	}
}

func TestAWaitGoesOnAfterPebblesOwnTimeout(t *testing.T) {
	t.Parallel()
	asked := 0
	p := fake(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			_, _ = fmt.Fprint(w, `{"type":"async","change":"4"}`)
		case asked < 3:
			asked++
			_, _ = fmt.Fprint(w, `{"type":"error","status-code":504,"result":{"message":"timed out waiting for change after 10s"}}`)
		default:
			_, _ = fmt.Fprint(w, `{"type":"sync","status-code":200,"result":{"id":"4","status":"Done","ready":true}}`)
		}
	})
	must(t, p.Replan(t.Context()))
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
}
