package selfservice

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// refused answers where Kratos gave no flow: it leads the browser to one that it
// can have, once, and says what is the matter where that does not help.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, kind page.Kind, a answer) {
	f := readRefusal(a)
	switch {
	case f.RedirectTo != "":
		s.sendOn(w, r, kind, f.RedirectTo)
	case a.status >= 500:
		s.away(w, r, errServerFailed)
	case a.status == http.StatusTooManyRequests:
		s.notice(w, r, notice{status: a.status, key: "unavailable", next: again(r)})
	case a.status == http.StatusUnauthorized:
		s.beginAgain(w, r, kind, "")
	case a.status == http.StatusForbidden, a.status == http.StatusNotFound, a.status == http.StatusGone:
		s.lost(w, r, kind, a.status, f)
	case a.status == http.StatusBadRequest && kind == page.Recovery && exchangeOf(r.Context()).retry == retryLink:
		s.lost(w, r, kind, a.status, f) // the recovery is shut, but an invitation is not one that a person asks for
	default:
		s.failed(w, r, kind, a)
	}
}

// lost answers where the flow is another browser's, is not there or is over.
//
// A recovery that cannot be had is told to the person: behind it is an
// invitation or a mail that has expired, and a new form without a word would
// not say so. Kratos gives the flow of an expired link as another browser's.
func (s *Server) lost(w http.ResponseWriter, r *http.Request, kind page.Kind, status int, f refusal) {
	fromLink := exchangeOf(r.Context()).retry == retryLink
	if kind == page.Recovery && s.signedInAlready(w, r) {
		return
	}
	switch {
	case kind == page.Recovery && !fromLink:
		s.notice(w, r, s.newLink(r, kind, status, "invitation"))
	case kind == page.Recovery:
		s.notice(w, r, s.newLink(r, kind, http.StatusGone, "invitation"))
	case fromLink:
		s.notice(w, r, s.newLink(r, kind, http.StatusGone, "expired"))
	case status != http.StatusForbidden && exchangeOf(r.Context()).retry != retryNone: // over, or cleaned away
		s.notice(w, r, notice{status: status, key: "expired", next: anew(r, kind)})
	default:
		s.beginAgain(w, r, kind, f.Error.Details.ReturnTo)
	}
}

// newLink is a notice that leads to a new link or code, where Kratos sends any.
func (s *Server) newLink(r *http.Request, kind page.Kind, status int, key string) notice {
	n := notice{status: status, key: key, links: page.Links{Login: anew(r, page.Login)}}
	switch {
	case s.offers(r, kind):
		n.next = anew(r, kind)
	case key == "invitation":
		n.key = "invitation_closed"
	}
	return n
}

// The messages of a recovery that begins anew, since the link was no good.
const (
	linkUsed = 4060004
	linkOld  = 4060005
)

func saysLinkIsLost(f page.Flow) bool { return f.Has(linkUsed) || f.Has(linkOld) }

// signedInAlready answers a person who is signed in and opens a link that works
// no more: an invitation for the second time, say. It tells whether it has. Such
// a person could not go on here: Kratos begins no recovery for them.
func (s *Server) signedInAlready(w http.ResponseWriter, r *http.Request) bool {
	name, signedIn := s.session(r)
	if !signedIn {
		return false
	}
	s.notice(w, r, notice{
		status: http.StatusGone, key: "signed_in", next: anew(r, page.Settings), person: name, links: page.Links{Logout: logoutPath},
	})
	return true
}

// anew is the address of a page that begins a flow, for what the one that the
// browser is on was for.
func anew(r *http.Request, kind page.Kind) string {
	u := url.URL{Path: pagePath(kind)}
	if challenge := exchangeOf(r.Context()).challenge; challenge != "" {
		u.RawQuery = url.Values{challengeParam: {challenge}}.Encode()
	}
	return u.String()
}

// beginAgain sends the browser for a new flow, unless it comes from there.
func (s *Server) beginAgain(w http.ResponseWriter, r *http.Request, kind page.Kind, returnTo string) {
	if exchangeOf(r.Context()).retry != retryNone {
		s.loop(w, r, kind)
		return
	}
	q := url.Values{}
	if returnTo != "" {
		q.Set("return_to", returnTo)
	}
	if challenge := exchangeOf(r.Context()).challenge; challenge != "" {
		q.Set(challengeParam, challenge)
	}
	redirect(w, r, beginURL(kind, retryAgain.mark(q)))
}

// sendOn sends the browser where Kratos wants it: to a second factor, or to
// prove again who is there. What leads to Kratos' own host goes through us, and
// so is marked.
func (s *Server) sendOn(w http.ResponseWriter, r *http.Request, kind page.Kind, to string) {
	u, err := url.Parse(to)
	switch {
	case err != nil || !leadsSomewhere(u):
		s.away(w, r, errNoFlow)
		return
	case exchangeOf(r.Context()).retry == retryAgain:
		s.loop(w, r, kind)
		return
	}
	s.comeBack(r.Context(), u)
	if s.isOurs(u) && strings.HasPrefix(u.Path, "/self-service/") {
		u = &url.URL{Path: u.Path, RawQuery: retryAgain.mark(u.Query()).Encode()}
	}
	redirect(w, r, u.String())
}

// resumeParam has the flow that a browser comes back to.
const resumeParam = "resume"

