package kratos_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// TestAnswers: what every method makes of an answer that no Kratos gives, or
// gives at fault. Neither the body nor the hash sent is shown.
func TestAnswers(t *testing.T) {
	t.Parallel()
	notKratos := want{kind: fault.Unavailable, texts: []string{"does not answer as Kratos' admin API"}, hints: []string{"KRATOS_ADMIN_URL"}}
	json := "application/json"
	for _, a := range []struct {
		name    string
		handler func(http.ResponseWriter, *http.Request, int)
		want    want
	}{
		{"HTML 404", always(404, "text/html; charset=utf-8", "<p>"+mark), notKratos.with("(status 404, text/html)")},
		{"text 404", always(404, "text/plain", "404 page not found"), notKratos},
		{"JSON 404 of another", always(404, json, `{"detail":"Not Found","error":"`+mark+`"}`), notKratos.with("(status 404, application/json)")},
		{"404 of nothing", always(404, "Content-Type: ", ""), notKratos.with("no content type")},
		{"HTML 200", always(200, "text/html", "<html>"+mark), notKratos},
		{"empty 200", always(200, json, ""), notKratos.unsure()},
		{"null", always(200, json, "null"), notKratos.unsure()},
		{"an empty object", always(200, json, "{}"), notKratos.unsure()},
		{"a list of something else", always(200, json, `[{"name":"`+mark+`"}]`), notKratos.unsure()},
		{"an identity without an id", always(200, json, `{"schema_id":"d","traits":{}}`), notKratos.unsure()},
		{"an identity cut off", always(200, json, document[:len(document)-1]), notKratos.unsure()},
		{"307", always(307, "Location: http://"+"u:"+mark+"@other:4434/admin/x?q="+mark, ""),
			want{kind: fault.Unavailable, texts: []string{"answered 307, a redirect to http://other:4434/admin/x: ", "public port"}, hints: []string{"KRATOS_ADMIN_URL", "4434"}}},
		{"301 to HTTPS", always(301, "Location: https://there/", ""),
			want{kind: fault.Unavailable, texts: []string{"a redirect to https://there/"}, hints: []string{"https://"}, not: []string{"public port"}}},
		{"302 to nowhere", always(302, "", ""), want{kind: fault.Unavailable, texts: []string{"answered 302, a redirect"}}},
		{"401", always(401, "text/html", "<p>"+mark), want{kind: fault.Unavailable, texts: []string{"answered 401", "demands credentials"}}},
		{"403", always(403, json, kratosError("", "not allowed")), want{kind: fault.Unavailable, texts: []string{"answered 403", "demands credentials", "not allowed"}}},
		{"500", always(500, json, kratosError("", "missing destination name external_id")),
			want{kind: fault.Internal, texts: []string{"missing destination name external_id"}, hints: []string{"kratos migrate sql"}}},
		{"500 of another", always(500, "text/html", "<p>"+mark), want{kind: fault.Internal, texts: []string{"answered 500"}}.unsure()},
		{"a hash said back", always(400, json, kratosError(`"$argon2id$v=19$m=65536,t=1,p=4$salt,$key/" and $2a$12$abc.`, "")),
			want{kind: fault.Usage, texts: []string{`: "[hidden]" and [hidden]`}, not: []string{"$", "salt", "key/"}}},
		{"an error without words", always(400, json, `{"error":{}}`), want{kind: fault.Usage, texts: []string{": Bad Request"}}},
		{"an error of many lines", always(400, json, kratosError("a validation failed\n  one\r\n  one\n\x1b[31mtwo\t", "")),
			want{kind: fault.Usage, texts: []string{": one; [31mtwo"}}},
		{"an endless error", always(400, json, kratosError(strings.Repeat("äö", 5000), "")), want{kind: fault.Usage, texts: []string{"äöä", " ..."}}},
	} {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			d := serve(t, a.handler)
			for _, m := range methods() {
				t.Run(m.name, func(t *testing.T) { a.want.of(m.name).check(t, m.call(t, newClient(t, d.URL))) })
			}
		})
	}
}

// with adds a text to what is wanted.
func (w want) with(text string) want {
	w.texts = append([]string{text}, w.texts...)
	return w
}

// unsure is what is wanted of an answer behind which a write may have been done.
func (w want) unsure() want {
	w.is = kratos.ErrUncertain
	return w
}

// of is what is wanted of a method: one that reads is never unsure, and what a
// patch is refused for is not the operator's input.
func (w want) of(method string) want {
	switch method {
	case "Identity", "FindIdentities", "Credentials", "ActiveSessions":
		w.is = nil
	case "SetPasswordHash", "SetState":
		if w.kind == fault.Usage {
			w.kind = fault.Precondition
		}
	}
	return w
}

// TestSecretSaidBack: what was sent as a hash is not shown, whatever it looks
// like.
func TestSecretSaidBack(t *testing.T) {
	t.Parallel()
	d := serve(t, func(w http.ResponseWriter, _ *http.Request, before int) {
		respond(w, 400+100*(before%2), "application/json", kratosError("", "wrong: \n"+mark+" and "+mark))
	})
	for _, m := range methods() {
		if m.name != "CreateIdentity" && m.name != "SetPasswordHash" {
			continue
		}
		want{kind: fault.Usage, texts: []string{"wrong:; [hidden] and [hidden]"}}.of(m.name).check(t, m.call(t, newClient(t, d.URL)))
		want{kind: fault.Internal, texts: []string{"wrong:; [hidden] and [hidden]"}}.check(t, m.call(t, newClient(t, d.URL)))
	}
}

