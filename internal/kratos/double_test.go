package kratos_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// document is an identity as Kratos sends it, as far as it is needed.
const document = `{"id":"` + ghost + `","schema_id":"d","state":"active","traits":{}}`

// sent is a request as a double got it.
type sent struct {
	method, uri, body string
	header            http.Header
}

// double answers as it is told, in the place of a Kratos that is at fault.
type double struct {
	*httptest.Server
	mu   sync.Mutex
	sent []sent
}

// serve runs a double. The handler is told how many requests came before.
func serve(t *testing.T, handler func(w http.ResponseWriter, r *http.Request, before int)) *double {
	t.Helper()
	d := unstarted(t, handler)
	d.Start()
	return d
}

func unstarted(t *testing.T, handler func(w http.ResponseWriter, r *http.Request, before int)) *double {
	t.Helper()
	d := &double{}
	d.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler(w, r, d.keep(r))
	}))
	d.Listener.Close()
	d.Listener = testneed.Listen(t)
	d.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
	t.Cleanup(d.Close)
	return d
}

// keep keeps the request and gives how many came before.
func (d *double) keep(r *http.Request) int {
	body, _ := io.ReadAll(r.Body) // a client that went away is no concern here
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, sent{r.Method, r.RequestURI, string(body), r.Header})
	return len(d.sent) - 1
}

func (d *double) requests() []sent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]sent(nil), d.sent...)
}

// always answers every request alike.
func always(status int, header, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { respond(w, status, header, body) }
}

// respond writes an answer. The header is one line, or a content type alone.
func respond(w http.ResponseWriter, status int, header, body string) {
	if name, value, found := strings.Cut(header, ": "); found {
		w.Header().Set(name, value)
	} else if header != "" {
		w.Header().Set("Content-Type", header)
	}
	w.WriteHeader(status)
	io.WriteString(w, body) // as above
}

// kratosError is an error as Kratos sends it.
func kratosError(reason, message string) string {
	body, err := json.Marshal(map[string]any{"error": map[string]any{"code": 1, "status": "x", "reason": reason, "message": message}})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// method is one of a client's methods, with what it needs.
type method struct {
	name  string
	write bool
	do    func(ctx context.Context, c *kratos.Client) error
}

func (m method) call(t *testing.T, c *kratos.Client) error { return m.do(t.Context(), c) }

// within calls the method in a context made of the test's.
func (m method) within(t *testing.T, c *kratos.Client, limit func(context.Context) (context.Context, context.CancelFunc)) error {
	ctx, cancel := limit(t.Context())
	defer cancel()
	return m.do(ctx, c)
}

// methods are all of them. The hash that is sent holds the mark.
func methods() []method {
	return []method{
		{"Identity", false, func(ctx context.Context, c *kratos.Client) error { return second(c.Identity(ctx, ghost)) }},
		{"FindIdentities", false, func(ctx context.Context, c *kratos.Client) error {
			return second(c.FindIdentities(ctx, "a@example.com"))
		}},
		{"Credentials", false, func(ctx context.Context, c *kratos.Client) error { return second(c.Credentials(ctx, ghost)) }},
		{"ActiveSessions", false, func(ctx context.Context, c *kratos.Client) error { return second(c.ActiveSessions(ctx, ghost)) }},
		{"CreateIdentity", true, func(ctx context.Context, c *kratos.Client) error {
			return second(c.CreateIdentity(ctx, kratos.NewIdentity{PasswordHash: mark}))
		}},
		{"SetPasswordHash", true, func(ctx context.Context, c *kratos.Client) error { return second(c.SetPasswordHash(ctx, ghost, mark)) }},
		{"SetState", true, func(ctx context.Context, c *kratos.Client) error {
			return second(c.SetState(ctx, ghost, kratos.Inactive))
		}},
		{"DeleteIdentity", true, func(ctx context.Context, c *kratos.Client) error { return c.DeleteIdentity(ctx, ghost) }},
		{"DeleteCredential", true, func(ctx context.Context, c *kratos.Client) error {
			return c.DeleteCredential(ctx, ghost, kratos.TOTP, "")
		}},
		{"DeleteSessions", true, func(ctx context.Context, c *kratos.Client) error { return c.DeleteSessions(ctx, ghost) }},
		{"RecoveryCode", true, func(ctx context.Context, c *kratos.Client) error {
			return second(c.RecoveryCode(ctx, ghost, time.Hour))
		}},
		{"RecoveryLink", true, func(ctx context.Context, c *kratos.Client) error {
			return second(c.RecoveryLink(ctx, ghost, time.Hour))
		}},
	}
}
