package mailtest

import (
	"embed"
	"html"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

//go:embed browse.html browse.css
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"linked": linked}).ParseFS(files, "browse.html"))

// Handler shows the mails in a browser: "/" lists them, the newest first, and
// "/mail/N" shows one.
func (s *Sink) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		mails := s.Mails()
		slices.Reverse(mails)
		show(w, "list", mails)
	})
	mux.HandleFunc("GET /mail/{number}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("number"))
		mails := s.Mails()
		if err != nil || n < 1 || n > len(mails) {
			http.NotFound(w, r)
			return
		}
		show(w, "mail", mails[n-1])
	})
	mux.HandleFunc("GET /browse.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "browse.css") })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

func show(w http.ResponseWriter, page string, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	if err := pages.ExecuteTemplate(w, page, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// piece is a stretch of text; a web address is shown as a link.
type piece struct {
	Text string
	Link bool
}

func linked(m Mail) []piece {
	text := strings.TrimSpace(m.readable())
	var all []piece
	for _, l := range m.Links() {
		before, after, _ := strings.Cut(text, l)
		all = append(all, piece{Text: before}, piece{Text: l, Link: true})
		text = after
	}
	return append(all, piece{Text: text})
}

// plain gives what an HTML part says, its links written out.
func plain(text string) string {
	text = anchor.ReplaceAllString(text, " $1 ")
	return html.UnescapeString(tag.ReplaceAllString(text, ""))
}