// TestNotFoundWhereNobodyIsMeant: 404 says of one identity that it is not there,
// and of all of them nothing.
func TestNotFoundWhereNobodyIsMeant(t *testing.T) {
	t.Parallel()
	d := serve(t, always(404, "application/json", kratosError("", "Unable to locate the resource")))
	notKratos := want{kind: fault.Unavailable, texts: []string{"does not answer as Kratos' admin API"}}
	notKratos.check(t, second(newClient(t, d.URL).FindIdentities(t.Context(), "a")))
	notKratos.check(t, second(newClient(t, d.URL).CreateIdentity(t.Context(), kratos.NewIdentity{})))
}

// TestTooLong: an answer of more than 32 MiB is not read to its end.
func TestTooLong(t *testing.T) {
	t.Parallel()
	chunk := strings.Repeat(" ", 1<<20)
	d := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		for range 40 {
			if _, err := w.Write([]byte(chunk)); err != nil {
				return
			}
		}
	})
	long := want{kind: fault.Internal, texts: []string{"longer than 32 MiB"}}
	long.check(t, second(newClient(t, d.URL).Identity(t.Context(), ghost)))
	long.is, long.texts = kratos.ErrUncertain, append(long.texts, "may have been done all the same")
	long.check(t, second(newClient(t, d.URL).SetState(t.Context(), ghost, kratos.Active)))
	if n := len(d.requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// TestNoAnswer: the time runs out, or the operator interrupts, while the server
// says nothing.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for _, m := range methods() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{}, 1)
			d := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int) {
				arrived <- struct{}{}
				<-r.Context().Done()
			})
			late := want{kind: fault.Timeout, texts: []string{"no answer from " + d.URL + " within the time allowed"}}
			interrupted := want{kind: fault.Cancelled, texts: []string{": interrupted"}}
			if m.write {
				late, interrupted = late.uncertain(), interrupted.uncertain()
			} else {
				late.not, interrupted.not = []string{"all the same"}, []string{"all the same"}
			}
			c := newClient(t, d.URL)
			late.check(t, m.within(t, c, func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 200*time.Millisecond)
			}))
			<-arrived
			interrupted.check(t, m.within(t, c, func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				go func() { <-arrived; cancel() }()
				return ctx, cancel
			}))
			if n := len(d.requests()); n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		})
	}
}

func (w want) uncertain() want {
	w.is = kratos.ErrUncertain
	w.hints = append([]string{"see whether it was done"}, w.hints...)
	return w.with("; it may have been done all the same")
}

// TestBroken: the connection ends within the answer. Reads are tried again,
// writes are not.
func TestBroken(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(http.ResponseWriter, *http.Request, int){
		"before the answer": func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) },
		"within the answer": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", "1000")
			respond(w, 200, "application/json", document)
			panic(http.ErrAbortHandler)
		},
		"headers without end": always(200, "X-Long: "+strings.Repeat("x", 300<<10), document),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, m := range methods() {
				if !m.write && m.name != "Identity" {
					continue // all reads are alike, and wait
				}
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					d := serve(t, handler)
					broken, tries := want{kind: fault.Unavailable, texts: []string{"the connection to " + d.URL + " broke"}}, 4
					if m.write {
						broken, tries = broken.uncertain(), 1
					}
					broken.check(t, m.call(t, newClient(t, d.URL)))
					if n := len(d.requests()); n != tries {
						t.Errorf("%d requests, want %d", n, tries)
					}
				})
			}
		})
	}
}

// TestRetry: what passes is waited for, a write only where it was not done.
func TestRetry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		status      int
		body        string
		read, write bool // tried again
		want        want // of a write that is not, or of a trouble that stays
	}{
		{"502", 502, "<p>" + mark, true, false, want{kind: fault.Unavailable, texts: []string{"answered 502"}}},
		{"503", 503, kratosError("not ready", ""), true, false, want{kind: fault.Unavailable, texts: []string{"answered 503", "not ready"}}},
		{"504", 504, "", true, false, want{kind: fault.Unavailable, texts: []string{"answered 504"}}},
		{"429", 429, "", true, true, want{kind: fault.Unavailable, texts: []string{"no more requests"}}},
		{"busy", 400, kratosError("", "Unable to serialize access due to a concurrent update in another session"), true, true,
			want{kind: fault.Unavailable, texts: []string{"Unable to serialize access"}, hints: []string{"try again"}}},
		{"500", 500, kratosError("", "no"), false, false, want{kind: fault.Internal}},
		{"409", 409, kratosError("", "no"), false, false, want{kind: fault.Conflict, is: kratos.ErrConflict}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			passing := serve(t, func(w http.ResponseWriter, _ *http.Request, before int) {
				if before < 2 {
					respond(w, c.status, "application/json", c.body)
					return
				}
				respond(w, 200, "application/json", document)
			})
			staying := serve(t, always(c.status, "application/json", c.body))
			for _, m := range []method{methods()[0], methods()[5]} {
				again, refused := c.read, c.want
				if m.write {
					again = c.write
				}
				if m.write && c.status > 500 {
					refused = refused.uncertain()
				}
				passing.expect(t, m, again, 3, nil)
				staying.expect(t, m, again, 4, &refused)
			}
		})
	}
}

// expect calls the method and counts its requests: so many where it is tried
// again, else one.
func (d *double) expect(t *testing.T, m method, again bool, tries int, refused *want) {
	t.Helper()
	d.mu.Lock()
	d.sent = nil
	d.mu.Unlock()
	err := m.call(t, newClient(t, d.URL))
	switch {
	case refused != nil:
		refused.check(t, err)
	case again && err != nil:
		t.Errorf("%s: %v", m.name, err)
	case !again && err == nil:
		t.Errorf("%s: no error", m.name)
	}
	if !again {
		tries = 1
	}
	if n := len(d.requests()); n != tries {
		t.Errorf("%s: %d requests, want %d", m.name, n, tries)
	}
}
