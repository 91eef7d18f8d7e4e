package selfservice

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// Options say what to serve. KratosURL and PublicURL are needed.
type Options struct {
	// KratosURL is Kratos' public API as this process reaches it. It may carry a
	// path.
	KratosURL *url.URL
	// PublicURL is this server as browsers see it: an origin, without a path.
	PublicURL *url.URL
	Brand     page.Brand
	// EnforceMFA holds a person who has no second factor on the settings page:
	// see the package's documentation for what that does not guard.
	EnforceMFA bool
	// TrustedProxies are the addresses whose X-Forwarded-* headers and request
	// ids are believed.
	TrustedProxies []netip.Prefix
	// FormActionOrigins are the origins, besides our own, that a form may lead
	// to. With none the Content-Security-Policy has no form-action.
	FormActionOrigins []string
	Log               *slog.Logger // nil for none
	UserAgent         string       // of our own requests to Kratos; "" for a standard one
	// Transport carries the requests to Kratos; nil for one with this package's
	// timeouts.
	Transport http.RoundTripper
	// FetchTimeout bounds one request of our own to Kratos; 0 for ten seconds.
	FetchTimeout time.Duration
}

const (
	defaultFetchTimeout = 10 * time.Second
	defaultUserAgent    = "kratos-agent-ui"
)

// complete checks the options and fills in what has a default.
func (o Options) complete() (Options, error) {
	if err := checkURL("Kratos' public URL", o.KratosURL); err != nil {
		return o, err
	}
	if err := checkURL("the public URL", o.PublicURL); err != nil {
		return o, err
	}
	if strings.Trim(o.PublicURL.Path, "/") != "" {
		return o, fault.New(fault.Usage, "cannot serve under %q: the public URL has a path", o.PublicURL).
			WithHint("The pages need a host of their own: give an origin such as https://accounts.example.com, and route all of it here.")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.FetchTimeout == 0 {
		o.FetchTimeout = defaultFetchTimeout
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	for _, origin := range o.FormActionOrigins {
		if err := checkOrigin(origin); err != nil {
			return o, err
		}
	}
	return o, nil
}

// checkURL accepts what requests can be sent to, and nothing that would be lost
// when paths and queries are put behind it.
func checkURL(what string, u *url.URL) error {
	switch {
	case u == nil || u.Host == "":
		return fault.New(fault.Usage, "cannot serve: %s is missing", what)
	case u.Scheme != "http" && u.Scheme != "https":
		return fault.New(fault.Usage, "cannot use %q as %s: it begins with neither http:// nor https://", u.Redacted(), what)
	case u.User != nil:
		return fault.New(fault.Usage, "cannot use %q as %s: it holds a user name", u.Redacted(), what)
	case u.RawQuery != "" || u.Fragment != "":
		return fault.New(fault.Usage, "cannot use %q as %s: it has a query or a fragment", u.Redacted(), what)
	}
	return nil
}

// checkOrigin accepts what may stand in a Content-Security-Policy as a source:
// anything more could end the directive and begin another.
func checkOrigin(s string) error {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || s != u.Scheme+"://"+u.Host ||
		strings.ContainsAny(s, " \t\r\n;,'\"") {
		return fault.New(fault.Usage, "cannot use %q as a form's origin: it is not of the form https://host[:port]", s)
	}
	return nil
}
