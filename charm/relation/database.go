package relation

import (
	"net/url"
	"strings"
)

// DatabaseEndpoint is the relation to PostgreSQL, interface postgresql_client.
const DatabaseEndpoint = "pg-database"

const (
	keyRequestedSecrets = "requested-secrets"
	keyProvidedSecrets  = "provided-secrets"
	keySecretUser       = "secret-user"
	keySecretTLS        = "secret-tls"
	defaultPostgresPort = "5432"
)

// Database is a database that PostgreSQL has made for this application.
type Database struct {
	// RelationID is the number of the relation; the version of its schema is
	// kept under it, see [Peers].
	RelationID int
	// Host, without brackets, and Port of the first endpoint.
	Host, Port string
	// Name of the database.
	Name     string
	Username string
	Password Secret
	// TLS tells that the server takes encrypted connections.
	TLS bool
	// CA holds the certificates in PEM of the authority behind TLS; empty where
	// the server did not say.
	CA string
}

// ReadDatabase reads what PostgreSQL offers: user and password from a secret,
// or in clear as older versions write them.
func ReadDatabase(r Relation, secrets Secrets) (Database, error) {
	user, err := secrets.content(r, keySecretUser)
	if err != nil {
		return Database{}, err
	}
	tls, err := secrets.content(r, keySecretTLS)
	if err != nil {
		return Database{}, err
	}
	d := Database{
		RelationID: r.ID,
		Name:       either(r.RemoteApp["database"], r.LocalApp["database"]),
		Username:   either(user["username"], r.RemoteApp["username"]),
		Password:   Secret(either(user["password"], r.RemoteApp["password"])),
		TLS:        truth(either(tls["tls"], r.RemoteApp["tls"])),
		CA:         either(tls["tls-ca"], r.RemoteApp["tls-ca"]),
	}
	endpoints := r.RemoteApp["endpoints"]
	for _, needed := range []struct{ key, value string }{
		{"endpoints", endpoints}, {"database", d.Name}, {"username", d.Username}, {"password", string(d.Password)},
	} {
		if needed.value == "" {
			return Database{}, r.waiting(needed.key)
		}
	}
	if err := d.normalizeCA(r); err != nil {
		return Database{}, err
	}
	// The first of the endpoints is the primary.
	first, _, _ := strings.Cut(endpoints, ",")
	host, port, ok := hostPort(strings.TrimSpace(first))
	if !ok {
		return Database{}, r.malformed("endpoints", "its first entry is not host:port")
	}
	d.Host, d.Port = host, either(port, defaultPostgresPort)
	return d, nil
}

// normalizeCA leaves of the CA what is certificates, and nothing without TLS.
func (d *Database) normalizeCA(r Relation) error {
	if !d.TLS || d.CA == "" {
		d.CA = ""
		return nil
	}
	blocks, ok := certificatesIn(d.CA)
	if !ok {
		return r.malformed("tls-ca", notPEM)
	}
	d.CA = strings.Join(blocks, "")
	return nil
}

// address tells one database from another.
func (d Database) address() string { return d.Host + ":" + d.Port + "/" + d.Name }

// DSN gives the data source name for Kratos, which holds the password. caFile
// is where the workload finds the CA; it is used where the database has one. The
// server's name is not compared with its certificate, which need not hold the
// service name under which it is offered. Without a word about TLS the client
// takes what the server has.
func (d Database) DSN(caFile string) string {
	host := d.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	query := url.Values{}
	switch {
	case !d.TLS:
		query.Set("sslmode", "prefer")
	case d.CA != "" && caFile != "":
		query.Set("sslmode", "verify-ca")
		query.Set("sslrootcert", caFile)
	default:
		query.Set("sslmode", "require")
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(d.Username, string(d.Password)),
		Host: host + ":" + d.Port, Path: "/" + d.Name, RawQuery: query.Encode(),
	}
	return u.String()
}

// WriteDatabase asks PostgreSQL for a database of the name, whose user may do
// anything in it. The application's databag is for the leader to write.
func WriteDatabase(name string) (app, unit Databag) {
	unit = Databag{
		keyRequestedSecrets: encode([]string{
			"username", "password", "tls", "tls-ca", "uris", "read-only-uris", "entity-name", "entity-password",
		}),
		keyProvidedSecrets: encode([]string{"mtls-cert"}),
	}
	app = Databag{
		"database":          name,
		"extra-user-roles":  "SUPERUSER",
		keyRequestedSecrets: unit[keyRequestedSecrets],
		keyProvidedSecrets:  unit[keyProvidedSecrets],
	}
	return app, unit
}

// either gives the first text, or the second where the first is empty.
func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
