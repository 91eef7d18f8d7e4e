package selfservice

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// home leads a person who is signed in to the settings, and all others to the
// sign-in.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	a, err := s.fetch(r, "/sessions/whoami", nil)
	switch {
	case err != nil:
		s.away(w, r, err)
	case a.status >= 500:
		s.away(w, r, errServerFailed)
	case a.status == http.StatusUnauthorized:
		redirect(w, r, pagePath(page.Login))
	default:
		redirect(w, r, pagePath(page.Settings))
	}
}

// logout ends the session. The link to Kratos holds a token of the session, so
// that no other site can sign a person out; a click on another site's link to
// this page is asked about for the same reason, and a sibling's too. A browser
// that looks ahead signs nobody out.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if isPrefetch(r) {
		refusePrefetch(w)
		return
	}
	q := url.Values{}
	if to := r.URL.Query().Get("return_to"); to != "" {
		q.Set("return_to", to)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		next := url.URL{Path: logoutPath, RawQuery: q.Encode()}
		s.confirmLogout(w, r, next.String())
		return
	}
	a, err := s.fetch(r, "/self-service/logout/browser", q)
	if err != nil {
		s.away(w, r, err)
		return
	}
	passCookies(w, a)
	s.forget(w)
	s.finishLogout(w, r, a)
}

func (s *Server) confirmLogout(w http.ResponseWriter, r *http.Request, next string) {
	n := page.Notice{
		Title: "link.logout", Next: next, NextLabel: "link.logout",
		Links: page.Links{Home: homePath}, Languages: languages(r),
	}
	s.write(w, r, http.StatusOK, func(b *bytes.Buffer) error { return s.pages.Notice(b, n) })
}

func (s *Server) finishLogout(w http.ResponseWriter, r *http.Request, a answer) {
	var answered struct {
		URL string `json:"logout_url"`
	}
	switch {
	case a.status == http.StatusUnauthorized:
		redirect(w, r, pagePath(page.Login))
	case a.status >= 500:
		s.away(w, r, errServerFailed)
	case a.status != http.StatusOK:
		s.failed(w, r, "", a)
	case json.Unmarshal(a.body, &answered) != nil || answered.URL == "":
		s.away(w, r, errNoFlow)
	default:
		redirect(w, r, answered.URL)
	}
}

// failure is the page that Kratos sends a browser to when a flow cannot go on.
func (s *Server) failure(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if id == "" {
		s.notFound(w, r)
		return
	}
	a, err := s.fetch(r, "/self-service/errors", url.Values{"id": {id}})
	if err != nil {
		s.away(w, r, err)
		return
	}
	s.explain(w, r, a)
}

// explain answers with what Kratos says of a failure.
func (s *Server) explain(w http.ResponseWriter, r *http.Request, a answer) {
	switch {
	case a.status == http.StatusNotFound:
		s.notFound(w, r)
		return
	case a.status >= 500:
		s.away(w, r, errServerFailed)
		return
	case a.status != http.StatusOK:
		s.failed(w, r, "", a)
		return
	}
	e, err := page.ParseError(a.body)
	if err != nil {
		s.away(w, r, errNoFlow)
		return
	}
	s.showFailure(w, r, page.Kind(r.URL.Query().Get(kindParam)), e, e.Code)
}
