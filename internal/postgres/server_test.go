package postgres_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// server is a PostgreSQL that asks everyone but its owner for a password, and
// takes encrypted connections and others.
type server struct {
	cluster *pgtest.Cluster
	ca      authority
}

func start(t *testing.T) server {
	t.Helper()
	c := pgtest.New(t)
	return server{cluster: c, ca: authority{c.Secure(t)}}
}

func (s server) admin(t *testing.T) string {
	t.Helper()
	dsn, err := s.cluster.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// database is one with a user of its own, on whose search path are public and a
// schema of the user's name.
type database struct {
	admin, user, password string
}

func (s server) database(t *testing.T) database {
	t.Helper()
	d := database{admin: s.admin(t), password: "s3cr3t-mark /?#@%:'é"}
	d.user = "user of " + strings.TrimPrefix(d.url(t).Path, "/")
	d.run(t, fmt.Sprintf(`CREATE ROLE "%s" LOGIN PASSWORD '%s'`, d.user, strings.ReplaceAll(d.password, "'", "''")))
	d.run(t, fmt.Sprintf(`ALTER ROLE "%s" SET search_path = public, kratos`, d.user))
	d.run(t, fmt.Sprintf(`GRANT ALL ON SCHEMA public TO "%[1]s"; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO "%[1]s";`+
		` ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO "%[1]s"`, d.user))
	return d
}

func (d database) url(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(d.admin)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// run runs a statement as the database's owner.
func (d database) run(t *testing.T, statement string) { t.Helper(); run(t, d.admin, statement) }

// dsn gives the user's data source name.
func (d database) dsn(mode string) string {
	return d.with(func(u *url.URL) {
		u.RawQuery = ""
		if mode != "" {
			u.RawQuery = url.Values{"sslmode": {mode}}.Encode()
		}
	})
}

// with gives the user's data source name with something changed.
func (d database) with(change func(*url.URL)) string {
	u, err := url.Parse(d.admin)
	if err != nil {
		panic(err) // it was parsed before
	}
	u.User = url.UserPassword(d.user, d.password)
	change(u)
	return u.String()
}

// run runs statements and gives the first value of the last.
func run(t *testing.T, dsn, statement string) string {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	results, err := conn.Exec(t.Context(), statement).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, statement)
	}
	if len(results) == 0 || len(results[len(results)-1].Rows) == 0 {
		return ""
	}
	return string(results[len(results)-1].Rows[0][0])
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l := testneed.Listen(t)
	return l
}

// authority is one that signs certificates.
type authority struct{ pem string }

// newAuthority makes one that has not signed the server's.
func newAuthority(t *testing.T) authority {
	t.Helper()
	return authority{pgtest.NewAuthority(t).PEM}
}
