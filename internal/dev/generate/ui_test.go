package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

// asked is a Kratos that begins sign-ins, has nothing else and writes down what
// it is asked.
type asked struct{ paths []string }

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	a.paths = append(a.paths, r.URL.Path)
	status, text := http.StatusUnauthorized, "{}"
	if r.URL.Path == "/self-service/login/api" {
		status, text = http.StatusOK, `{"id":"f","ui":{"action":"https://accounts.example.com/self-service/login?flow=f","nodes":[]}}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"X-Kratos": {"1"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r,
	}, nil
}

// pages serves the pages in front of that Kratos.
func pages(t *testing.T) (http.Handler, *asked) {
	t.Helper()
	kratos := &asked{}
	s, err := selfservice.New(selfservice.Options{
		KratosURL: &url.URL{Scheme: "http", Host: "127.0.0.1:4433"}, PublicURL: &url.URL{Scheme: "https", Host: "accounts.example.com"},
		EnforceMFA: true, Transport: kratos,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler(), kratos
}

func get(h http.Handler, path string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// TestPagesAreServed: what the reference lists is there, and nothing but what it
// lists reaches Kratos.
func TestPagesAreServed(t *testing.T) {
	t.Parallel()
	h, kratos := pages(t)
	for _, r := range uiPages() {
		path := r.path
		switch path {
		case "/error":
			path += "?id=1"
		case "/assets/":
			path = style(t, h)
		}
		if got := get(h, path); got.StatusCode == http.StatusNotFound || got.Header.Get("X-Kratos") != "" {
			t.Errorf("%s: got %s %v", path, got.Status, got.Header)
		}
	}
	for _, r := range uiForwarded() {
		if got := get(h, r.path); got.Header.Get("X-Kratos") == "" {
			t.Errorf("%s did not go to Kratos: %s", r.path, got.Status)
		}
	}
	kratos.paths = nil
	for _, path := range []string{"/admin/identities", "/identities", "/version", "/metrics/prometheus", "/health", "/.well-known/jwks.json"} {
		if got := get(h, path); got.StatusCode != http.StatusNotFound || kratos.paths != nil {
			t.Errorf("%s: got %s, Kratos was asked %q", path, got.Status, kratos.paths)
		}
	}
}

// style is the path of the style sheet that a page names.
func style(t *testing.T, h http.Handler) string {
	t.Helper()
	page, err := io.ReadAll(get(h, "/nowhere").Body)
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile(`/assets/[^"]+\.css`).Find(page)
	if path == nil {
		t.Fatalf("no style sheet: %s", page)
	}
	return string(path)
}

// TestPageHeaders holds the headers that the reference gives to those that are
// sent.
func TestPageHeaders(t *testing.T) {
	t.Parallel()
	h, _ := pages(t)
	got := get(h, "/nowhere").Header
	if diff := cmp.Diff(uiPolicy, got.Get("Content-Security-Policy")); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"X-Content-Type-Options: nosniff", "Referrer-Policy: strict-origin", "Cache-Control: no-store", "X-Frame-Options: DENY"} {
		key, value, _ := strings.Cut(name, ": ")
		if got.Get(key) != value || !strings.Contains(uiReference(), name) {
			t.Errorf("%s: got %q", name, got.Get(key))
		}
	}
}

// TestHandedOn holds the parameters that the reference gives to those that Kratos
// gets.
func TestHandedOn(t *testing.T) {
	t.Parallel()
	h, _ := pages(t)
	want := strings.Split(uiHandedOn, ", ")
	q := url.Values{"other": {"1"}, "flow_id": {"1"}}
	for _, name := range want {
		q.Set(name, "x")
	}
	q.Set("aal", "aal2") // no other value of these two is handed on
	q.Set("refresh", "true")
	to, err := url.Parse(get(h, "/login?"+q.Encode()).Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for name := range to.Query() {
		if q.Has(name) {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFlagsOfPages: the reference has every setting with its variable.
func TestFlagsOfPages(t *testing.T) {
	t.Parallel()
	text := uiReference()
	for _, s := range selfservice.Settings() {
		if !strings.Contains(text, "| `--"+s.Flag) || !strings.Contains(text, "| `"+s.Env+"` |") {
			t.Errorf("--%s or %s is missing", s.Flag, s.Env)
		}
	}
	for _, b := range cli.Builtins() {
		if len(b.Flags) > 0 && !strings.Contains(text, b.Synopsis) {
			t.Errorf("%s has flags and is not explained", b.Name)
		}
	}
}
