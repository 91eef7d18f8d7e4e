package kratos

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	ory "github.com/ory/client-go"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// DefaultEndpoint is where Kratos listens for its administrators unless its
// configuration says otherwise.
const DefaultEndpoint = "http://127.0.0.1:4434"

// Options say how to reach an admin API. The zero value means [DefaultEndpoint]
// without a proxy.
type Options struct {
	// Endpoint is the API's URL. It may carry a path prefix, and may end in
	// "/admin" or "/".
	Endpoint string
	// CAFile names a PEM file of certificate authorities to trust beside the
	// system's.
	CAFile string
	// Proxy chooses the proxy of a request; nil for none.
	Proxy func(*http.Request) (*url.URL, error)
	// UserAgent is sent with every request.
	UserAgent string
}

// Client speaks to one admin API. It may be used by several goroutines. Every
// error of its methods is a *fault.Error, and every method is bounded by its
// context alone: give it a deadline.
type Client struct {
	api      ory.IdentityAPI
	endpoint string // as it may be shown: without credentials
}

// New makes a client; it sends nothing. A malformed endpoint and an authorities'
// file that cannot be used are usage faults.
func New(o Options) (*Client, error) {
	endpoint, err := parseEndpoint(o.Endpoint)
	if err != nil {
		return nil, err
	}
	roots, err := authorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	cfg := ory.NewConfiguration()
	cfg.UserAgent = o.UserAgent
	cfg.Servers = ory.ServerConfigurations{{URL: endpoint.String()}}
	cfg.HTTPClient = newHTTPClient(o.Proxy, roots)
	endpoint.User = nil
	return &Client{api: ory.NewAPIClient(cfg).IdentityAPI, endpoint: endpoint.String()}, nil
}

// parseEndpoint gives the URL below which "/admin/..." is found.
func parseEndpoint(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		raw = DefaultEndpoint
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, badEndpoint(raw, "it is no URL such as "+DefaultEndpoint)
	}
	if port, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || port < 1 || port > 65535) {
		return nil, badEndpoint(raw, "its port is not between 1 and 65535")
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, badEndpoint(raw, "it has a query or a fragment")
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/admin"), "/")
	if u.Path, err = url.PathUnescape(path); err != nil {
		return nil, badEndpoint(raw, "its path is not escaped as a URL's")
	}
	u.RawPath = path
	return u, nil
}

// badEndpoint does not show what may hold a password.
func badEndpoint(raw, why string) error {
	shown := strconv.Quote(raw)
	if strings.Contains(raw, "@") {
		shown = "(not shown, since it may hold a password)"
	}
	return fault.New(fault.Usage, "cannot use the endpoint %s: %s", shown, why).
		WithHint("give the URL of Kratos' admin API in KRATOS_ADMIN_URL")
}

// authorities gives the system's authorities and those of the file; nil, which
// means the system's, without a file.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Usage, "cannot read the certificate authorities").Because(err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Usage, "cannot use the certificate authorities in %q: there is no PEM certificate in it", file)
	}
	return pool, nil
}
