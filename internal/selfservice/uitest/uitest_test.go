package uitest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// A page with nothing wrong, and what can be put into it.
const (
	top  = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>T</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">%s</head><body><h1>Page</h1>`
	form = `<form method="post" action="/in?next=1"><label for="n">Name</label><input id="n" name="n" required><button name="b" value="1">Send</button></form>
<section aria-labelledby="h"><h2 id="h">Other</h2><form action="/away"><label for="m">Name</label><input id="m" name="n"><button>Send</button></form></section>
<p><a href="/hop">Hop</a></p>`
	style = `:root { color-scheme: light dark } body { background: #fff; color: #222 } @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #9bf } }
input, button { min-height: 32px; min-width: 32px } .quiet :focus { outline: none } .pale { color: #999 } .broad { width: 500px } .low { min-height: 0; height: 10px; padding: 0 } .near { margin: 0 } @media print { .in { margin-left: 9px } }`
)

// pages is a server with pages of faults.
func pages(string, string) http.Handler {
	mux := http.NewServeMux()
	show := func(path, head, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:")
			if path == "/gone" {
				w.WriteHeader(http.StatusGone)
			}
			fmt.Fprintf(w, top+"%s</body></html>", head, body)
		})
	}
	show("/{$}", "", form)
	show("/gone", "", "")
	show("/quiet", "", `<div class="quiet">`+form+`</div>`)
	show("/inline", "", `<script>1</script>`)
	show("/handler", "", `<button onclick="1">B</button>`)
	show("/foreign", "", `<img alt="" src="http://127.0.0.1:1/x.png">`)
	show("/throws", `<script src="/throws.js"></script>`, "")
	show("/complains", `<script src="/complains.js"></script>`, "")
	show("/missing", `<script src="/missing.js"></script>`, "")
	show("/written", `<script src="/write.js"></script>`, "")
	show("/broad", "", `<p class="broad">x</p>`)
	show("/pale", "", `<p class="pale">pale</p>`)
	show("/low", "", `<button class="low">B</button>`)
	show("/touching", "", `<p class="near">x</p><button>B</button>`)
	show("/printed", "", `<h2 class="in">x</h2>`)
	show("/unlabelled", "", `<input name="x">`)
	show("/headings", "", `<h1>Two</h1>`)
	show("/ids", "", `<p id="a">x</p><p id="a">x</p>`)
	mux.HandleFunc("/style.css", text("text/css", style))
	mux.HandleFunc("/throws.js", text("text/javascript", "throw new Error('thrown')"))
	mux.HandleFunc("/complains.js", text("text/javascript", "console.error('complaint', 7)"))
	mux.HandleFunc("/write.js", text("text/javascript", "document.title = 'written'; addEventListener('DOMContentLoaded', () => document.body.append('by script'))"))
	mux.HandleFunc("GET /hop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/gone", http.StatusSeeOther) })
	mux.HandleFunc("POST /in", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/away?n="+r.PostFormValue("n")+r.PostFormValue("b"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, top+"<p>Hello\n %s</p></body></html>", "", r.FormValue("n"))
	})
	return mux
}

func text(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, body)
	}
}

// recorder is a test whose failures are looked at.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	said     []string
	cleanups []func()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

// failures runs a test and gives what it fails with.
func failures(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, f := range r.cleanups {
				f()
			}
		}()
		test(r)
	}()
	<-done
	return strings.Join(r.said, "\n")
}

