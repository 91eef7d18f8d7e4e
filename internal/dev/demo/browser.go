package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// browser goes where links and forms lead, with cookies and without scripts, and
// tells where it gets. After the first failure it stays where it is: err says why.
type browser struct {
	ctx    context.Context // of the one step that it walks
	out    io.Writer
	client *http.Client
	at     *url.URL
	page   *html.Node
	err    error
}

// requestLimit bounds one request: everything is on this machine.
const requestLimit = 30 * time.Second

func newBrowser(ctx context.Context, out io.Writer) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{ctx: ctx, out: out, client: &http.Client{Jar: jar, Transport: direct(), Timeout: requestLimit}}, nil
}

// open goes to an address.
func (b *browser) open(address string) *browser {
	before, _, _ := strings.Cut(address, "?") // what may be a token is printed once, by the agent
	return b.ask("open "+before, http.MethodGet, address, nil)
}

// ask sends a request and tells what page came of what the person did.
func (b *browser) ask(did, method, address string, form url.Values) *browser {
	if b.err != nil {
		return b
	}
	if b.err = b.load(method, address, form); b.err == nil {
		b.err = b.tell(did)
	}
	return b
}

func (b *browser) tell(did string) error {
	_, err := fmt.Fprintf(b.out, "    %-66s  →  %s  %q\n", did, b.at.Host+b.at.Path, b.heading())
	return err
}

func (b *browser) load(method, address string, form url.Values) error {
	r, err := http.NewRequestWithContext(b.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b.at = resp.Request.URL
	b.page, err = html.Parse(resp.Body)
	return err
}

// wants fails unless the browser is on the page, which shows the text.
func (b *browser) wants(path, text string) *browser {
	switch {
	case b.err != nil:
	case b.at.Path != path:
		b.err = fmt.Errorf("the browser is at %s, not at %s, and sees:\n%s", b.at.Path, path, visible(b.page))
	case !strings.Contains(visible(b.page), text):
		b.err = fmt.Errorf("%s does not say %q:\n%s", path, text, visible(b.page))
	}
	return b
}

// heading is the page's h1.
func (b *browser) heading() string {
	for h := range elements(b.page, "h1") {
		return oneLine(visible(h))
	}
	return ""
}

// follow follows the link that leads to the path.
func (b *browser) follow(path string) *browser {
	if b.err != nil {
		return b
	}
	for a := range elements(b.page, "a") {
		to, err := b.at.Parse(attribute(a, "href"))
		if err == nil && to.Path == path {
			return b.ask(fmt.Sprintf("follow %q", oneLine(visible(a))), http.MethodGet, to.String(), nil)
		}
	}
	b.err = fmt.Errorf("%s has no link to %s", b.at.Path, path)
	return b
}

// press fills in the form that has the button, whose name and value are given as
// "method=password", and sends it.
func (b *browser) press(button string, fields map[string]string) *browser {
	if b.err != nil {
		return b
	}
	for form := range elements(b.page, "form") {
		for n := range elements(form, "button") {
			if attribute(n, "name")+"="+attribute(n, "value") == button {
				return b.send(form, n, fields)
			}
		}
	}
	b.err = fmt.Errorf("%s has no button %s:\n%s", b.at.Path, button, visible(b.page))
	return b
}

// send fills in a form and presses a button of it.
func (b *browser) send(form, button *html.Node, fields map[string]string) *browser {
	values := url.Values{}
	for n := range elements(form, "input") {
		if attribute(n, "name") != "" && attribute(n, "type") != "checkbox" {
			values.Set(attribute(n, "name"), attribute(n, "value"))
		}
	}
	names := slices.Sorted(maps.Keys(fields))
	for _, name := range names {
		if !values.Has(name) {
			b.err = fmt.Errorf("the form of %s has no input %s", b.at.Path, name)
			return b
		}
		values.Set(name, fields[name])
	}
	did := fmt.Sprintf("press %q", oneLine(visible(button)))
	if len(names) > 0 {
		did = "fill in " + strings.Join(names, " and ") + ", " + did
	}
	values.Set(attribute(button, "name"), attribute(button, "value"))
	to, err := b.at.Parse(attribute(form, "action"))
	if err != nil {
		b.err = err
		return b
	}
	return b.ask(did, http.MethodPost, to.String(), values)
}

// who asks Kratos whom the browser's cookies belong to.
func (b *browser) who(publicURL string) (identityID string) {
	if b.err != nil {
		return ""
	}
	var session struct{ Identity struct{ ID string } }
	b.err = b.whoami(publicURL, &session)
	if b.err == nil && session.Identity.ID == "" {
		b.err = errors.New("the browser is not signed in")
	}
	return session.Identity.ID
}

func (b *browser) whoami(publicURL string, into any) error {
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, publicURL+"/sessions/whoami", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	for _, c := range b.client.Jar.Cookies(b.at) {
		r.AddCookie(c)
	}
	resp, err := direct().RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// elements gives the elements with the tag, in the order of the page.
func elements(n *html.Node, tag string) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && d.Data == tag && !yield(d) {
				return
			}
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// visible gives the text below an element, without what stands in a head.
func visible(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		if text := oneLine(c.Data); c.Type == html.TextNode && text != "" {
			b.WriteString(text + "\n")
		}
		if c.Data != "head" {
			b.WriteString(visible(c))
		}
	}
	return b.String()
}
