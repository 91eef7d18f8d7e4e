package relation

import (
	"net/url"
	"strconv"
	"strings"
)

// SMTPEndpoint is the relation to a mail server, interface smtp.
const SMTPEndpoint = "smtp"

const keyPasswordID = "password_id"

// The ways to protect the connection to a mail server.
const (
	TransportNone     = "none"
	TransportStartTLS = "starttls"
	TransportTLS      = "tls"
)

// SMTP is a mail server that takes Kratos' mails.
type SMTP struct {
	Host string
	Port int
	// Username and Password are empty where the server wants none.
	Username string
	Password Secret
	// Transport is TransportNone, TransportStartTLS or TransportTLS.
	Transport string
	// SkipVerify takes any certificate.
	SkipVerify bool
	// Sender is the address that the mails should come from, if the server's
	// side names one; Domain that of the mails.
	Sender, Domain string
}

// ReadSMTP reads the mail server, its password from a secret or in clear.
func ReadSMTP(r Relation, secrets Secrets) (SMTP, error) {
	bag := r.RemoteApp
	if bag["host"] == "" {
		return SMTP{}, r.waiting("host")
	}
	host, _, ok := hostPort(bag["host"])
	if !ok || strings.HasPrefix(bag["host"], "[") || host != bag["host"] {
		return SMTP{}, r.malformed("host", "it is not the name or address of a host")
	}
	port, ok := portNumber(bag["port"])
	if !ok {
		return SMTP{}, r.malformed("port", "it is not a number from 1 to 65535")
	}
	s := SMTP{
		Host: host, Port: port, Transport: bag["transport_security"], SkipVerify: truth(bag["skip_ssl_verify"]),
		Sender: bag["smtp_sender"], Domain: bag["domain"],
	}
	switch s.Transport {
	case TransportNone, TransportStartTLS, TransportTLS:
	default:
		return SMTP{}, r.malformed("transport_security", "it is none of none, starttls and tls")
	}
	return s.withAuth(r, secrets)
}

// withAuth adds user and password. With auth_type not_provided, or without one,
// they are used if both are there.
func (s SMTP) withAuth(r Relation, secrets Secrets) (SMTP, error) {
	switch r.RemoteApp["auth_type"] {
	case "none":
		return s, nil
	case "", "plain", "not_provided":
	default:
		return SMTP{}, r.malformed("auth_type", "it is none of none, plain and not_provided")
	}
	content, err := secrets.content(r, keyPasswordID)
	if err != nil {
		return SMTP{}, err
	}
	user, password := r.RemoteApp["user"], either(content["password"], r.RemoteApp["password"])
	plain := r.RemoteApp["auth_type"] == "plain"
	switch {
	case plain && user == "":
		return SMTP{}, r.malformed("user", "it is missing, and auth_type is plain")
	case plain && password == "":
		return SMTP{}, r.malformed("password", "it is missing, and auth_type is plain")
	case user != "" && password != "":
		s.Username, s.Password = user, Secret(password)
	}
	return s, nil
}

// ConnectionURI gives the URI for Kratos' courier, which holds the password.
func (s SMTP) ConnectionURI() string {
	u := url.URL{Scheme: "smtp", Host: s.Host + ":" + strconv.Itoa(s.Port), Path: "/"}
	if s.Username != "" {
		u.User = url.UserPassword(s.Username, string(s.Password))
	}
	switch {
	case s.Transport == TransportNone:
		u.RawQuery = "disable_starttls=true"
	case s.SkipVerify:
		u.RawQuery = "skip_ssl_verify=true"
	}
	if s.Transport == TransportTLS {
		u.Scheme = "smtps"
	}
	return u.String()
}
