package selfservice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// notice is a page that says one thing. The catalogue of package page has its
// texts under notice.<key>.title and notice.<key>.text.
type notice struct {
	status int
	key    string
	next   string // where its button leads; "" for none
	detail map[string]string
	links  page.Links
	person string // who is signed in, where the page says so
	// logged: the log says more under the request's id, so it is shown to whoever
	// may have to tell the people who run the site.
	logged bool
}

// notice answers with the page, or with JSON where no person looks at it.
func (s *Server) notice(w http.ResponseWriter, r *http.Request, n notice) {
	if wantsJSON(r) && n.key != previewKey {
		s.notJSON(w, r, n)
		return
	}
	shown := page.Notice{
		Status: n.status, Title: "notice." + n.key + ".title", Text: "notice." + n.key + ".text",
		Detail: n.detail, Links: n.links, Next: n.next, Languages: languages(r), SignedInAs: n.person,
	}
	if n.logged {
		shown.RequestID = exchangeOf(r.Context()).id
	}
	s.write(w, r, n.status, func(b *bytes.Buffer) error { return s.pages.Notice(b, shown) })
}

// write answers with a page that is rendered first, so that one that cannot be
// rendered is not half an answer.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, render func(*bytes.Buffer) error) {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		s.o.Log.ErrorContext(r.Context(), "a page cannot be rendered", "id", exchangeOf(r.Context()).id)
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "Something went wrong. Please try again.", http.StatusInternalServerError)
		return
	}
	s.pageHeaders(w.Header())
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(b.Bytes()) // a browser that is gone needs no error
	}
}

// notJSON answers a program in the form in which Kratos does.
func (s *Server) notJSON(w http.ResponseWriter, r *http.Request, n notice) {
	var body struct {
		Error struct {
			Code    int    `json:"code"`
			Status  string `json:"status"`
			Message string `json:"message"`
			Request string `json:"request"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Status = n.status, http.StatusText(n.status)
	body.Error.Message = strings.ReplaceAll(n.key, "_", " ")
	body.Error.Request = exchangeOf(r.Context()).id
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(n.status)
	json.NewEncoder(w).Encode(body) // a client that is gone needs no error
}

// wantsJSON tells whether a program asks: one that says so, or one that asks for
// a path of Kratos' and not for a page.
func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json") ||
		slices.Contains(kratosPaths[:], exchangeOf(r.Context()).route) && !wantsPage(r)
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.notice(w, r, notice{status: http.StatusNotFound, key: "not_found", next: homePath})
}

func (s *Server) tooLarge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close")
	s.notice(w, r, notice{status: http.StatusRequestEntityTooLarge, key: "too_large"})
}

// broken is the page of a failure of our own.
func (s *Server) broken(w http.ResponseWriter, r *http.Request) {
	s.notice(w, r, notice{status: http.StatusInternalServerError, key: "error", next: homePath, logged: true})
}

// errNoFlow says that what answered may not be Kratos.
var errNoFlow = errors.New("the answer is none of Kratos'")

// away is the page of a Kratos that did not answer, or not sensibly.
func (s *Server) away(w http.ResponseWriter, r *http.Request, err error) {
	err = withoutURL(err)
	s.o.Log.WarnContext(r.Context(), "kratos did not answer as it should", "id", exchangeOf(r.Context()).id, "cause", err.Error())
	n := notice{status: http.StatusServiceUnavailable, key: "unavailable", logged: true}
	switch {
	case errors.Is(err, context.Canceled):
		return // the browser is gone
	case errors.Is(err, errNoFlow), errors.Is(err, errServerFailed):
		n.status = http.StatusBadGateway
	}
	if r.Method == http.MethodGet && r.URL.Path != gatePath {
		n.next = again(r)
	}
	s.notice(w, r, n)
}

// again is the address of the page that was asked for.
func again(r *http.Request) string {
	if isPage(r.URL.Path) {
		return r.URL.RequestURI()
	}
	return homePath
}
