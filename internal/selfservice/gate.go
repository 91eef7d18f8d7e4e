package selfservice

import (
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
	if !s.leaves(target) {
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

// leaves tells whether a URL leads away from our pages and Kratos' flows.
func (s *Server) leaves(u *url.URL) bool {
	return !s.isOurs(u) || !plain(u) || !isPage(u.Path) && !strings.HasPrefix(u.Path, "/self-service/")
}

// linksThroughGate makes the links of a flow that lead away lead through the
// gate, such as the one at the end of a verification.
func (s *Server) linksThroughGate(flow page.Flow) {
	if !s.o.EnforceMFA {
		return
	}
	for i, n := range flow.UI.Nodes {
		u, err := url.Parse(n.Attributes.Href)
		if n.Attributes.Href == "" || err != nil || !leadsSomewhere(u) || !s.leaves(u) {
			continue
		}
		to := url.URL{Path: gatePath, RawQuery: url.Values{nextParam: {s.seal.put(u.String())}}.Encode()}
		flow.UI.Nodes[i].Attributes.Href = to.String()
	}
}

// nextParam is where a link on a page leads that goes through the gate.
const nextParam = "next"

// leavesForProvider tells a redirect to a social provider from the one at the
// end of the way back from there, which may set the same cookie.
func leavesForProvider(path string, target *url.URL) bool {
	return !strings.Contains(path, "/self-service/methods/") && target.Query().Has("client_id")
}

// gate lets through who has a second factor, and sends all others who are signed
// in to the settings. Who is not has to sign in: what is remembered was meant for
// a person who was held, whose sign-in an OAuth2 server has accepted already.
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
	case a.status == http.StatusUnauthorized:
		s.forget(w)
		redirect(w, r, pagePath(page.Login))
		return
	case a.status == http.StatusForbidden: // Kratos itself asks for the second factor
		s.letGo(w, r, s.nextOf(r))
		return
	case a.status != http.StatusOK:
		s.failed(w, r, page.Settings, a)
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
		s.letGo(w, r, s.nextOf(r))
	default:
		if r.URL.Query().Has(nextParam) {
			http.SetCookie(w, s.nextCookie(s.nextOf(r)))
		}
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
	}
	if next := s.nextOf(r); next != "" {
		s.letGo(w, r, next)
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
func (s *Server) letGo(w http.ResponseWriter, r *http.Request, next string) {
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
	c.Value, c.MaxAge = "", -1
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
		Name: s.nextName(), Value: s.seal.put(next), Path: "/",
		MaxAge: nextSeconds, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.o.PublicURL.Scheme == "https",
	}
}

func (s *Server) nextName() string {
	if s.o.PublicURL.Scheme == "https" {
		return "__Host-kratos_agent_next"
	}
	return "kratos_agent_next"
}

// nextOf gives the address that the gate's link leads to, or else the one that is
// remembered; "" for none. One that this process has not sealed is another
// process' beside it, or forged: Kratos says whether it sends browsers there.
func (s *Server) nextOf(r *http.Request) string {
	sealed := ""
	if c, err := r.Cookie(s.nextName()); err == nil {
		sealed = c.Value
	}
	if q := r.URL.Query(); r.URL.Path == gatePath && q.Has(nextParam) {
		sealed = q.Get(nextParam)
	}
	text, own := s.seal.read(sealed)
	u, err := url.Parse(text)
	if err != nil || !leadsSomewhere(u) || !own && !s.isOurs(u) && !s.takesBack(r.Context(), u.String()) {
		return ""
	}
	return u.String()
}
