package selfservice_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

// served runs Serve, and gives its origin, how to end it and what it returned.
func served(t *testing.T, o selfservice.Options) (origin string, end context.CancelFunc, ended <-chan error) {
	t.Helper()
	l := listen(t)
	origin = "http://" + l.Addr().String()
	if o.PublicURL == nil {
		o.PublicURL = parse(t, origin)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	result := make(chan error, 1)
	go func() { result <- selfservice.Serve(ctx, l, o) }()
	return origin, cancel, result
}

func result(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(15 * time.Second):
		t.Fatal("it does not end")
		return nil
	}
}

// get asks until the server answers.
func get(t *testing.T, target string) int {
	t.Helper()
	for {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			continue
		}
		a.Body.Close()
		return a.StatusCode
	}
}

// becomes asks until the answer has the status.
func becomes(t *testing.T, target string, want int) {
	t.Helper()
	status := 0
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); {
		if status = get(t, target); status == want {
			return
		}
	}
	t.Fatalf("%s: %d, want %d", target, status, want)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	status.Store(http.StatusServiceUnavailable)
	var found atomic.Bool
	kratos := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/health/ready":
			w.WriteHeader(int(status.Load()))
		case !found.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			callsItself("http://127.0.0.1:4455/")(w, r)
		}
	}))
	t.Cleanup(kratos.Close)
	origin, end, ended := served(t, selfservice.Options{KratosURL: parse(t, kratos.URL)})
	for path, want := range map[string]int{"/health/alive": 200, "/health/ready": 503} {
		if got := get(t, origin+path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	status.Store(http.StatusOK)
	if got := get(t, origin+"/health/ready"); got != 503 {
		t.Errorf("ready before it is known that this is Kratos: %d", got)
	}
	found.Store(true)
	becomes(t, origin+"/health/ready", http.StatusOK)
	status.Store(http.StatusServiceUnavailable)
	if got := get(t, origin+"/health/ready"); got != 503 {
		t.Errorf("ready without Kratos: %d", got)
	}
	end()
	if err := result(t, ended); err != nil {
		t.Error(err)
	}
}

func TestServeRefusesADifferentDomain(t *testing.T) {
	t.Parallel()
	kratos := httptest.NewServer(callsItself("https://kratos.foo.com/"))
	t.Cleanup(kratos.Close)
	_, _, ended := served(t, selfservice.Options{KratosURL: parse(t, kratos.URL), PublicURL: parse(t, "https://ui.bar.com")})
	if err := result(t, ended); fault.KindOf(err) != fault.Precondition {
		t.Errorf("%v", err)
	}
}

// A Kratos that comes late is compared with late.
func TestServeRefusesADifferentDomainLater(t *testing.T) {
	t.Parallel()
	var late atomic.Bool
	kratos := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !late.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		callsItself("https://kratos.foo.com/")(w, r)
	}))
	t.Cleanup(kratos.Close)
	origin, _, ended := served(t, selfservice.Options{KratosURL: parse(t, kratos.URL)})
	if status := get(t, origin+"/health/alive"); status != 200 {
		t.Errorf("a server without a Kratos: %d", status)
	}
	late.Store(true)
	if err := result(t, ended); fault.KindOf(err) != fault.Precondition {
		t.Errorf("%v", err)
	}
}

func TestServeLimitsHeaders(t *testing.T) {
	t.Parallel()
	kratos := httptest.NewServer(answers(http.StatusServiceUnavailable, "text/plain", ""))
	t.Cleanup(kratos.Close)
	origin, _, _ := served(t, selfservice.Options{KratosURL: parse(t, kratos.URL)})
	get(t, origin+"/health/alive")
	a, _ := send(t.Context(), t, http.MethodGet, origin+"/health/alive", map[string]string{"Cookie": strings.Repeat("x", 64<<10)}, "")
	if a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d", a.StatusCode)
	}
}

// What is under way when the server is told to end is finished.
func TestServeEndsGracefully(t *testing.T) {
	t.Parallel()
	arrived, goOn := make(chan struct{}), make(chan struct{})
	kratos := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sessions/whoami" {
			close(arrived)
			<-goOn
		}
		callsItself("http://127.0.0.1:4455/")(w, r)
	}))
	t.Cleanup(kratos.Close)
	origin, end, ended := served(t, selfservice.Options{KratosURL: parse(t, kratos.URL)})
	get(t, origin+"/health/alive")
	answered := make(chan int, 1)
	go func() {
		status := get(t, origin+"/sessions/whoami")
		answered <- status
	}()
	<-arrived
	end()
	close(goOn)
	if status := <-answered; status != 200 {
		t.Errorf("the request that was under way got %d", status)
	}
	if err := result(t, ended); err != nil {
		t.Error(err)
	}
}

func TestServeTellsOfPagesElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.recovery.ui_url": "https://old.test/recovery", "selfservice.flows.registration.enabled": false}, nil)
	log := &logBuffer{}
	origin, end, ended := served(t, selfservice.Options{KratosURL: parse(t, r.PublicURL), PublicURL: parse(t, r.origin), Log: newLog(log)})
	get(t, origin+"/health/alive")
	end()
	if err := result(t, ended); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "ui_url"); n != 1 || !strings.Contains(log.String(), "selfservice.flows.recovery.ui_url would be "+r.origin+"/recovery") {
		t.Errorf("the log should tell of the recovery alone:\n%s", log)
	}
}

func TestServeTellsOfSiblings(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	kratos := httptest.NewServer(callsItself("https://kratos.bar.com/"))
	t.Cleanup(kratos.Close)
	origin, end, ended := served(t, selfservice.Options{
		KratosURL: parse(t, kratos.URL), PublicURL: parse(t, "https://ui.bar.com"), Log: newLog(log),
	})
	get(t, origin+"/health/alive")
	end()
	if err := result(t, ended); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "cookies.domain: bar.com") {
		t.Errorf("the log does not say what to set:\n%s", log)
	}
}
