package page

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// browser is a person's browser without scripts: it keeps cookies, follows
// redirects, shows the flows that Kratos sends it to as this package renders
// them, and sends their forms as they stand on the page.
type browser struct {
	t       testing.TB
	server  *kratostest.Server
	pages   *Renderer
	cookies map[string]string
	client  *http.Client
	address string // the person's
}

func newBrowser(t testing.TB, s *kratostest.Server) *browser {
	t.Helper()
	return &browser{
		t: t, server: s, pages: renderer(t, Brand{}), cookies: map[string]string{}, address: kratostest.Email(t),
		client: &http.Client{
			Timeout:       30 * time.Second,
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// pagesHost is where the configured pages are. Nothing listens there.
const pagesHost = "127.0.0.1:4455"

// visit is where a browser has come to.
type visit struct {
	b    *browser
	Path string // of the page, as configured
	Kind Kind
	text []byte // the flow, or the error, as Kratos sent it
	Flow Flow
	html *html.Node
}

// send asks Kratos, with the browser's cookies.
func (b *browser) send(method, address, accept string, form url.Values) (*http.Response, []byte) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	var cookies []string
	for _, name := range slices.Sorted(maps.Keys(b.cookies)) {
		cookies = append(cookies, name+"="+b.cookies[name])
	}
	req.Header.Set("Cookie", strings.Join(cookies, "; "))
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return resp, body
}

// open begins at one of Kratos' own paths, or at a page.
func (b *browser) open(path string) visit {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.server.PublicURL + path
	}
	if at, err := url.Parse(path); err == nil && at.Host == pagesHost {
		return b.arrive(at)
	}
	return b.follow(b.send(http.MethodGet, path, "text/html", nil))
}

// follow goes where Kratos says, until that is a page.
func (b *browser) follow(resp *http.Response, body []byte) visit {
	b.t.Helper()
	for range 5 {
		if resp.StatusCode != http.StatusSeeOther && resp.StatusCode != http.StatusFound {
			b.t.Fatalf("Kratos answered %d and no redirect: %s", resp.StatusCode, body)
		}
		to, err := resp.Location()
		if err != nil {
			b.t.Fatal(err)
		}
		if to.Host == pagesHost {
			return b.arrive(to)
		}
		resp, body = b.send(http.MethodGet, to.String(), "text/html", nil)
	}
	b.t.Fatal("Kratos redirects without end")
	return visit{}
}

// arrive shows the page at one of the addresses that Kratos is configured with.
func (b *browser) arrive(at *url.URL) visit {
	b.t.Helper()
	v := visit{b: b, Path: at.Path, Kind: Kind(strings.Trim(at.Path, "/"))}
	switch {
	case v.Kind == Failure:
		_, v.text = b.send(http.MethodGet, b.server.PublicURL+"/self-service/errors?id="+at.Query().Get("id"), "application/json", nil)
	case at.Query().Get("flow") != "":
		b.load(&v, at.Query().Get("flow"))
	}
	return v
}

func (b *browser) load(v *visit, id string) {
	b.t.Helper()
	resp, body := b.send(http.MethodGet, b.server.PublicURL+"/self-service/"+string(v.Kind)+"/flows?id="+id, "application/json", nil)
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("the flow cannot be fetched: %d %s", resp.StatusCode, body)
	}
	v.text = body
	v.Flow, v.html = b.render(v.Kind, body)
}

func (b *browser) render(kind Kind, text []byte) (Flow, *html.Node) {
	b.t.Helper()
	f, err := ParseFlow(text)
	if err != nil {
		b.t.Fatal(err)
	}
	var page strings.Builder
	if err := b.pages.Flow(&page, View{Kind: kind, Flow: f}); err != nil {
		b.t.Fatal(err)
	}
	return f, parse(b.t, page.String())
}

// press fills in the form that has the button, given as name=value, and sends it
// as a browser would. A browser sends no form whose required inputs are empty.
func (v visit) press(pressed string, fields map[string]string) visit {
	v.b.t.Helper()
	form := v.formOf(pressed)
	if form == nil {
		v.b.t.Fatalf("the page %s has no button %s", v.Path, pressed)
	}
	values := v.collect(form, pressed, fields)
	if attribute(form, "method") != "post" {
		v.b.t.Fatalf("the form's method is %q", attribute(form, "method"))
	}
	return v.b.follow(v.b.send(http.MethodPost, attribute(form, "action"), "text/html", values))
}

func (v visit) formOf(pressed string) *html.Node {
	v.b.t.Helper()
	if v.html == nil {
		v.b.t.Fatalf("there is no form at %s: %s", v.Path, v.text)
	}
	for _, form := range elements(v.html, "form") {
		for _, button := range elements(form, "button") {
			if name(button) == pressed {
				return form
			}
		}
	}
	return nil
}

func name(button *html.Node) string {
	return attribute(button, "name") + "=" + attribute(button, "value")
}