// comeBack changes where u's return_to leads, if that is a page of ours. Kratos
// puts the page there, and then takes only what its allowed_return_urls has, or
// what is below its own /self-service/: so a path there, which forward knows for
// the page. Where Kratos calls itself by another host the path does not come
// through forward, and a new flow is begun there: so the page stays where Kratos
// takes it.
func (s *Server) comeBack(ctx context.Context, u *url.URL) {
	q := u.Query()
	back, err := url.Parse(q.Get("return_to"))
	base, _, toKratos := strings.Cut(u.Path, "/self-service/")
	if err != nil || !toKratos || u.Host == "" || back.Host == "" || !s.isOurs(back) || !isFlowPage(back.Path) || !back.Query().Has("flow") {
		return
	}
	if !s.isOurs(u) && s.takesBack(ctx, q.Get("return_to")) {
		return
	}
	again := url.URL{
		Scheme: u.Scheme, Host: u.Host, Path: base + "/self-service" + back.Path + "/browser",
		RawQuery: url.Values{resumeParam: {back.Query().Get("flow")}}.Encode(),
	}
	q.Set("return_to", again.String())
	u.RawQuery = q.Encode()
}

// takesBack tells whether Kratos sends browsers to the address at the end of a
// sign-in, of which it judges at the beginning.
func (s *Server) takesBack(ctx context.Context, address string) bool {
	a, err := s.kratos.get(ctx, loginPath+"/api", url.Values{"return_to": {address}}, nil)
	return err == nil && a.status == http.StatusOK
}

// resume sends a browser that comes back to the page of its flow. It tells
// whether it has answered.
func (s *Server) resume(w http.ResponseWriter, r *http.Request) bool {
	kind, begins := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/self-service"), "/browser")
	flow := r.URL.Query().Get(resumeParam)
	if flow == "" || !begins || !isFlowPage(kind) || r.Method != http.MethodGet || !wantsPage(r) {
		return false
	}
	redirect(w, r, kind+"?"+retryAgain.mark(url.Values{"flow": {flow}}).Encode())
	return true
}

// leadsSomewhere tells whether a URL is one of the web, or a path of ours.
func leadsSomewhere(u *url.URL) bool {
	if u.Scheme == "" && u.Host == "" {
		return strings.HasPrefix(u.Path, "/")
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// loop stops a browser that would be sent round for ever: it has been for a new
// flow, and cannot have that either. Its cookies do not arrive: because it knows
// us and Kratos by different hosts, which the page then names, or because it
// keeps none.
func (s *Server) loop(w http.ResponseWriter, r *http.Request, kind page.Kind) {
	n := notice{status: http.StatusForbidden, key: "foreign", next: anew(r, kind), logged: true}
	if here, there := s.hostOf(r), s.kratosHost(); !strings.EqualFold(there, here) {
		n.key, n.detail = "loop", map[string]string{"here": here, "there": there}
	}
	s.o.Log.WarnContext(r.Context(), "a browser does not send the cookies that it was given",
		"id", exchangeOf(r.Context()).id, "kratos", s.kratosHost(), "public", s.o.PublicURL.Host)
	s.notice(w, r, n)
}

// hostOf is the host that the browser asked for, which a trusted proxy tells.
func (s *Server) hostOf(r *http.Request) string {
	if host := r.Header.Get("X-Forwarded-Host"); host != "" && exchangeOf(r.Context()).trusted {
		return host
	}
	return r.Host
}

// kratosHost is the host by which Kratos calls itself, as far as it is known.
func (s *Server) kratosHost() string {
	if rel := s.relation.Load(); rel != nil {
		return rel.Kratos.Host
	}
	return s.o.PublicURL.Host
}

// failed answers with the page of a failure that Kratos explains. The kind is
// that of the flow that failed, "" where it is none or not known.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, kind page.Kind, a answer) {
	e, err := page.ParseError(a.body)
	if err != nil {
		s.away(w, r, errNoFlow)
		return
	}
	s.showFailure(w, r, kind, e, a.status)
}

// flowDisabled is the id of Kratos' error for a registration that is shut.
const flowDisabled = "self_service_flow_disabled"

// isShut tells whether a failure is that the flow is not offered, which Kratos
// says of some kinds in words only.
func (s *Server) isShut(r *http.Request, kind page.Kind, e page.Error) bool {
	switch {
	case e.ID != "":
		return e.ID == flowDisabled
	case kind != page.Recovery && kind != page.Verification:
		return false
	}
	return e.Code == http.StatusBadRequest && !s.offers(r, kind)
}

// shut is the page of a flow that is not offered.
func (s *Server) shut(w http.ResponseWriter, r *http.Request, kind page.Kind) {
	n := notice{status: http.StatusForbidden, key: "disabled", next: homePath}
	if kind == page.Registration {
		n.key, n.next = "registration_disabled", anew(r, page.Login)
	}
	s.notice(w, r, n)
}

func (s *Server) showFailure(w http.ResponseWriter, r *http.Request, kind page.Kind, e page.Error, status int) {
	if kind != "" && s.isShut(r, kind, e) {
		s.shut(w, r, kind)
		return
	}
	if status < 400 || status > 599 {
		status = http.StatusInternalServerError
	}
	v := page.View{
		Kind: page.Failure, Languages: languages(r), RequestID: exchangeOf(r.Context()).id,
		Links: page.Links{Login: pagePath(page.Login), Home: homePath},
	}
	s.write(w, r, status, func(b *bytes.Buffer) error { return s.pages.Error(b, e, v) })
}
