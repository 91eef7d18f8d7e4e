package kratosconf_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// A real Kratos reaches a real PostgreSQL as a user, by a password, in a
// database, all of awkward names.
func TestRealDSN(t *testing.T) {
	t.Parallel()
	binary := kratostest.Binaries(t)[0]
	cluster := startCluster(t)
	admin, err := cluster.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	askPasswords(t, admin)
	for _, name := range []string{awkward, "a+b c%20d", "1234", "ab/cd?e=f&g@h:5/i"} {
		sql(t, admin, "CREATE ROLE "+identifier(name)+" LOGIN PASSWORD "+literal(name))
		sql(t, admin, "CREATE DATABASE "+identifier(name)+" OWNER "+identifier(name))
		database := kratosconf.Postgres{
			User: name, Password: kratosconf.Secret(name), Endpoint: endpoint.Host, Database: name, TLS: kratosconf.PostgresTLS{Mode: "disable"},
		}
		if out, err := migrate(t, binary, database); err != nil {
			t.Errorf("%q: %v\n%s", name, err, out)
		}
		if signsIn(t, endpoint, name, "not the password") || !signsIn(t, endpoint, name, name) {
			t.Errorf("%q: the server asks for no password, or another", name)
		}
	}
}

// migrate has Kratos make its tables.
func migrate(t *testing.T, binary string, database kratosconf.Postgres) ([]byte, error) {
	t.Helper()
	dsn, err := database.DSN()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // Kratos asks forever
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "migrate", "sql", "--read-from-env", "--yes")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "DSN=" + string(dsn)}
	return cmd.CombinedOutput()
}

// signsIn tells whether the server takes the password, asked without a DSN.
func signsIn(t *testing.T, endpoint *url.URL, name, password string) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "psql", "-X", "-w", "-c", "SELECT 1 FROM identities")
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "PGHOST=" + endpoint.Hostname(), "PGPORT=" + endpoint.Port(),
		"PGUSER=" + name, "PGPASSWORD=" + password, "PGDATABASE=" + name,
	}
	return cmd.Run() == nil
}

func startCluster(t *testing.T) *pgtest.Cluster {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		testneed.Skip(t, "no psql", err.Error(), "apt-get install postgresql")
	}
	c, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrMissing) {
		testneed.Skip(t, "no PostgreSQL", err.Error(), "apt-get install postgresql")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// askPasswords has the server ask everyone but its owner for a password.
func askPasswords(t *testing.T, admin string) {
	t.Helper()
	file := strings.TrimSpace(sql(t, admin, "SHOW hba_file"))
	rules := "host all kratos 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(file, []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}
	sql(t, admin, "SELECT pg_reload_conf()")
}

func sql(t *testing.T, dsn, statement string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, dsn).CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v: %s", err, out)
	}
	return string(out)
}

func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func literal(s string) string { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }
