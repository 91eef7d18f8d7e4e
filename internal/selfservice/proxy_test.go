package selfservice_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

// seen records what reaches Kratos.
type seen struct {
	mu   sync.Mutex
	all  []*http.Request
	then http.HandlerFunc
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.all = append(s.all, r)
	s.mu.Unlock()
	if s.then != nil {
		s.then(w, r)
	}
}

func (s *seen) paths() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, r := range s.all {
		all = append(all, r.Method+" "+r.RequestURI)
	}
	return all
}

// rawGet sends a request line that no client of net/http would.
func rawGet(t *testing.T, origin, target string) int {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", parse(t, origin).Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: accounts.test\r\nConnection: close\r\n\r\n", target)
	a, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	return a.StatusCode
}

func TestAdminIsNeverReached(t *testing.T) {
	t.Parallel()
	kratos := &seen{}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	for _, target := range []string{
		"//", "/admin", "/admin/", "/admin/identities", "//admin/identities", "/./admin/identities", "/ADMIN/identities",
		"/%61dmin/identities", "/admin%2fidentities",
		"/self-service/../admin/identities", "/self-service/%2e%2e/admin/identities", "/self-service/..%2fadmin/identities",
		"/self-service/%2e%2e%2fadmin/identities", "/self-service/%252e%252e/admin/identities", "/self-service//../../admin/identities",
		"/self-service/./../admin", "/self-service/login/../../admin/identities", `/self-service/..\admin\identities`,
		"/self-service/%5c..%5cadmin", "/self-service/..;/admin/identities", "/sessions/../admin/identities", "/sessions/..%00/admin",
		"/schemas/../admin/identities", "/.well-known/ory/../../admin/identities", "/.well-known/../admin",
		"/sessions//../admin", "/self-service//admin", "http://kratos.test/admin/identities", "http://kratos.test//admin",
		"/health/../admin", "/identities", "/recovery/link", "/metrics", "/version", "/.well-known/openid-configuration",
		"/self-service/\u202e/admin", "/self-service/%c0%ae%c0%ae/admin",
	} {
		if status := rawGet(t, r.origin, target); status != http.StatusNotFound && status != http.StatusBadRequest {
			t.Errorf("%s: %d", target, status)
		}
	}
	if got := kratos.paths(); len(got) > 0 {
		t.Errorf("Kratos was asked for %q", got)
	}
}

func TestAdminOfARealKratosIsNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	for _, target := range []string{"/admin/identities", "/self-service/%2e%2e/admin/identities", "//admin/identities"} {
		if status := rawGet(t, r.origin, target); status != http.StatusNotFound {
			t.Errorf("%s: %d", target, status)
		}
	}
}

func TestUpstreamPath(t *testing.T) {
	t.Parallel()
	kratos := &seen{}
	r := fakeKratos(t, kratos.ServeHTTP, func(o *selfservice.Options) { o.KratosURL.Path = "/model-kratos/" })
	for _, target := range []string{"/self-service/login/browser?return_to=%2Fa%3Fb&again=1", "/sessions/whoami", "/schemas/x", "/login?flow=f"} {
		send(t.Context(), t, http.MethodGet, r.origin+target, nil, "")
	}
	want := []string{
		"GET /model-kratos/self-service/login/browser?return_to=%2Fa%3Fb", "GET /model-kratos/sessions/whoami",
		"GET /model-kratos/schemas/x", "GET /model-kratos/self-service/login/flows?id=f",
	}
	if diff := cmp.Diff(want, kratos.paths()); diff != "" {
		t.Error(diff)
	}
}

