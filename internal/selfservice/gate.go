package selfservice

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// continuityCookie is the cookie that Kratos sets when it sends a browser to a
// social provider: nobody is signed in by that, and the way back must stay free.
const continuityCookie = "ory_kratos_continuity"

// throughGate makes a redirect that leaves Kratos' flows lead through the gate.
// It remembers where to, in a cookie, since that may be an address that Kratos
// would not take as return_to a second time: one of an OAuth2 server, say.
func (s *Server) throughGate(a *http.Response, target *url.URL) {
	path := a.Request.URL.Path
	if !s.o.EnforceMFA || !strings.Contains(path, "/self-service/") || strings.HasSuffix(path, "/self-service/logout") {
		return
	}
	if s.isOurs(target) && strings.HasPrefix(target.Path, "/self-service/") {
		return
	}
	for _, c := range a.Cookies() {
		if c.Name == continuityCookie && c.MaxAge >= 0 && c.Value != "" && leavesForProvider(path, target) {
			return
		}
	}
	a.Header.Add("Set-Cookie", s.nextCookie(target.String()).String())
	a.Header.Set("Location", s.o.PublicURL.Scheme+"://"+s.o.PublicURL.Host+gatePath)
}

// leavesForProvider tells a redirect to a social provider from the one at the
// end of the way back from there, which may set the same cookie.
func leavesForProvider(path string, target *url.URL) bool {
	return !strings.Contains(path, "/self-service/methods/") && target.Query().Has("client_id")
}

// gate lets through who has a second factor, or is not signed in, and sends all
// others to the settings.
func (s *Server) gate(w http.ResponseWriter, r *http.Request) {
	if !s.o.EnforceMFA {
		s.notFound(w, r)
		return
	}
	a, err := s.fetch(r, "/self-service/settings/browser", nil)
	if err != nil {
		s.away(w, r, err)
		return
	}
	passCookies(w, a)
	switch {
	case a.status >= 500:
		s.away(w, r, errServerFailed)
		return
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		// Nobody is signed in, or Kratos itself asks for the second factor.
		s.letGo(w, r)
		return
	case a.status != http.StatusOK:
		s.failed(w, r, a)
		return
	}
	flow, err := page.ParseFlow(a.body)
	if err != nil {
		s.away(w, r, errNoFlow)
		return
	}
	has, err := s.hasSecondFactor(r, flow)
	switch {
	case err != nil:
		s.away(w, r, err)
	case has:
		s.letGo(w, r)
	default:
		redirect(w, r, pagePath(page.Settings)+"?flow="+url.QueryEscape(flow.ID))
	}
}

// holds marks the settings page of a person who has to set up a second factor,
// and sends one on who has just done so. It tells whether it has answered.
func (s *Server) holds(w http.ResponseWriter, r *http.Request, v *page.View) bool {
	if !s.o.EnforceMFA {
		return false
	}
	has, err := s.hasSecondFactor(r, v.Flow)
	switch {
	case err != nil:
		s.away(w, r, err)
		return true
	case !has:
		v.Hold = true
		return false
	case s.nextOf(r) != "":
		s.letGo(w, r)
		return true
	}
	return false
}

// factorNodes are the inputs that the settings have only where the person has
// set up a second factor.
var factorNodes = map[string]bool{"totp_unlink": true, "lookup_secret_disable": true}

// factorGroups are the groups of a sign-in that ask for a second factor.
var factorGroups = map[string]bool{"totp": true, "lookup_secret": true, "webauthn": true, "code": true, "sms": true}

// hasSecondFactor tells whether Kratos could ask the person for a second factor.
// Where the settings do not show it, a security key may be one or not: Kratos
// knows, and says so by what it asks for in a sign-in at aal2.
func (s *Server) hasSecondFactor(r *http.Request, settings page.Flow) (bool, error) {
	for _, n := range settings.UI.Nodes {
		if factorNodes[n.Attributes.Name] {
			return true, nil
		}
	}
	a, err := s.fetch(r, "/self-service/login/browser", url.Values{"aal": {"aal2"}, "refresh": {"true"}})
	switch {
	case err != nil:
		return false, err
	case a.status >= 500:
		return false, errServerFailed
	case a.status != http.StatusOK:
		return false, nil
	}
	flow, err := page.ParseFlow(a.body)
	if err != nil {
		return false, errNoFlow
	}
	for _, n := range flow.UI.Nodes {
		if factorGroups[n.Group] && n.Type == "input" {
			return true, nil
		}
	}
	return false, nil
}

// letGo sends a person where Kratos wanted to, and forgets it.
func (s *Server) letGo(w http.ResponseWriter, r *http.Request) {
	next := s.nextOf(r)
	if next == "" {
		next = pagePath(page.Settings)
	}
	s.forget(w)
	redirect(w, r, next)
}

// forget removes what is remembered.
func (s *Server) forget(w http.ResponseWriter) {
	if !s.o.EnforceMFA {
		return
	}
	c := s.nextCookie("")
	c.MaxAge = -1
	http.SetCookie(w, c)
}

const nextSeconds = 3600

// maxNext is how long an address can be remembered, in bytes: browsers drop
// cookies above 4 kB.
const maxNext = 2800

// nextCookie remembers an address. No other host can set a cookie with its
// prefix, which only https has.
func (s *Server) nextCookie(next string) *http.Cookie {
	if len(next) > maxNext {
		next = homePath
	}
	return &http.Cookie{
		Name: s.nextName(), Value: base64.RawURLEncoding.EncodeToString([]byte(next)), Path: "/",
		MaxAge: nextSeconds, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.o.PublicURL.Scheme == "https",
	}
}

func (s *Server) nextName() string {
	if s.o.PublicURL.Scheme == "https" {
		return "__Host-kratos_agent_next"
	}
	return "kratos_agent_next"
}

// nextOf gives the address that is remembered; "" for none.
func (s *Server) nextOf(r *http.Request) string {
	c, err := r.Cookie(s.nextName())
	if err != nil {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return ""
	}
	u, err := url.Parse(string(text))
	if err != nil || !leadsSomewhere(u) {
		return ""
	}
	return u.String()
}
