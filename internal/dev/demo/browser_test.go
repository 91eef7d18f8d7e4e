package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const testPage = `<!doctype html><head><title>Not shown</title></head><body>
<h1>A <b>page</b></h1><a href="/other?x=1">Other page</a>
<form method="post" action="/sent?flow=f"><input type="hidden" name="csrf" value="c"><input name="who">
<button name="method" value="one">Send one</button><button name="method" value="two">Send two</button></form>
<form method="post" action="/wrong"><input name="who"><button name="method" value="three">Send three</button></form>`

func testServer(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprint(w, testPage)
			return
		}
		body := new(strings.Builder)
		if err := r.ParseForm(); err == nil {
			fmt.Fprintf(body, "%s %s", r.URL, r.PostForm.Encode())
		}
		fmt.Fprintf(w, "<h1>Sent</h1><p>%s</p>", strings.ReplaceAll(body.String(), "&", " "))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A browser sends the form that has the button, with what was in it, and tells
// what was done but not what an address holds.
func TestBrowser(t *testing.T) {
	t.Parallel()
	out := new(strings.Builder)
	b, err := newBrowser(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	b.open(testServer(t)+"/?token=s3cr3t-mark").follow("/other").wants("/other", "page")
	b.press("method=two", map[string]string{"who": "me"}).wants("/sent", "/sent?flow=f csrf=c method=two who=me")
	if b.err != nil {
		t.Error(b.err)
	}
	for _, want := range []string{`follow "Other page"`, `fill in who, press "Send two"`, `/other  "A page"`, `/sent  "Sent"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not tell %s:\n%s", want, out)
		}
	}
	if strings.Contains(out.String(), "s3cr3t-mark") {
		t.Errorf("it tells the token:\n%s", out)
	}
}

// What is not there is an error, and the browser does nothing more.
func TestBrowserStops(t *testing.T) {
	t.Parallel()
	at := testServer(t)
	tests := map[string]struct {
		do   func(b *browser) *browser
		want string
	}{
		"link":   {func(b *browser) *browser { return b.follow("/none") }, "no link to /none"},
		"button": {func(b *browser) *browser { return b.press("method=none", nil) }, "no button method=none"},
		"input":  {func(b *browser) *browser { return b.press("method=one", map[string]string{"none": "x"}) }, "no input none"},
		"path":   {func(b *browser) *browser { return b.wants("/none", "") }, "is at /, not at /none"},
		"text":   {func(b *browser) *browser { return b.wants("/", "Not shown") }, `does not say "Not shown"`},
		"server": {func(b *browser) *browser { return b.open("http://127.0.0.1:1/") }, "refused"},
		"who":    {func(b *browser) *browser { b.who("http://127.0.0.1:1"); return b }, "refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := newBrowser(t.Context(), new(strings.Builder))
			if err != nil {
				t.Fatal(err)
			}
			test.do(b.open(at+"/")).open(at+"/later").press("method=one", nil).follow("/other").wants("/", "")
			if b.err == nil || !strings.Contains(b.err.Error(), test.want) || strings.Contains(b.at.Path, "later") {
				t.Errorf("at %s: %v", b.at, b.err)
			}
		})
	}
}
