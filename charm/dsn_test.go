package charm

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// A real Kratos reaches a real PostgreSQL as a user, by a password, in a
// database, all of awkward names.
func TestRealDSN(t *testing.T) {
	t.Parallel()
	binary := kratostest.Binaries(t)[0]
	if _, err := exec.LookPath("psql"); err != nil {
		testneed.Skip(t, "no psql", err.Error(), "apt-get install postgresql")
	}
	cluster := pgtest.New(t)
	admin, err := cluster.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	const awkward = "a:b@c/d?e#f g%h\"i'j\\k{{l}}"
	for _, name := range []string{awkward, "a+b c%20d", "1234", "ab/cd?e=f&g@h:5/i"} {
		sql(t, admin, "CREATE ROLE "+identifier(name)+" LOGIN PASSWORD "+literal(name))
		sql(t, admin, "CREATE DATABASE "+identifier(name)+" OWNER "+identifier(name))
		database := relation.Database{
			Username: name, Password: relation.Secret(name), Host: endpoint.Hostname(), Port: endpoint.Port(), Name: name,
		}
		if out, err := migrateBy(t, binary, database); err != nil {
			t.Errorf("%q: %v\n%s", name, err, out)
		}
		if signsIn(t, endpoint, name, "not the password") || !signsIn(t, endpoint, name, name) {
			t.Errorf("%q: the server asks for no password, or another", name)
		}
	}
}

// migrateBy has Kratos make its tables.
func migrateBy(t *testing.T, binary string, database relation.Database) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // Kratos asks forever
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "migrate", "sql", "--read-from-env", "--yes")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "DSN=" + database.DSN("")}
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
