package dispatch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// below gives a program that is Kratos in a container: it finds the files that its
// environment names, the database's authority and the template of mails, below
// the root that stands in the file.
func below(t *testing.T, binary string) (program, rootFile string) {
	t.Helper()
	dir := t.TempDir()
	program, rootFile = filepath.Join(dir, "kratos"), filepath.Join(dir, "root")
	script := fmt.Sprintf(`#!/bin/sh
root=$(cat '%s')
if [ -n "$DSN" ]; then
	DSN=$(printf %%s "$DSN" | sed "s|sslrootcert=|&$(printf %%s "$root" | sed 's|/|%%2F|g')|")
	export DSN
fi
if [ -n "$COURIER_TEMPLATES_RECOVERY_CODE_VALID_EMAIL_BODY_HTML" ]; then
	COURIER_TEMPLATES_RECOVERY_CODE_VALID_EMAIL_BODY_HTML="file://$root${COURIER_TEMPLATES_RECOVERY_CODE_VALID_EMAIL_BODY_HTML#file://}"
	export COURIER_TEMPLATES_RECOVERY_CODE_VALID_EMAIL_BODY_HTML
fi
exec '%s' "$@"
`, rootFile, binary)
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return program, rootFile
}

// encrypts has PostgreSQL offer encryption with an authority: in a secret of its
// own, which is made, or gets another revision.
func (c *charmed) encrypts(database, ca string) {
	c.t.Helper()
	content := map[string]string{"tls": "True", "tls-ca": ca}
	c.unit.Change(func(st *jujutest.State) {
		r := st.Relation(database)
		if id := r.AppData["secret-tls"]; id != "" {
			secret := st.Secret(id)
			secret.Revisions = append(secret.Revisions, content)
			return
		}
		secret := st.AddSecret("postgresql", "", content)
		secret.Grants = append(secret.Grants, "kratos")
		r.AppData["secret-tls"] = "secret:" + secret.ID
	})
}

// TestEncryptedDatabase: an empty database that takes encrypted connections is
// migrated and served over them, trusting its authority alone, and another
// authority is taken up.
func TestEncryptedDatabase(t *testing.T) {
	t.Parallel()
	program, rootFile := below(t, kratostest.Binaries(t)[0])
	m := newModel(t, program)
	ca := m.pg.Secure(t)
	c := m.deploy(t, jujutest.NewUnit(t, ""))
	if err := os.WriteFile(rootFile, []byte(c.pod.Root), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"install", "leader-elected", "config-changed", "start", "kratos-pebble-ready"} {
		c.hook(hook)
	}
	database := c.integrate("pg-database", "postgresql", nil)
	c.about(database, "created")
	c.database(database, mark)
	c.encrypts(database, ca)
	c.about(database, "changed")
	c.status("active", quiet)
	if !c.serves() || c.file("/etc/config/postgresql/ca.pem") != ca {
		t.Fatal("Kratos does not serve over an encrypted connection")
	}
	p := c.people()

	before := c.since()
	renewed := m.pg.Secure(t)
	c.encrypts(database, renewed)
	id := c.unit.State().Relation(database).AppData["secret-tls"]
	c.hook("secret-changed", "JUJU_SECRET_ID="+id, "JUJU_SECRET_LABEL=pg-database.1.tls.secret")
	c.status("active", quiet)
	if c.since().Equal(before) || !c.serves() || c.file("/etc/config/postgresql/ca.pem") != renewed {
		t.Error("the new authority was not taken up")
	}
	c.alive(p)
}
