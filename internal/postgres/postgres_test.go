package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/postgres"
)

func TestUnused(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := map[string]struct {
		schema string
		want   bool
	}{
		"nothing at all":           {"", true},
		"somebody else's table":    {"CREATE TABLE identities (id int)", true},
		"nobody in it":             {"CREATE TABLE identities (version text)", true},
		"somebody":                 {"CREATE TABLE identities (version text); INSERT INTO identities VALUES ('1')", false},
		"off the search path":      {"CREATE SCHEMA away; CREATE TABLE away.identities AS SELECT 1", true},
		"elsewhere on that path":   {"CREATE SCHEMA kratos; CREATE TABLE kratos.identities AS SELECT 1", false},
		"an entry without columns": {"CREATE TABLE identities (); INSERT INTO identities DEFAULT VALUES", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := s.database(t)
			d.run(t, test.schema)
			if got, err := postgres.Unused(t.Context(), d.dsn("prefer"), ""); got != test.want || err != nil {
				t.Errorf("%t, %v", got, err)
			}
		})
	}
	t.Run("Kratos itself", func(t *testing.T) {
		t.Parallel()
		binary, d := kratostest.Binaries(t)[0], s.database(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, binary, "migrate", "sql", "--read-from-env", "--yes")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "DSN=" + d.admin}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if unused, err := postgres.Unused(t.Context(), d.dsn("disable"), ""); !unused || err != nil {
			t.Errorf("a schema that nobody is in: %t, %v", unused, err)
		}
		d.run(t, "INSERT INTO networks (id, created_at, updated_at) VALUES (gen_random_uuid(), now(), now())")
		d.run(t, "INSERT INTO identities (id, schema_id, traits, created_at, updated_at, nid) SELECT gen_random_uuid(), 's', '{}', now(), now(), id FROM networks")
		if unused, err := postgres.Unused(t.Context(), d.dsn("disable"), ""); unused || err != nil {
			t.Errorf("a schema that somebody is in: %t, %v", unused, err)
		}
	})
}

