package selfservice

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// flowPage serves the page of a kind of flow.
func (s *Server) flowPage(kind page.Kind) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("flow")
		if id == "" {
			s.begin(w, r, kind)
			return
		}
		a, err := s.fetch(r, "/self-service/"+string(kind)+"/flows", url.Values{"id": {id}})
		if err != nil {
			s.away(w, r, err)
			return
		}
		passCookies(w, a)
		if a.status == http.StatusOK {
			s.show(w, r, kind, a)
			return
		}
		s.refused(w, r, kind, a)
	})
}

// handedOn are the parameters of a page that the flow is begun with. Kratos
// alone decides what of return_to it accepts.
var handedOn = [...]string{
	"return_to", "aal", "refresh", challengeParam, "via", "organization", "after_verification_return_to", "identity_schema",
}

// takesValues tells whether Kratos has a use for what a page was asked with. It
// answers odd values with an error that repeats them.
func takesValues(name string, values []string) bool {
	among := map[string][]string{"aal": {"aal1", "aal2"}, "refresh": {"true", "false"}}[name]
	return among == nil || len(values) == 1 && slices.Contains(among, values[0])
}

// begin sends the browser to Kratos for a flow. If it comes back without one, it
// is signed in already and Kratos has been told to send such people here.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, kind page.Kind) {
	m := exchangeOf(r.Context()).retry
	switch {
	case m == retryNone:
		q := url.Values{}
		for _, name := range handedOn {
			if values, ok := r.URL.Query()[name]; ok && takesValues(name, values) {
				q[name] = values
			}
		}
		redirect(w, r, beginURL(kind, retryBegun.mark(q)))
	case kind == page.Login || kind == page.Registration:
		redirect(w, r, pagePath(page.Settings))
	default:
		s.loop(w, r, kind)
	}
}

func beginURL(kind page.Kind, q url.Values) string {
	u := url.URL{Path: "/self-service/" + string(kind) + "/browser", RawQuery: q.Encode()}
	return u.String()
}

// redirect answers with 303, and nothing that a cache would keep.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// show answers with the page of a flow.
func (s *Server) show(w http.ResponseWriter, r *http.Request, kind page.Kind, a answer) {
	flow, err := page.ParseFlow(a.body)
	if err != nil {
		s.away(w, r, errNoFlow)
		return
	}
	s.linksThroughGate(flow)
	v := page.View{Kind: kind, Flow: flow, Languages: languages(r), RequestID: exchangeOf(r.Context()).id}
	switch kind {
	case page.Settings:
		v.SignedInAs = signedInAs(a.body)
		if done := s.holds(w, r, &v); done {
			return
		}
	case page.Verification:
		v.SignedInAs = s.whoami(r)
	case page.Recovery:
		if saysLinkIsLost(flow) && s.signedInAlready(w, r) {
			return
		}
	}
	v.Links = s.links(r, v)
	s.write(w, r, http.StatusOK, func(b *bytes.Buffer) error { return s.pages.Flow(b, v) })
}

// links gives where a page leads: nowhere that loses what the flow was begun
// for, and not to a flow that Kratos does not offer.
func (s *Server) links(r *http.Request, v page.View) page.Links {
	q := url.Values{}
	if v.Flow.ReturnTo != "" {
		q.Set("return_to", v.Flow.ReturnTo)
	}
	if challenge := firstOf(v.Flow.LoginChallenge, exchangeOf(r.Context()).challenge); challenge != "" {
		q.Set(challengeParam, challenge)
	}
	to := func(kind page.Kind) string {
		u := url.URL{Path: pagePath(kind), RawQuery: q.Encode()}
		return u.String()
	}
	if v.Hold {
		return page.Links{Logout: logoutPath}
	}
	l := page.Links{Login: to(page.Login), Settings: to(page.Settings), Logout: logoutPath, Home: homePath}
	if v.Kind == page.Settings {
		l.Home = "" // it leads here
	}
	if s.offers(r, page.Registration) {
		l.Registration = to(page.Registration)
	}
	if s.offers(r, page.Recovery) {
		l.Recovery = to(page.Recovery)
		if v.Kind == page.Login && v.Flow.Refresh {
			l.Recovery = s.recoveryAfterLogout()
		}
	}
	if s.offers(r, page.Verification) {
		l.Verification = to(page.Verification)
	}
	return l
}

// recoveryAfterLogout leads a person who is signed in to a recovery, which Kratos
// begins for nobody else than strangers. After a sign-out it sends the browser
// to paths of its own only, unless its configuration knows more.
func (s *Server) recoveryAfterLogout() string {
	base := s.o.PublicURL
	if rel := s.relation.Load(); rel != nil {
		base = rel.Kratos
	}
	to := base.JoinPath("/self-service/recovery/browser").String()
	u := url.URL{Path: logoutPath, RawQuery: url.Values{"return_to": {to}}.Encode()}
	return u.String()
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// whoami gives the name of the person who is signed in; "" where nobody is, or it
// is not known.
func (s *Server) whoami(r *http.Request) string {
	name, _ := s.session(r)
	return name
}

// session tells whether somebody is signed in, and gives the name, if it is known.
func (s *Server) session(r *http.Request) (name string, signedIn bool) {
	a, err := s.fetch(r, "/sessions/whoami", nil)
	if err != nil || a.status != http.StatusOK {
		return "", false
	}
	return signedInAs(a.body), true
}

// signedInAs gives the name by which a person knows the account, of the flow of
// the settings or of a session.
func signedInAs(body []byte) string {
	var flow struct {
		Identity struct {
			Traits    map[string]json.RawMessage
			Addresses []struct{ Value string } `json:"verifiable_addresses"`
		}
	}
	if json.Unmarshal(body, &flow) != nil {
		return ""
	}
	for _, trait := range []string{"email", "username", "emailAddress", "email_address", "phone", "phone_number"} {
		var name string
		if json.Unmarshal(flow.Identity.Traits[trait], &name) == nil && strings.TrimSpace(name) != "" {
			return name
		}
	}
	if len(flow.Identity.Addresses) > 0 {
		return flow.Identity.Addresses[0].Value
	}
	return ""
}
