package selfservice_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser goes where links and forms lead, with cookies and without scripts.
type browser struct {
	tb     testing.TB
	client *http.Client
	way    []string // every address asked for since the last call of goTo or submit
	at     *url.URL
	status int
	header http.Header
	text   string
	page   *html.Node
}

func newBrowser(tb testing.TB) *browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	b := &browser{tb: tb}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		b.way = append(b.way, r.URL.RequestURI())
		if len(via) > 15 {
			tb.Fatalf("sent round in circles: %q", b.way)
		}
		return nil
	}}
	return b
}

// withoutCookies makes the browser refuse every cookie.
func (b *browser) withoutCookies() *browser {
	b.client.Jar = nil
	return b
}

func (b *browser) goTo(target string) *browser {
	b.tb.Helper()
	return b.ask(http.MethodGet, target, nil)
}

func (b *browser) ask(method, target string, form url.Values) *browser {
	b.tb.Helper()
	r, err := http.NewRequestWithContext(b.tb.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		b.tb.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")
	b.way = []string{r.URL.RequestURI()}
	response, err := b.client.Do(r)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	b.at, b.status, b.header, b.text = response.Request.URL, response.StatusCode, response.Header, string(text)
	if b.page, err = html.Parse(strings.NewReader(b.text)); err != nil {
		b.tb.Fatal(err)
	}
	return b
}

// submit fills in the form that has the button, and presses it. A button is its
// name and value: "method=password".
func (b *browser) submit(button string, fields map[string]string) *browser {
	b.tb.Helper()
	name, value, _ := strings.Cut(button, "=")
	form := b.formWith(name, value)
	if form == nil {
		b.tb.Fatalf("no button %q on %s (%d):\n%s", button, b.at, b.status, b.text)
	}
	values := url.Values{}
	for n := range elements(form, "input") {
		switch attr(n, "type") {
		case "submit", "button":
		case "checkbox":
			if has(n, "checked") {
				values.Add(attr(n, "name"), attr(n, "value"))
			}
		default:
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	for k, v := range fields {
		if !values.Has(k) {
			b.tb.Fatalf("no input %q beside the button %q on %s", k, button, b.at)
		}
		values.Set(k, v)
	}
	values.Set(name, value)
	target, err := b.at.Parse(attr(form, "action"))
	if err != nil {
		b.tb.Fatal(err)
	}
	return b.ask(strings.ToUpper(attr(form, "method")), target.String(), values)
}

func (b *browser) formWith(name, value string) *html.Node {
	for form := range elements(b.page, "form") {
		for _, tag := range []string{"button", "input"} {
			for n := range elements(form, tag) {
				if attr(n, "name") == name && attr(n, "value") == value && attr(n, "type") != "hidden" {
					return form
				}
			}
		}
	}
	return nil
}

// click follows the link whose address begins so.
func (b *browser) click(prefix string) *browser {
	b.tb.Helper()
	href := b.link(prefix)
	if href == "" {
		b.tb.Fatalf("no link to %s on %s (%d):\n%s", prefix, b.at, b.status, b.text)
	}
	target, err := b.at.Parse(href)
	if err != nil {
		b.tb.Fatal(err)
	}
	return b.goTo(target.String())
}

func (b *browser) link(prefix string) string {
	for a := range elements(b.page, "a") {
		if strings.HasPrefix(attr(a, "href"), prefix) {
			return attr(a, "href")
		}
	}
	return ""
}

// want fails the test unless the browser is on the page with the status, and
// shows the texts.
func (b *browser) want(path string, status int, texts ...string) *browser {
	b.tb.Helper()
	if b.at.Path != path || b.status != status {
		b.tb.Fatalf("at %s with status %d, want %s with %d; the way was %q:\n%s", b.at, b.status, path, status, b.way, visible(b.page))
	}
	for _, text := range texts {
		if !strings.Contains(visible(b.page), text) {
			b.tb.Errorf("%s does not say %q:\n%s", b.at, text, visible(b.page))
		}
	}
	return b
}

// signIn gives the password on the sign-in page.
func (b *browser) signIn(origin, email string) *browser {
	b.tb.Helper()
	b.goTo(origin+"/login").want("/login", http.StatusOK)
	return b.submit("method=password", map[string]string{"identifier": email, "password": password})
}

func elements(n *html.Node, tag string) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && d.Data == tag && !yield(d) {
				return
			}
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func visible(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && strings.TrimSpace(d.Data) != "" {
			b.WriteString(strings.Join(strings.Fields(d.Data), " ") + "\n")
		}
	}
	return b.String()
}