// TestCertificate: with a CA the connection is encrypted and the certificate is
// from it, whatever its name.
func TestCertificate(t *testing.T) {
	t.Parallel()
	s := start(t)
	d := s.database(t)
	stranger := newAuthority(t)
	const refused = "cannot reach the database: the server's certificate is not from the CA"
	tests := map[string]struct{ mode, ca, want string }{
		"its CA":                {"require", s.ca.pem, ""},
		"one of several":        {"require", stranger.pem + s.ca.pem, ""},
		"another CA":            {"require", stranger.pem, refused},
		"another, preferred":    {"prefer", stranger.pem, refused},
		"another, disabled":     {"disable", stranger.pem, refused},
		"none is asked for":     {"require", "", ""},
		"unencrypted":           {"disable", "", ""},
		"no PEM":                {"require", "s3cr3t-mark", "cannot use the CA of the database: it holds no certificate in PEM"},
		"a mode that is no one": {"s3cr3t-mark", "", "cannot use the data source name: one of its settings is not known"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Unused(t.Context(), d.dsn(test.mode), test.ca)
			wantError(t, err, test.want)
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := start(t)
	d := s.database(t)
	d.run(t, fmt.Sprintf(`CREATE TABLE identities (); REVOKE ALL ON identities FROM "%s"`, d.user))
	nobody := url.URL{Scheme: "postgres", User: url.UserPassword("s3cr3t-mark", "s3cr3t-mark"), Host: "127.0.0.1:" + closed(t), Path: "/s3cr3t-mark"}
	tests := map[string]struct {
		dsn  string
		want string
	}{
		"another password":  {d.with(func(u *url.URL) { u.User = url.UserPassword(d.user, "s3cr3t-mark") }), "the database does not let the user in (SQLSTATE 28P01)"},
		"no password":       {d.with(func(u *url.URL) { u.User = url.User(d.user) }), "the database does not let the user in (SQLSTATE 28P01)"},
		"another user":      {d.with(func(u *url.URL) { u.User = url.UserPassword("s3cr3t-mark", "x") }), "the database does not let the user in (SQLSTATE 28P01)"},
		"another database":  {d.with(func(u *url.URL) { u.Path = "/s3cr3t-mark" }), "the server has no such database (SQLSTATE 3D000)"},
		"another's table":   {d.dsn("prefer"), "the database refused (SQLSTATE 42501)"},
		"nobody listens":    {nobody.String(), "cannot reach the database"},
		"no such host":      {"postgres://u:s3cr3t-mark@s3cr3t-mark.invalid/d", "cannot reach the database"},
		"silence":           {"postgres://u:s3cr3t-mark@" + silent(t) + "/d", "cannot reach the database: it did not answer in time"},
		"no URL":            {"host=s3cr3t-mark", "cannot use the data source name: it is no URL with host, user and database"},
		"a broken URL":      {"postgres://u:s3cr3t-mark%@h/d", "cannot use the data source name: it is no URL with host, user and database"},
		"no database in it": {"postgres://u:s3cr3t-mark@h/", "cannot use the data source name: it is no URL with host, user and database"},
		"no user in it":     {"postgres://s3cr3t-mark/d", "cannot use the data source name: it is no URL with host, user and database"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := postgres.Unused(ctx, test.dsn, "")
			wantError(t, err, test.want)
		})
	}
}

// TestEnvironment: what libpq reads in the environment and in files of the user
// neither helps nor hinders.
func TestEnvironment(t *testing.T) {
	s := start(t)
	d := s.database(t)
	d.run(t, "CREATE SCHEMA away; CREATE TABLE away.identities AS SELECT 1")
	home := t.TempDir()
	write(t, filepath.Join(home, ".pgpass"), "*:*:*:*:"+d.password)
	write(t, filepath.Join(home, ".postgresql", "root.crt"), "no certificate")
	write(t, filepath.Join(home, ".postgresql", "postgresql.crt"), "no certificate")
	write(t, filepath.Join(home, ".postgresql", "postgresql.key"), "no key")
	for name, value := range map[string]string{
		"HOME": home, "PGPASSFILE": filepath.Join(home, ".pgpass"), "PGPASSWORD": d.password, "PGHOST": "nowhere.invalid", "PGPORT": "1",
		"PGUSER": "nobody", "PGDATABASE": "nothing", "PGSSLMODE": "none such", "PGSSLROOTCERT": "/nowhere", "PGSSLCERT": "/nowhere",
		"PGSSLKEY": "/nowhere", "PGSSLCERTMODE": "none such", "PGSSLNEGOTIATION": "direct", "PGSSLPASSWORD": "x", "PGCONNECT_TIMEOUT": "soon",
		"PGTARGETSESSIONATTRS": "standby", "PGOPTIONS": "-c search_path=away", "PGTZ": "none such", "PGMINPROTOCOLVERSION": "9", "PGMAXPROTOCOLVERSION": "9",
		"PGCHANNELBINDING": "none such", "PGREQUIREAUTH": "none such", "PGAPPNAME": "x", "PGSERVICEFILE": "/nowhere",
	} {
		t.Setenv(name, value)
	}
	for _, mode := range []string{"disable", "prefer", "require", ""} {
		if empty, err := postgres.Unused(t.Context(), d.dsn(mode), ""); !empty || err != nil {
			t.Errorf("%s: %t, %v", mode, empty, err)
		}
	}
	_, err := postgres.Unused(t.Context(), d.with(func(u *url.URL) { u.User = url.User(d.user) }), "")
	wantError(t, err, "the database does not let the user in (SQLSTATE 28P01)")
}

// wantError compares an error with its text, none for none.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	var got string
	if err != nil {
		got = err.Error()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var f *fault.Error
	if err != nil && (!errors.As(err, &f) || f.Kind != fault.Unavailable) {
		t.Errorf("it is of kind %s", fault.KindOf(err))
	}
	if strings.Contains(got, "s3cr3t-mark") {
		t.Errorf("it shows a secret: %s", got)
	}
}

// closed gives a port on which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l := listen(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port(t, l)
}

// silent gives the address of a server that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l := listen(t)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

func port(t *testing.T, l net.Listener) string {
	t.Helper()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}
