package selfservice_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

func answers(status int, kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

func breaksOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, `{"id":`)
	panic(http.ErrAbortHandler)
}

// hangs answers when the one who asks has gone, and not before.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func impatient(o *selfservice.Options) { o.FetchTimeout = 50 * time.Millisecond }

func TestPagesOfAKratosThatFails(t *testing.T) {
	t.Parallel()
	const stack = `{"error":{"code":500,"status":"Internal Server Error","reason":"pq: s3cr3t-mark","stack":"goroutine 1"}}`
	for name, test := range map[string]struct {
		kratos http.HandlerFunc
		status int
		change func(*selfservice.Options)
	}{
		"a failure":       {answers(500, "application/json", stack), 502, nil},
		"a bad gateway":   {answers(502, "text/html", "<h1>nginx s3cr3t-mark</h1>"), 502, nil},
		"unavailable":     {answers(503, "text/plain", "s3cr3t-mark"), 502, nil},
		"another program": {answers(200, "text/html", "<h1>It works! s3cr3t-mark</h1>"), 502, nil},
		"no flow":         {answers(200, "application/json", `{"s3cr3t-mark":1}`), 502, nil},
		"a list":          {answers(200, "application/json", `["s3cr3t-mark"]`), 502, nil},
		"nothing":         {answers(200, "application/json", ""), 502, nil},
		"an odd refusal":  {answers(400, "text/plain", "s3cr3t-mark"), 502, nil},
		"too much":        {answers(200, "application/json", strings.Repeat("s3cr3t-mark", 1<<20)), 503, nil},
		"a broken answer": {breaksOff, 503, nil},
		"no answer":       {hangs, 503, impatient},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := fakeKratos(t, test.kratos, test.change)
			for _, page := range []string{"/login?flow=f", "/settings?flow=f", "/logout", "/error?id=f"} {
				a, text := send(t.Context(), t, http.MethodGet, r.origin+page, map[string]string{"Accept": "text/html", "Accept-Language": "en"}, "")
				if a.StatusCode != test.status || !strings.Contains(text, "We will be back shortly") {
					t.Errorf("%s: %d, want %d: %s", page, a.StatusCode, test.status, text)
				}
				if strings.Contains(text+r.log.String(), "s3cr3t-mark") || strings.Contains(text, "goroutine") {
					t.Errorf("%s shows what is nobody's business: %s\n%s", page, text, r.log)
				}
				wantPageHeaders(t, a)
			}
		})
	}
}

func TestProxyOfAKratosThatFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kratos  http.HandlerFunc
		browser int
		app     int
	}{
		"a failure":         {answers(500, "application/json", `{"error":{"code":500}}`), 502, 500},
		"a bad gateway":     {answers(502, "text/plain", "s3cr3t-mark"), 502, 502},
		"a page of its own": {answers(503, "text/html", "<p>Maintenance</p>"), 503, 503},
		"away":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := fakeKratos(t, test.kratos, nil)
			a, text := send(t.Context(), t, http.MethodGet, r.origin+"/self-service/login/browser", map[string]string{"Accept": "text/html,*/*"}, "")
			if a.StatusCode != test.browser || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				t.Errorf("a browser gets %d: %s", a.StatusCode, text)
			}
			a, text = send(t.Context(), t, http.MethodGet, r.origin+"/sessions/whoami", map[string]string{"Accept": "application/json"}, "")
			if a.StatusCode != test.app || name == "away" && !strings.Contains(text, `"code":503`) {
				t.Errorf("an app gets %d: %s", a.StatusCode, text)
			}
			a, text = send(t.Context(), t, http.MethodGet, r.origin+"/sessions/whoami", map[string]string{"Accept": "*/*"}, "")
			if a.StatusCode != test.app || name == "away" && !strings.Contains(text, `"code":503`) {
				t.Errorf("curl gets %d: %s", a.StatusCode, text)
			}
		})
	}
}

func TestKratosCannotSendABrowserIntoAScript(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.test/", "%zz", "login"} {
		r := fakeKratos(t, answers(403, "application/json", `{"redirect_browser_to":"`+to+`"}`), nil)
		a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/settings?flow=f", nil, "")
		if a.StatusCode != http.StatusBadGateway {
			t.Errorf("%s: %d to %q", to, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, answers(429, "application/json", `{"error":{"code":429}}`), nil)
	a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/login?flow=f", nil, "")
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d, retry after %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
}

func TestLargeRequestIsRefused(t *testing.T) {
	t.Parallel()
	kratos := &seen{then: func(_ http.ResponseWriter, r *http.Request) {
		var b [64 << 10]byte
		for {
			if _, err := r.Body.Read(b[:]); err != nil {
				return
			}
		}
	}}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	large := strings.Repeat("x", 1<<20+1)
	for name, length := range map[string]bool{"told": true, "not told": false} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.origin+"/self-service/login?flow=f", strings.NewReader(large))
		if err != nil {
			t.Fatal(err)
		}
		if !length {
			q.ContentLength = -1
		}
		a, err := http.DefaultTransport.RoundTrip(q)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		a.Body.Close()
		if a.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	a, _ := send(t.Context(), t, http.MethodPost, r.origin+"/self-service/login?flow=f", nil, large[:1<<20])
	if a.StatusCode != http.StatusOK {
		t.Errorf("one that is as large as may be: %d", a.StatusCode)
	}
}

