package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

const defaultPort = "5432"

// configure reads the data source name. Of what pgconn would else take from the
// environment and from files of the user, each setting is named here, so that
// the empty one counts. A PGSERVICE cannot be outvoted: if it names no service,
// there is no connection.
func configure(dsn, ca string) (*pgconn.Config, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Hostname() == "" || u.User.Username() == "" || strings.Trim(u.Path, "/") == "" {
		return nil, fault.New(fault.Unavailable, "cannot use the data source name: it is no URL with host, user and database")
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), defaultPort)
	}
	query := u.Query()
	for key, value := range explicit() {
		query.Set(key, value)
	}
	switch {
	case ca != "":
		query.Set("sslmode", "require")
	case query.Get("sslmode") == "":
		query.Set("sslmode", "prefer")
	}
	u.RawQuery = query.Encode()
	config, err := pgconn.ParseConfig(u.String())
	if err != nil { // whose text can hold the data source name
		return nil, fault.New(fault.Unavailable, "cannot use the data source name: one of its settings is not known")
	}
	config.Password, _ = u.User.Password()
	config.RuntimeParams = map[string]string{"application_name": "kratos-agent"}
	return config, trust(config, ca)
}

// explicit are the settings that a data source name must not leave open.
func explicit() map[string]string {
	return map[string]string{
		"channel_binding":      "prefer",
		"connect_timeout":      "0", // the context has one
		"max_protocol_version": "3.0",
		"min_protocol_version": "3.0",
		"passfile":             "",
		"require_auth":         "",
		"sslcert":              "",
		"sslcertmode":          "allow",
		"sslkey":               "",
		"sslnegotiation":       "postgres",
		"sslpassword":          "",
		"sslrootcert":          "",
		"sslsni":               "1",
		"target_session_attrs": "any",
	}
}

// trust makes every connection compare the server's certificate with the CA,
// but not its name: what PostgreSQL calls verify-ca. pgconn reads a CA from
// files only; its own settings for sslmode=require compare nothing.
func trust(config *pgconn.Config, ca string) error {
	if ca == "" {
		return nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca)) {
		return fault.New(fault.Unavailable, "cannot use the CA of the database: it holds no certificate in PEM")
	}
	ways := []*tls.Config{config.TLSConfig}
	for _, other := range config.Fallbacks {
		ways = append(ways, other.TLSConfig)
	}
	for _, way := range ways {
		if way == nil {
			return fault.New(fault.Unavailable, "cannot use the CA of the database: the data source name leads to a socket, which is not encrypted")
		}
		way.VerifyConnection = verifier(roots)
	}
	return nil
}

func verifier(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		between := x509.NewCertPool()
		for _, certificate := range state.PeerCertificates[1:] {
			between.AddCert(certificate)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		if err != nil {
			return errUntrusted
		}
		return nil
	}
}
