package selfservice

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// RelationKind says how our origin and Kratos' stand to each other.
type RelationKind string

// The relations that are served.
const (
	// SameOrigin needs nothing more.
	SameOrigin RelationKind = "same origin"
	// Siblings share a registrable domain, or a host on two ports: Kratos has to
	// be told so. The Line says how.
	Siblings RelationKind = "siblings"
)

// Relation is what comparing our public URL with Kratos' base URL found.
type Relation struct {
	Kind   RelationKind
	Public *url.URL // ours
	Kratos *url.URL // serve.public.base_url of Kratos' configuration, as Kratos uses it
	Line   string   // for siblings, what has to be set; "" otherwise
}

// Check asks Kratos by which URL it calls itself, and compares it with our
// public URL. Errors are of kind fault.Unavailable where Kratos does not answer,
// and fault.Precondition where what answers is not Kratos' public API, or where
// browsers would not send cookies of one to the other.
func (s *Server) Check(ctx context.Context) (Relation, error) {
	base, err := s.baseURL(ctx)
	if err != nil {
		return Relation{}, err
	}
	rel, err := relate(s.o.PublicURL, base)
	if err != nil {
		return Relation{}, err
	}
	if rel.Kind == Siblings && s.o.EnforceMFA {
		rel.Line += "; until both are one origin, forms lead past these pages, and who has no second factor is held on the settings page only"
	}
	s.relation.Store(&rel)
	return rel, nil
}

const loginPath = "/self-service/login"

// baseURL finds Kratos' base URL in a flow, whose form leads there.
func (s *Server) baseURL(ctx context.Context) (*url.URL, error) {
	a, err := s.kratos.get(ctx, loginPath+"/api", nil, nil)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "cannot reach Kratos at %q", s.o.KratosURL).Because(err).
			WithHint("--%s (%s) is the address of Kratos' public API.", flagKratosURL, envOf(flagKratosURL))
	}
	kind := fault.Precondition
	if a.status >= 500 || a.status == http.StatusTooManyRequests {
		kind = fault.Unavailable // it may be Kratos, or a gateway before it, that cannot answer now
	}
	notKratos := fault.New(kind, "cannot use %q as Kratos' public API: it gave no login flow (status %d)", s.o.KratosURL, a.status).
		WithHint("--%s (%s) is the address of Kratos' public API, which listens on port 4433 unless told otherwise.", flagKratosURL, envOf(flagKratosURL))
	flow, err := page.ParseFlow(a.body)
	if a.status != http.StatusOK || err != nil {
		return nil, notKratos
	}
	u, err := url.Parse(flow.UI.Action)
	if err != nil || u.Host == "" || !strings.HasSuffix(u.Path, loginPath) {
		return nil, notKratos
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, loginPath) + "/"}, nil
}

// relate compares two URLs as browsers do when they decide about cookies.
func relate(public, base *url.URL) (Relation, error) {
	rel := Relation{Public: public, Kratos: base}
	ours, its := originOf(public), originOf(base)
	domain, shared := sharedDomain(public.Hostname(), base.Hostname())
	switch {
	case ours == its && strings.Trim(base.Path, "/") == "":
		rel.Kind = SameOrigin
		return rel, nil
	case !shared:
		return rel, different(public, base)
	}
	rel.Kind = Siblings
	var set []string
	if strings.EqualFold(public.Hostname(), base.Hostname()) {
		set = append(set, fmt.Sprintf("serve.public.base_url: %s/ (best)", ours))
	} else {
		set = append(set, fmt.Sprintf("cookies.domain: %s", domain))
	}
	if ours != its {
		set = append(set, fmt.Sprintf("serve.public.cors: {enabled: true, allowed_origins: [%q], allow_credentials: true}", ours))
	}
	rel.Line = fmt.Sprintf("the pages are at %s and Kratos calls itself %s: Kratos' configuration needs %s", ours, base, strings.Join(set, " and "))
	return rel, nil
}

func different(public, base *url.URL) error {
	return fault.New(fault.Precondition, "cannot serve the pages at %q for a Kratos that calls itself %q: browsers do not send cookies from one to the other", originOf(public), base).
		WithHint("Set serve.public.base_url to %q and the ui_url of each flow to pages below it in Kratos' configuration, or --%s (%s) to the address that browsers use.",
			originOf(public)+"/", flagPublicURL, envOf(flagPublicURL))
}

// originOf is the URL's origin, as a browser writes it.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := u.Port(); scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return scheme + "://" + host
}

// sharedDomain gives the domain that a cookie for both hosts would name.
func sharedDomain(a, b string) (domain string, shared bool) {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if a == b {
		return a, true
	}
	for _, host := range []string{a, b} {
		if _, err := netip.ParseAddr(host); err == nil {
			return "", false
		}
	}
	one, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return "", false
	}
	other, err := publicsuffix.EffectiveTLDPlusOne(b)
	return one, err == nil && one == other
}

// misplaced gives a line for each flow for which Kratos sends browsers elsewhere
// than to our page. That may be meant, so it is no error. The settings are not
// asked for: they take a session.
func (s *Server) misplaced(ctx context.Context) []string {
	var lines []string
	for _, kind := range flowKinds {
		if kind == page.Settings {
			continue
		}
		a, err := s.kratos.get(ctx, beginURL(kind, nil), nil, http.Header{"Accept": {"text/html"}})
		if err != nil {
			return lines
		}
		to, err := url.Parse(a.header.Get("Location"))
		if err != nil || !to.Query().Has("flow") || originOf(to) == originOf(s.o.PublicURL) && to.Path == pagePath(kind) {
			continue
		}
		to.RawQuery = ""
		lines = append(lines, fmt.Sprintf("kratos sends browsers to %s, not to a page of ours: selfservice.flows.%s.ui_url would be %s%s", to, kind, originOf(s.o.PublicURL), pagePath(kind)))
	}
	return lines
}