// panics is a way to Kratos that does.
type panics struct{}

func (panics) RoundTrip(*http.Request) (*http.Response, error) { panic(errors.New("s3cr3t-mark")) }

func TestPanicIsAPage(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, nil, func(o *selfservice.Options) { o.Transport = panics{} })
	for _, path := range []string{"/login?flow=f", "/self-service/login/browser"} {
		a, text := send(t.Context(), t, http.MethodGet, r.origin+path, map[string]string{"Accept": "text/html", "Accept-Language": "en"}, "")
		if a.StatusCode != http.StatusInternalServerError || !strings.Contains(text, "on our side") || !strings.Contains(text, a.Header.Get("X-Request-Id")) {
			t.Errorf("%s: %d %s", path, a.StatusCode, text)
		}
		wantPageHeaders(t, a)
	}
	if log := r.log.String(); strings.Contains(log, "s3cr3t-mark") || !strings.Contains(log, "a request panicked") || !strings.Contains(log, "faults_test.go") {
		t.Errorf("the log does not say where, or says what:\n%s", log)
	}
}

const policy = "default-src 'none'; img-src 'self' data:; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

func wantPageHeaders(t *testing.T, a *http.Response) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Referrer-Policy": "strict-origin", "X-Frame-Options": "DENY", "Content-Type": "text/html; charset=utf-8",
	} {
		if got := strings.Join(a.Header.Values(name), " | "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestFormActionOnlyWhereItsOriginsAreKnown(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, nil, func(o *selfservice.Options) {
		o.FormActionOrigins = []string{"https://login.example.com", "https://id.example.org:8443"}
	})
	a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/no-such-page", nil, "")
	if got, want := a.Header.Get("Content-Security-Policy"), policy+"; form-action 'self' https://login.example.com https://id.example.org:8443"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAssetsAreCached(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, answers(200, "application/json", loginFlow), nil)
	b := newBrowser(t).goTo(r.origin+"/login?flow=f").want("/login", http.StatusOK)
	for link := range elements(b.page, "link") {
		if attr(link, "rel") != "stylesheet" {
			continue
		}
		a, _ := send(t.Context(), t, http.MethodGet, r.origin+attr(link, "href"), nil, "")
		if a.StatusCode != http.StatusOK || strings.Contains(a.Header.Get("Cache-Control"), "no-store") || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", attr(link, "href"), a.StatusCode, a.Header)
		}
	}
}

// What a request holds is in no log, wherever it stands and however it ends.
func TestLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	for name, kratos := range map[string]http.HandlerFunc{
		"serves": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "ory_kratos_session=s3cr3t-mark-set")
			fmt.Fprint(w, loginFlow)
		},
		"fails":     answers(500, "text/plain", "s3cr3t-mark"),
		"redirects": answers(http.StatusSeeOther, "text/html", "s3cr3t-mark"),
		"is away":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := fakeKratos(t, kratos, nil)
			for _, target := range []string{
				"/login?flow=s3cr3t-mark", "/settings?flow=s3cr3t-mark", "/error?id=s3cr3t-mark", "/s3cr3t-mark?s3cr3t-mark", "/sessions/s3cr3t-mark",
				"/self-service/recovery?flow=s3cr3t-mark&token=s3cr3t-mark", "/self-service/verification?code=s3cr3t-mark", "/self-service/s3cr3t-mark",
				"/logout?return_to=s3cr3t-mark", "/self-service/methods/oidc/callback/x?code=s3cr3t-mark&state=s3cr3t-mark", "/schemas/s3cr3t-mark",
			} {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					send(t.Context(), t, method, r.origin+target, map[string]string{
						"Cookie": "ory_kratos_session=s3cr3t-mark", "X-Session-Token": "s3cr3t-mark", "Authorization": "Bearer s3cr3t-mark",
						"Referer": "https://x.test/?s3cr3t-mark", "User-Agent": "s3cr3t-mark", "Accept-Language": "s3cr3t-mark", "X-Request-Id": "s3cr3t-mark",
					}, "password=s3cr3t-mark")
				}
			}
			log := r.log.String()
			if strings.Contains(log, "s3cr3t-mark") {
				t.Errorf("the log holds secrets:\n%s", log)
			}
			if n := strings.Count(log, `"msg":"request served"`); n != 22 {
				t.Errorf("%d lines for 22 requests:\n%s", n, log)
			}
		})
	}
}
