package kratosconf

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Postgres is a PostgreSQL database.
type Postgres struct {
	User     string
	Password Secret
	Endpoint string // host, or host:port
	Database string
	TLS      PostgresTLS
}

// PostgresTLS says how the connection is protected. The zero value leaves it to
// the driver, which tries TLS and goes on without.
type PostgresTLS struct {
	Mode     string // sslmode: disable, prefer, require, verify-ca, verify-full
	RootCert string // path of the CA certificate, where the mode verifies
}

// DSN gives the connection string. Every part arrives as it is, whatever
// characters it has. An error names the part, and never a value.
func (p Postgres) DSN() (Secret, error) {
	host, err := checkEndpoint("the database endpoint", p.Endpoint)
	if err != nil {
		return "", err
	}
	for _, part := range []struct{ name, value string }{{"user", p.User}, {"name", p.Database}} {
		if part.value == "" {
			return "", fault.New(fault.Usage, "cannot use the database: its %s is empty", part.name)
		}
	}
	if strings.HasPrefix(p.Database, "/") {
		return "", fault.New(fault.Usage, "cannot use the database: its name begins with a slash, which the driver drops")
	}
	query := values{}
	query.add("sslmode", p.TLS.Mode)
	query.add("sslrootcert", p.TLS.RootCert)
	return Secret("postgres://" + escape(p.User) + ":" + escape(string(p.Password)) + "@" + host + "/" + escape(p.Database) + query.suffix()), nil
}

// SMTP is a mail server.
type SMTP struct {
	Host string
	Port int
	// User and Password may both be empty: the server then asks for none.
	User     string
	Password Secret
	Security string // one of the Security constants
	// SkipVerify takes any certificate.
	SkipVerify bool
}

// How the connection to a mail server is protected.
const (
	SecurityNone     = "none"
	SecurityStartTLS = "starttls"
	SecurityTLS      = "tls"
)

// URI gives the connection string. Every part arrives as it is, whatever
// characters it has. An error names the part, and never a value.
func (s SMTP) URI() (Secret, error) {
	if s.Port < 1 || s.Port > 65535 {
		return "", fault.New(fault.Usage, "cannot use the smtp port %d: it is not between 1 and 65535", s.Port)
	}
	host, err := checkEndpoint("the smtp host", bracket(s.Host)+":"+strconv.Itoa(s.Port))
	if err != nil {
		return "", err
	}
	scheme, query := "smtp", values{}
	switch s.Security {
	case SecurityNone:
		query.add("disable_starttls", "true")
	case SecurityStartTLS:
	case SecurityTLS:
		scheme = "smtps"
	default:
		return "", fault.New(fault.Usage, "cannot use the smtp transport security %q: it is none of none, starttls, tls", s.Security)
	}
	if s.SkipVerify && s.Security != SecurityNone {
		query.add("skip_ssl_verify", "true")
	}
	return Secret(scheme + "://" + s.account() + host + "/" + query.suffix()), nil
}

func (s SMTP) account() string {
	if s.User == "" && s.Password == "" {
		return ""
	}
	return escape(s.User) + ":" + escape(string(s.Password)) + "@"
}

// values are the parameters of a URL, in the order in which they were added.
type values []string

func (v *values) add(name, value string) {
	if value != "" {
		*v = append(*v, name+"="+escape(value))
	}
}

func (v values) suffix() string {
	if len(v) == 0 {
		return ""
	}
	return "?" + strings.Join(v, "&")
}

// escape percent-encodes all but letters, digits and -._~, so that the text is
// safe in any part of a URL for any parser of URLs.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?$`)

// checkEndpoint gives a host with an optional port in the form of a URL.
func checkEndpoint(field, endpoint string) (string, error) {
	if isIP(endpoint) {
		return bracket(endpoint), nil
	}
	host, port := endpoint, ""
	if i := strings.LastIndexByte(endpoint, ':'); i >= 0 && !strings.HasSuffix(endpoint, "]") {
		host, port = endpoint[:i], endpoint[i:]
	}
	inside, bracketed := strings.CutPrefix(strings.TrimSuffix(host, "]"), "[")
	if bracketed && bracket(inside) != host || !bracketed && !hostName.MatchString(host) {
		return "", fault.New(fault.Usage, "cannot use %s: it is no host, or host:port", field)
	}
	if n, err := strconv.ParseUint(strings.TrimPrefix(port, ":"), 10, 16); port != "" && (err != nil || n == 0) {
		return "", fault.New(fault.Usage, "cannot use %s: its port is no number between 1 and 65535", field)
	}
	return host + port, nil
}

// bracket puts an IPv6 address into the brackets that a URL wants.
func bracket(host string) string {
	if strings.Contains(host, ":") && isIP(host) {
		return "[" + host + "]"
	}
	return host
}

// isIP tells an IP address without a zone, which is of one machine alone.
func isIP(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Zone() == ""
}