func TestForwardedHeaders(t *testing.T) {
	t.Parallel()
	spoofed := map[string]string{
		"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https",
		"X-Forwarded-Prefix": "/x", "Forwarded": "for=198.51.100.7", "True-Client-Ip": "198.51.100.7", "X-Real-Ip": "198.51.100.7",
		"Cf-Connecting-Ip": "198.51.100.7", "Cf-Ipcountry": "XX", "X-Request-Id": "chosen-by-the-client",
	}
	everyone := func(o *selfservice.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
	for name, test := range map[string]struct {
		change                  func(*selfservice.Options)
		client, host, proto, id string
		country                 string
	}{
		"from a client":        {nil, "127.0.0.1", "", "http", "", ""},
		"from a trusted proxy": {everyone, "203.0.113.9", "evil.test", "https", "chosen-by-the-client", "XX"},
	} {
		for _, target := range []string{"/sessions/whoami", "/login?flow=f"} {
			t.Run(name+target, func(t *testing.T) {
				t.Parallel()
				kratos := &seen{}
				r := fakeKratos(t, kratos.ServeHTTP, test.change)
				host := test.host
				if host == "" {
					host = parse(t, r.origin).Host
				}
				a, _ := send(t.Context(), t, http.MethodGet, r.origin+target, spoofed, "")
				got := kratos.all[0].Header
				want := map[string]string{"X-Forwarded-For": test.client, "X-Forwarded-Host": host, "X-Forwarded-Proto": test.proto}
				for name, value := range want {
					if v := strings.Join(got.Values(name), "|"); v != value {
						t.Errorf("%s: %q, want %q", name, v, value)
					}
				}
				for _, name := range []string{"Forwarded", "X-Forwarded-Prefix", "True-Client-Ip", "X-Real-Ip", "Cf-Connecting-Ip"} {
					if got.Get(name) != "" {
						t.Errorf("%s: %q reached Kratos", name, got.Get(name))
					}
				}
				id := a.Header.Get("X-Request-Id")
				if test.id != "" && id != test.id || test.id == "" && id == "chosen-by-the-client" || got.Get("X-Request-Id") != id || id == "" {
					t.Errorf("request id %q, Kratos has %q", id, got.Get("X-Request-Id"))
				}
			})
		}
	}
}

func TestCookiesPassVerbatim(t *testing.T) {
	t.Parallel()
	kratos := &seen{then: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "one=1; HttpOnly")
		w.Header().Add("Set-Cookie", "two=2; Path=/")
		fmt.Fprint(w, loginFlow)
	}}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	const cookie = `a="quoted, odd"; csrf_token_0=x=y==; a=twice`
	a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/login?flow=f", map[string]string{"Cookie": cookie}, "")
	first := kratos.all[0]
	if first.Header.Get("Cookie") != cookie || first.Header.Get("Accept") != "application/json" {
		t.Errorf("Kratos got %q, %q", first.Header.Get("Cookie"), first.Header.Get("Accept"))
	}
	if diff := cmp.Diff([]string{"one=1; HttpOnly", "two=2; Path=/"}, a.Header.Values("Set-Cookie")); diff != "" {
		t.Error(diff)
	}
	for _, q := range kratos.all[1:] {
		if q.Header.Get("Cookie") != "" {
			t.Errorf("%s carries a person's cookie", q.URL.Path)
		}
	}
}

func TestBeginHandsOnWhatKratosKnows(t *testing.T) {
	t.Parallel()
	kratos := &seen{}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/login?return_to=https%3A%2F%2Fevil.test%2F&login_challenge=c1&refresh=true&aal=aal2&next=x", nil, "")
	want := "/self-service/login/browser?aal=aal2&again=0&login_challenge=c1&refresh=true&return_to=https%3A%2F%2Fevil.test%2F"
	if got := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || got != want {
		t.Errorf("%d to %s, want %s", a.StatusCode, got, want)
	}
}

func TestLinksKeepWhatTheFlowIsFor(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, (&seen{then: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, loginFlow) }}).ServeHTTP, nil)
	b := newBrowser(t).goTo(r.origin+"/login?flow=f").want("/login", http.StatusOK)
	for _, page := range []string{"/registration", "/recovery"} {
		if got, want := b.link(page), page+"?login_challenge=challenge-1&return_to=https%3A%2F%2Fapp.test%2F"; got != want {
			t.Errorf("leads to %q, want %q", got, want)
		}
	}
}

// What Kratos offers is asked for once, not with every page.
func TestOffersAreRemembered(t *testing.T) {
	t.Parallel()
	kratos := &seen{then: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, loginFlow) }}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	for range 3 {
		newBrowser(t).goTo(r.origin+"/login?flow=f").want("/login", http.StatusOK)
	}
	counts := map[string]int{}
	for _, path := range kratos.paths() {
		counts[path]++
	}
	want := map[string]int{
		"GET /self-service/login/flows?id=f": 3, "GET /self-service/registration/api": 1,
		"GET /self-service/recovery/api": 1, "GET /self-service/verification/api": 1,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
}

// An OAuth2 client's sign-in outlives the flow that it was begun with.
func TestChallengeOutlivesTheFlow(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/self-service/login/browser":
			http.Redirect(w, q, "http://"+q.Host+"/login?flow=f", http.StatusSeeOther)
		default:
			answers(410, "application/json", `{"error":{"code":410,"details":{"return_to":"https://app.test/"}}}`)(w, q)
		}
	}, nil)
	a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/self-service/login/browser?login_challenge=c1", map[string]string{"Accept": "text/html"}, "")
	if got, want := a.Header.Get("Location"), r.origin+"/login?flow=f&login_challenge=c1"; got != want {
		t.Fatalf("leads to %s, want %s", got, want)
	}
	a, _ = send(t.Context(), t, http.MethodGet, a.Header.Get("Location"), nil, "")
	if got, want := a.Header.Get("Location"), "/self-service/login/browser?again=1&login_challenge=c1&return_to=https%3A%2F%2Fapp.test%2F"; got != want {
		t.Errorf("leads to %s, want %s", got, want)
	}
}

const loginFlow = `{"id":"f","type":"browser","return_to":"https://app.test/","oauth2_login_challenge":"challenge-1","ui":{"action":"http://127.0.0.1/self-service/login?flow=f","method":"POST","nodes":[
	{"type":"input","group":"default","attributes":{"name":"csrf_token","type":"hidden","value":"s3cr3t-mark-csrf","node_type":"input"}},
	{"type":"input","group":"password","attributes":{"name":"method","type":"submit","value":"password","node_type":"input"}}]}}`
