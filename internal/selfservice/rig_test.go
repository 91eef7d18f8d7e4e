package selfservice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

func TestMain(m *testing.M) { os.Exit(kratostest.Main(m)) }

const password = "s3cr3t-mark-password"

// rig is a real Kratos behind a server of ours, on one origin.
type rig struct {
	*kratostest.Server
	server *selfservice.Server
	origin string // ours, without a slash at its end
	app    *httptest.Server
	log    *logBuffer
}

// newRig starts both. The settings are laid over a Kratos that knows our origin;
// change, if not nil, has the last word on the options.
func newRig(tb testing.TB, settings map[string]any, change func(*selfservice.Options)) *rig {
	tb.Helper()
	l := listen(tb)
	r := &rig{origin: "http://" + l.Addr().String(), log: &logBuffer{}}
	r.start(tb, l, settings, change)
	return r
}

// start starts Kratos, and then the server on the listener.
func (r *rig) start(tb testing.TB, l net.Listener, settings map[string]any, change func(*selfservice.Options)) {
	tb.Helper()
	r.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the application") }))
	tb.Cleanup(r.app.Close)
	r.Server = kratostest.New(tb, kratostest.Config{Settings: over(r.ownSettings(), settings)})
	r.server = r.handler(tb, change)
	startHandler(tb, l, r.server.Handler())
}

func listen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", testneed.Port(tb)))
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func (r *rig) ownSettings() map[string]any {
	return map[string]any{
		"log.level":                                      "info", // for portFinder
		"serve.public.base_url":                          r.origin + "/",
		"selfservice.default_browser_return_url":         r.origin + "/",
		"selfservice.allowed_return_urls":                []string{r.app.URL},
		"selfservice.flows.error.ui_url":                 r.origin + "/error",
		"selfservice.flows.login.ui_url":                 r.origin + "/login",
		"selfservice.flows.registration.enabled":         true,
		"selfservice.flows.registration.ui_url":          r.origin + "/registration",
		"selfservice.flows.registration.after.password":  map[string]any{"hooks": []any{map[string]any{"hook": "session"}}},
		"selfservice.flows.recovery.ui_url":              r.origin + "/recovery",
		"selfservice.flows.verification.ui_url":          r.origin + "/verification",
		"selfservice.flows.settings.ui_url":              r.origin + "/settings",
		"selfservice.methods.webauthn.config.rp.origins": []string{r.origin},
	}
}

// theirs in place of a setting of ours leaves it to kratostest.
const theirs = "theirs"

func over(base, more map[string]any) map[string]any {
	for k, v := range more {
		if base[k] = v; v == theirs {
			delete(base, k)
		}
	}
	return base
}

// handler makes a server of ours for the rig's Kratos.
func (r *rig) handler(tb testing.TB, change func(*selfservice.Options)) *selfservice.Server {
	tb.Helper()
	o := selfservice.Options{
		KratosURL: parse(tb, r.PublicURL), PublicURL: parse(tb, r.origin),
		Log: newLog(r.log),
	}
	if change != nil {
		change(&o)
	}
	s, err := selfservice.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// startHandler serves until the test ends.
func startHandler(tb testing.TB, l net.Listener, handler http.Handler) {
	tb.Helper()
	h := httptest.NewUnstartedServer(handler)
	h.Listener.Close()
	h.Listener = l
	h.Start()
	tb.Cleanup(h.Close)
}

func parse(tb testing.TB, s string) *url.URL {
	tb.Helper()
	u, err := url.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// person creates an identity with a password and gives its address.
func (r *rig) person(tb testing.TB) (email, id string) {
	tb.Helper()
	email = kratostest.Email(tb)
	id, err := r.CreateIdentity(tb.Context(), kratostest.DefaultSchema, map[string]any{"email": email}, kratostest.WithPassword(password))
	if err != nil {
		tb.Fatal(err)
	}
	return email, id
}

// recoveryLink makes an invitation as an operator does.
func (r *rig) recoveryLink(tb testing.TB, id, expiresIn string) string {
	tb.Helper()
	var made struct {
		Link string `json:"recovery_link"`
	}
	r.admin(tb, http.MethodPost, "/admin/recovery/link", map[string]any{"identity_id": id, "expires_in": expiresIn}, &made)
	return made.Link
}

func (r *rig) admin(tb testing.TB, method, path string, body, into any) {
	tb.Helper()
	status, text, err := r.Admin(tb.Context(), method, path, body)
	if err != nil || status/100 != 2 {
		tb.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		tb.Fatal(err)
	}
}

var (
	sixDigits = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)
	anyLink   = regexp.MustCompile(`(http://\S+/self-service/\S+)`)
)

// mailed gives the code in the newest mail to the address.
func (r *rig) mailed(tb testing.TB, email string) string {
	tb.Helper()
	return r.inMail(tb, email, sixDigits)
}

// inMail gives what is looked for in the newest mail to the address.
func (r *rig) inMail(tb testing.TB, email string, what *regexp.Regexp) string {
	tb.Helper()
	var mails []struct{ Recipient, Body string }
	r.admin(tb, http.MethodGet, "/admin/courier/messages", nil, &mails)
	for _, m := range mails {
		if m.Recipient != email {
			continue
		}
		if found := what.FindStringSubmatch(m.Body); found != nil {
			return html.UnescapeString(found[1])
		}
	}
	tb.Fatalf("no such mail for %s among %d", email, len(mails))
	return ""
}

func newLog(b *logBuffer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// logBuffer collects a log.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// fakeKratos serves what the handler says in Kratos' place, and a server of ours
// before it.
func fakeKratos(tb testing.TB, h http.HandlerFunc, change func(*selfservice.Options)) *rig {
	tb.Helper()
	upstream := httptest.NewServer(h)
	tb.Cleanup(upstream.Close)
	l := listen(tb)
	r := &rig{
		Server: &kratostest.Server{PublicURL: upstream.URL},
		origin: "http://" + l.Addr().String(), log: &logBuffer{},
	}
	r.server = r.handler(tb, change)
	r.server.TakeForKratos()
	startHandler(tb, l, r.server.Handler())
	return r
}

// send makes one request and reads the answer. Redirects are not followed.
func send(ctx context.Context, tb testing.TB, method, target string, header map[string]string, body string) (*http.Response, string) {
	tb.Helper()
	r, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(response.Body); err != nil {
		tb.Fatal(err)
	}
	return response, b.String()
}