func TestRig(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(uitest.Artefacts, dir)
	r := uitest.New(t, uitest.Options{Server: pages})

	t.Run("complaints", func(t *testing.T) { complaints(t, r) })
	t.Run("measures", func(t *testing.T) { measures(t, r) })
	t.Run("prints", func(t *testing.T) { prints(t, r) })
	t.Run("steps", func(t *testing.T) { steps(t, r) })
	t.Run("keyboard", func(t *testing.T) { keyboard(t, r) })
	t.Run("script off", func(t *testing.T) {
		p := r.Page(t, uitest.ScriptOff())
		p.Open("/written")
		p.WantNoText("by script")
		p.Open("/throws")
		q := r.Page(t)
		q.Open("/written")
		q.WantText("by script")
	})
	t.Run("screenshots", func(t *testing.T) {
		r.Page(t).Open("/")
		p := r.Page(t)
		p.Open("/")
		p.Look("home")
		for _, name := range []string{"home-light-1280", "home-light-320", "home-dark-1280", "home-dark-320"} {
			if info, err := os.Stat(filepath.Join(dir, "TestRig", name+".png")); err != nil || info.Size() < 1000 {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What the browser complains of fails the test, and nothing else does.
func complaints(t *testing.T, r *uitest.Rig) {
	for path, want := range map[string]string{
		"/":          "",
		"/gone":      "",
		"/inline":    "script-src",
		"/handler":   "script-src",
		"/foreign":   "img-src",
		"/throws":    "thrown",
		"/complains": `"complaint" 7`,
		"/missing":   "404",
	} {
		got := failures(t, func(tb testing.TB) { r.Page(tb).Open(path) })
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	tolerant := failures(t, func(tb testing.TB) {
		p := r.Page(tb)
		p.Tolerate(`"complaint"`)
		p.Open("/complains")
	})
	if tolerant != "" {
		t.Errorf("tolerated, and yet: %s", tolerant)
	}
}

func measures(t *testing.T, r *uitest.Rig) {
	for path, want := range map[string]string{
		"/":           "",
		"/broad":      "scrolls sideways",
		"/pale":       "the contrast of",
		"/low":        "10 pixels",
		"/touching":   "touches",
		"/unlabelled": "has no label",
		"/headings":   "2 headings",
		"/ids":        "more than once",
	} {
		got := failures(t, func(tb testing.TB) {
			p := r.Page(tb)
			p.Tolerate("audit") // the browser finds some of it too
			p.Open(path)
			p.Screenshot("x", "light", 320)
		})
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// What is out of line on paper fails the test.
func prints(t *testing.T, r *uitest.Rig) {
	for path, want := range map[string]string{"/": "", "/printed": "begins at"} {
		got := failures(t, func(tb testing.TB) {
			p := r.Page(tb)
			p.Open(path)
			p.Print("x")
		})
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func steps(t *testing.T, r *uitest.Rig) {
	p := r.Page(t)
	p.Open("/")
	p.Press("Hop")
	p.WantPath("/gone")
	p.WantStatus(http.StatusGone)
	p.Open("/")
	p.In("Other").Fill("Name", "Bob")
	p.In("Other").Press("Send")
	p.WantPath("/away")
	p.WantText("Hello Bob")
	if got := p.Texts("p"); len(got) != 1 || got[0] != "Hello Bob" {
		t.Errorf("texts %q", got)
	}
	if p.Has("Send") {
		t.Error("it has what is not there")
	}
	if got := p.URL().Query().Get("n"); got != "Bob" {
		t.Errorf("query %q", got)
	}
	for want, step := range map[string]func(*uitest.Page){
		`0 elements are called "Nobody"`:        func(p *uitest.Page) { p.Press("Nobody") },
		`2 elements are called "Send"`:          func(p *uitest.Page) { p.Press("Send") },
		`0 elements are called "Name" in "Any"`: func(p *uitest.Page) { p.In("Any").Fill("Name", "x") },
		`it does not say "Bye"`:                 func(p *uitest.Page) { p.WantText("Bye") },
		`it says "Page"`:                        func(p *uitest.Page) { p.WantNoText("Page") },
		`the page is at "/", want "/away"`:      func(p *uitest.Page) { p.WantPath("/away") },
		`with status 200, want 404`:             func(p *uitest.Page) { p.WantStatus(404) },
	} {
		got := failures(t, func(tb testing.TB) {
			p := r.Page(tb)
			p.Open("/")
			step(p.Within(200 * time.Millisecond))
		})
		if !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func keyboard(t *testing.T, r *uitest.Rig) {
	p := r.Page(t, uitest.Keyboard())
	p.Open("/")
	p.In("Other").Fill("Name", "Eve")
	p.In("Other").Press("Send")
	p.WantText("Hello Eve")
	got := failures(t, func(tb testing.TB) {
		p := r.Page(tb, uitest.Keyboard())
		p.Open("/quiet")
		p.Press("Hop")
	})
	if !strings.Contains(got, "cannot be seen") {
		t.Errorf("the focus is hidden: %q", got)
	}
}
