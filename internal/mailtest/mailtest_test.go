package mailtest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/mailtest"
)

// send speaks SMTP by the standard library's client.
func send(t *testing.T, s *mailtest.Sink, to, text string) error {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return smtp.SendMail(u.Host, nil, "kratos@example.com", []string{to}, []byte(strings.ReplaceAll(text, "\n", "\r\n")))
}

func mustSend(t *testing.T, s *mailtest.Sink, to, text string) {
	t.Helper()
	if err := send(t, s, to, text); err != nil {
		t.Fatal(err)
	}
}

// both is a mail as Kratos' courier writes them.
const both = `From: "No Reply" <kratos@example.com>
Subject: =?UTF-8?q?Dein_Zugangsschl=C3=BCssel?=
Content-Type: multipart/alternative; boundary=b1

--b1
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

Hi, here it is =E2=80=94

123456

or http://localhost:4455/self-service/recovery?flow=3Df1&token=3Ds3cr3t-mark=
-token.

--b1
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

<p>Hi</p>
--b1--
`

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw     string
		subject string
		text    string // trimmed
		html    string // trimmed
		code    string
		links   []string
	}{
		"two parts": {
			raw: both, subject: "Dein Zugangsschlüssel", html: "<p>Hi</p>", code: "123456",
			text:  "Hi, here it is —\n\n123456\n\nor http://localhost:4455/self-service/recovery?flow=f1&token=s3cr3t-mark-token.",
			links: []string{"http://localhost:4455/self-service/recovery?flow=f1&token=s3cr3t-mark-token"},
		},
		"no type":         {raw: "Subject: a\n\nline 654321 is no code\n", subject: "a", text: "line 654321 is no code"},
		"seven digits":    {raw: "Subject: a\n\n1234567\n", subject: "a", text: "1234567"},
		"base64":          {raw: "Subject: a\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nMTIzNDU2\n", subject: "a", text: "123456", code: "123456"},
		"attachments too": {raw: "Subject: a\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: image/png\n\nx\n--m\n\nfirst\n--m\n\nsecond\n--m--\n", subject: "a", text: "first"},
		"html alone": {
			raw:     "Subject: a\nContent-Type: text/html\n\n<p>Go <a href=\"https://e.org/?a=1&amp;b=2\">here</a>.</p>\n",
			subject: "a", html: `<p>Go <a href="https://e.org/?a=1&amp;b=2">here</a>.</p>`, links: []string{"https://e.org/?a=1&b=2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t)
			mustSend(t, s, "a@example.com", test.raw)
			m, err := s.Wait(t.Context(), "A@example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(strings.TrimSpace(m.Text), "\r", "")
			got := []any{m.Subject, text, strings.TrimSpace(m.HTML), m.Code(), m.Links()}
			if diff := cmp.Diff([]any{test.subject, test.text, test.html, test.code, test.links}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What is no mail is refused to the sender's face, and not kept.
func TestRefuse(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	for name, raw := range map[string]string{
		"no header":     "just text without a colon\n\nx\n",
		"no boundary":   "Subject: a\nContent-Type: multipart/mixed\n\nx\n",
		"cut off":       "Subject: a\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nx\n",
		"bad encoding":  "Subject: a\nContent-Transfer-Encoding: base64\n\n!!!!\n",
		"bad character": "Subject: =?UTF-8?q?a\nContent-Type: text/plain; =\n\nx\n",
	} {
		if err := send(t, s, "a@example.com", raw); err == nil || !strings.Contains(err.Error(), "cannot read") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := s.Mails(); len(got) != 0 {
		t.Errorf("kept: %v", got)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	found := make(chan mailtest.Mail)
	go func() {
		defer close(found)
		m, err := s.Wait(t.Context(), "b@example.com", func(m mailtest.Mail) bool { return m.Subject == "second" })
		if err != nil {
			t.Error(err)
		}
		found <- m
	}()
	mustSend(t, s, "a@example.com", "Subject: second\n\nx\n")
	mustSend(t, s, "b@example.com", "Subject: first\n\nx\n")
	mustSend(t, s, "b@example.com", "Subject: second\n\nx\n")
	if m := <-found; m.Number != 3 {
		t.Errorf("found %+v", m)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Wait(ctx, "c@example.com", nil); err == nil || !strings.Contains(err.Error(), `"first" to b@example.com`) {
		t.Errorf("the error does not tell what came: %v", err)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	const to = "a@example.com"
	for _, subject := range []string{"one", "two"} {
		mustSend(t, s, "b@example.com", "Subject: other\n\nx\n")
		mustSend(t, s, to, "Subject: "+subject+"\n\nx\n")
	}
	next := func() (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		m, err := s.Next(ctx, to)
		return m.Subject, err
	}
	for _, want := range []string{"one", "two"} {
		if got, err := next(); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if got, err := next(); err == nil {
		t.Errorf("a third mail: %q", got)
	}
	mustSend(t, s, to, "Subject: three\n\nx\n")
	if got, err := next(); err != nil || got != "three" {
		t.Errorf("after waiting in vain: %q, %v", got, err)
	}
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	if code, body := get("/"); code != 200 || !strings.Contains(body, "No mail has come yet") {
		t.Errorf("empty: %d %s", code, body)
	}
	mustSend(t, s, "a@example.com", both)
	mustSend(t, s, "a@example.com", "Subject: <script>1</script>\n\n<script>2</script> javascript:x http://e.org/?\"onclick=\n")
	tests := map[string]struct {
		code int
		want []string
	}{
		"/":           {200, []string{`<a href="/mail/1">Dein Zugangsschlüssel</a>`, "a@example.com", "&lt;script&gt;1"}},
		"/mail/1":     {200, []string{`<p class="code">123456</p>`, `<a href="http://localhost:4455/self-service/recovery?flow=f1&amp;token=s3cr3t-mark-token">`}},
		"/mail/2":     {200, []string{"&lt;script&gt;2", `<a href="http://e.org/">http://e.org/</a>?&#34;onclick=`}},
		"/mail/0":     {404, nil},
		"/mail/3":     {404, nil},
		"/mail/x":     {404, nil},
		"/browse.css": {200, []string{"color-scheme"}},
	}
	for path, test := range tests {
		code, body := get(path)
		if code != test.code {
			t.Errorf("%s: status %d", path, code)
		}
		for _, want := range test.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %q: %s", path, want, body)
			}
		}
		if strings.Contains(body, "<script") {
			t.Errorf("%s: not escaped: %s", path, body)
		}
	}
}