func (v visit) collect(form *html.Node, pressed string, fields map[string]string) url.Values {
	v.b.t.Helper()
	values, filled, novalidate := url.Values{}, map[string]bool{}, false
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || has(n, "disabled") || attribute(n, "name") == "" {
			continue
		}
		key := attribute(n, "name")
		switch {
		case n.Data == "button" && name(n) == pressed:
			values.Add(key, attribute(n, "value"))
			novalidate = has(n, "formnovalidate")
		case n.Data == "input" && attribute(n, "type") == "checkbox":
			if fields[key] == "true" || has(n, "checked") {
				values.Add(key, attribute(n, "value"))
			}
			filled[key] = true
		case n.Data == "input":
			value := attribute(n, "value")
			if text, ok := fields[key]; ok && attribute(n, "type") != "hidden" {
				value, filled[key] = text, true
			}
			values.Add(key, value)
		}
	}
	for key := range fields {
		if !filled[key] {
			v.b.t.Fatalf("the form has no input %q", key)
		}
	}
	for _, n := range elements(form, "input") {
		if has(n, "required") && !novalidate && values.Get(attribute(n, "name")) == "" {
			v.b.t.Fatalf("a browser would want %q filled in before it sends %s", attribute(n, "name"), pressed)
		}
	}
	return values
}

// wants fails the test unless the page shows the message.
func (v visit) wants(message int64) visit {
	v.b.t.Helper()
	if !v.Flow.Has(message) {
		v.b.t.Fatalf("the page %s does not show %d: %s", v.Path, message, v.text)
	}
	return v
}

// at fails the test unless this is the page.
func (v visit) at(path string) visit {
	v.b.t.Helper()
	if v.Path != path {
		v.b.t.Fatalf("the browser is at %s, not at %s: %s", v.Path, path, v.text)
	}
	return v
}

// signedIn fails the test unless Kratos knows the browser.
func (b *browser) signedIn(aal string) {
	b.t.Helper()
	resp, body := b.send(http.MethodGet, b.server.PublicURL+"/sessions/whoami", "application/json", nil)
	var session struct {
		AAL string `json:"authenticator_assurance_level"`
	}
	if err := json.Unmarshal(body, &session); err != nil || resp.StatusCode != http.StatusOK || session.AAL != aal {
		b.t.Fatalf("the session is not %s: %d %s", aal, resp.StatusCode, body)
	}
}

// nodeText gives the text of the flow's text node.
func (v visit) nodeText(id string) string {
	v.b.t.Helper()
	for _, n := range v.Flow.UI.Nodes {
		if n.Attributes.ID == id && n.Attributes.Text != nil {
			return n.Attributes.Text.Text
		}
	}
	v.b.t.Fatalf("the page %s has no text %q: %s", v.Path, id, v.text)
	return ""
}

var (
	mailedCode = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)
	mailedLink = regexp.MustCompile(`https?://\S+token=[A-Za-z0-9]+\S*`)
)

// mailed waits for a mail to the browser's person, and gives what is found in it.
// Kratos need not send it: it shows what it would.
func (b *browser) mailed(what *regexp.Regexp) string {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		_, body, err := b.server.Admin(b.t.Context(), http.MethodGet, "/admin/courier/messages?recipient="+url.QueryEscape(b.address), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		var mails []struct{ Body string }
		if err := json.Unmarshal(body, &mails); err != nil {
			b.t.Fatalf("%v: %s", err, body)
		}
		if len(mails) > 0 {
			if found := what.FindStringSubmatch(mails[0].Body); found != nil {
				return found[len(found)-1]
			}
			b.t.Fatalf("the mail lacks %s: %s", what, mails[0].Body)
		}
		b.pause()
	}
	b.t.Fatal("no mail came")
	return ""
}

// mails waits until so many mails to the browser's person are there.
func (b *browser) mails(want int) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		_, body, err := b.server.Admin(b.t.Context(), http.MethodGet, "/admin/courier/messages?recipient="+url.QueryEscape(b.address), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		var mails []json.RawMessage
		if json.Unmarshal(body, &mails) == nil && len(mails) >= want {
			return
		}
		b.pause()
	}
	b.t.Fatalf("%d mails did not come", want)
}

// invitation has an administrator make a recovery code or link.
func (b *browser) invitation(kind, id string) (link, code string) {
	b.t.Helper()
	_, body, err := b.server.Admin(b.t.Context(), http.MethodPost, "/admin/recovery/"+kind, map[string]any{"identity_id": id})
	if err != nil {
		b.t.Fatal(err)
	}
	var made struct {
		Link string `json:"recovery_link"`
		Code string `json:"recovery_code"`
	}
	if err := json.Unmarshal(body, &made); err != nil || made.Link == "" {
		b.t.Fatalf("no invitation was made: %s", body)
	}
	return made.Link, made.Code
}

// ages waits until the sign-in is so long ago.
func (b *browser) ages(d time.Duration) {
	b.t.Helper()
	for deadline := time.Now().Add(d + 20*time.Second); time.Now().Before(deadline); {
		_, body := b.send(http.MethodGet, b.server.PublicURL+"/sessions/whoami", "application/json", nil)
		var session struct {
			At time.Time `json:"authenticated_at"`
		}
		if err := json.Unmarshal(body, &session); err != nil {
			b.t.Fatalf("%v: %s", err, body)
		}
		if !session.At.IsZero() && time.Since(session.At) > d {
			return
		}
		b.pause()
	}
	b.t.Fatal("the session does not age")
}

// pause leaves Kratos some time between two questions.
func (b *browser) pause() {
	b.t.Helper()
	select {
	case <-time.After(20 * time.Millisecond):
	case <-b.t.Context().Done():
		b.t.Fatal(b.t.Context().Err())
	}
}
