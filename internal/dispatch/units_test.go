package dispatch_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// peersChanged is the hook by which a unit hears of the others.
func (c *charmed) peersChanged() {
	c.t.Helper()
	c.hook("kratos-peers-relation-changed", "JUJU_RELATION=kratos-peers", "JUJU_RELATION_ID=kratos-peers:0")
}

// TestTwoUnits: a second unit waits for the leader, serves beside it, and takes
// part in a rotation, at each step of which either unit reads the sessions of
// the other.
func TestTwoUnits(t *testing.T) {
	t.Parallel()
	m := newModel(t, kratostest.Binaries(t)[0])
	first := m.deploy(t, jujutest.NewUnit(t, ""))
	second := m.deploy(t, first.unit.Join("kratos/1"))
	second.hook("kratos-pebble-ready")
	second.status("blocked", "Missing integration pg-database")
	first.pod.Stop()
	database := first.come("both-" + mark)
	second.about(database, "changed")
	second.status("waiting", "Waiting for leader unit to run the migration")
	first.pod.Start()
	first.hook("kratos-pebble-ready")
	first.status("active", quiet)
	second.peersChanged()
	second.status("active", quiet)
	if !second.serves() {
		t.Fatal("the second unit does not serve")
	}
	first.people()
	units := []*charmed{first, second}
	readEachOther(t, units)

	task := second.action("rotate-secrets", nil)
	if task.Status != "failed" || task.Message != "cannot rotate the secrets: only the leader unit can; juju run kratos/leader rotate-secrets" {
		t.Errorf("%s: %s", task.Status, task.Message)
	}
	old := first.keys()["cookiesecret"]
	task = first.completed("rotate-secrets", nil)
	if first.keys()["cookiesecret"] != old {
		t.Errorf("new secrets are used that the other unit does not know: %v", task.Results)
	}
	first.status("active", "Rotating the secrets: waiting for every unit to accept the new ones; "+quiet)
	readEachOther(t, units)
	task = first.action("rotate-secrets", nil)
	if want := "cannot rotate the secrets: the last rotation is not through: kratos/1 has yet to accept its secrets"; task.Status != "failed" || task.Message[:len(want)] != want {
		t.Errorf("%s: %s", task.Status, task.Message)
	}
	second.peersChanged()
	readEachOther(t, units)
	first.peersChanged()
	if keys := first.keys(); keys["cookiesecret"] == old || keys["cookiesecret-other"] != old {
		t.Error("the new secrets are not used though all units accept them")
	}
	readEachOther(t, units)
	second.peersChanged()
	readEachOther(t, units)
	first.status("active", quiet)
}

// readEachOther has somebody signed in by each unit, and every unit asked who it
// is.
func readEachOther(t *testing.T, units []*charmed) {
	t.Helper()
	for i, c := range units {
		task := c.completed("invite-user", map[string]any{"email": kratostest.Email(t)})
		link := fmt.Sprint(task.Results["recovery-link"])
		_, _, cookie := c.open(c.local(link))
		for j, other := range units {
			if status := other.whoamiByCookie(cookie); status != http.StatusOK {
				t.Errorf("unit %d does not read the session of unit %d: %d", j, i, status)
			}
		}
	}
}

// TestCourierMoves: a new leader sends the mails, and the old one no more.
func TestCourierMoves(t *testing.T) {
	t.Parallel()
	m := newModel(t, kratostest.Binaries(t)[0])
	first := m.deploy(t, jujutest.NewUnit(t, ""))
	second := m.deploy(t, first.unit.Join("kratos/1"))
	database := first.come("both-" + mark)
	first.hook("kratos-pebble-ready")
	smtp := first.integrate("smtp", "smtp-integrator", map[string]string{"host": "127.0.0.1", "port": "2525", "transport_security": "none", "auth_type": "none"})
	first.about(smtp, "changed")
	second.about(database, "changed")
	second.hook("kratos-pebble-ready")
	first.wantCourier(pebble.Active)
	second.wantCourier("")
	second.unit.Lead()
	second.hook("leader-elected")
	first.peersChanged()
	first.wantCourier(pebble.Inactive)
	second.wantCourier(pebble.Active)
}

// TestTakeOver: what the charm before this one left is taken over, and whoever
// was signed in stays so.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	const cookieSecret = mark + "-0123456789abcdef"
	m := newModel(t, kratostest.Binaries(t)[0], kubetest.Made("identity-schemas", "kratos", nil), kubetest.Made("oidc-providers", "kratos", nil))
	unit := jujutest.NewUnit(t, "")
	c := m.deploy(t, unit)
	database := c.integrate("pg-database", "postgresql", nil)
	c.database(database, "old-"+mark)
	data := unit.State().Relation(database).AppData
	before := kratostest.New(t, kratostest.Config{
		Binary:   m.binary,
		DSN:      fmt.Sprintf("postgres://kratos@%s/%s?sslmode=disable", data["endpoints"], data["database"]),
		Settings: map[string]any{"secrets.cookie": []string{cookieSecret}},
	})
	ctx := t.Context()
	id, err := before.CreateIdentity(ctx, kratostest.DefaultSchema, map[string]any{"email": "alice@example.com"}, kratostest.WithPassword("pw-"+mark))
	if err != nil {
		t.Fatal(err)
	}
	session, err := before.Login(ctx, "alice@example.com", "pw-"+mark)
	if err != nil {
		t.Fatal(err)
	}
	status, link, err := before.Admin(ctx, http.MethodPost, "/admin/recovery/link", map[string]any{"identity_id": id})
	if err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v", status, err)
	}
	_, _, cookie := c.open(recoveryLink(t, link))
	if err := before.Stop(); err != nil {
		t.Fatal(err)
	}
	info := c.integrate("kratos-info", "login-ui", nil)
	unit.Change(func(st *jujutest.State) {
		version := "migration_version_" + database[len("pg-database:"):]
		st.Relation("kratos-peers:0").OwnAppData = map[string]string{version: `"v1.3.1"`, "leader": `"kratos/0"`}
		st.Relation(info).OwnAppData = map[string]string{"feature_flags": "password,webauthn", "admin_endpoint": "http://old"}
		st.AddSecret("kratos", "cookie_secret", map[string]string{"cookiesecret": cookieSecret})
	})

	c.hook("upgrade-charm")
	c.hook("config-changed")
	c.hook("kratos-pebble-ready")
	c.status("active", quiet)
	if status, _, _, err := c.kratos().Whoami(ctx, session.Token); err != nil || status != http.StatusOK {
		t.Errorf("the session is gone: %d, %v", status, err)
	}
	if status := c.whoamiByCookie(cookie); status != http.StatusOK {
		t.Errorf("the browser's session is gone: %d", status)
	}
	if keys := c.keys(); keys["cookiesecret"] != cookieSecret || len(keys["ciphersecret"]) != 32 || keys["defaultsecret"] == "" {
		t.Errorf("the secret is not completed: it has %d keys", len(keys))
	}
	if flags := c.said(info, "feature_flags"); flags != "" {
		t.Errorf("flags of before are told of without a public address: %q", flags)
	}
	if text := c.file("/etc/config/kratos/kratos.yaml"); strings.Contains(text, "ciphers") {
		t.Error("tokens that were stored in clear are read as encrypted ones")
	}
	for _, left := range m.kube.ConfigMaps() {
		if left.Name != "identity-schemas" && left.Name != "oidc-providers" {
			t.Errorf("a ConfigMap %s beside those that were there", left.Name)
		}
	}
}

// recoveryLink reads what the admin API answers.
func recoveryLink(t *testing.T, answer []byte) string {
	t.Helper()
	var link struct {
		URL string `json:"recovery_link"`
	}
	if err := json.Unmarshal(answer, &link); err != nil || link.URL == "" {
		t.Fatalf("no link: %v", err)
	}
	return link.URL
}

// TestNotTrusted: without trust the rest works, and the status names the command.
func TestNotTrusted(t *testing.T) {
	t.Parallel()
	m := newModel(t, kratostest.Binaries(t)[0])
	m.kube.Forbid(kubetest.Everything()...)
	c := m.deploy(t, jujutest.NewUnit(t, ""))
	c.database(func() string {
		c.once("install")
		return c.integrate("pg-database", "postgresql", nil)
	}(), mark)
	c.hook("kratos-pebble-ready")
	c.status("blocked", "Kubernetes resources patch failed: `juju trust` this application. Run: juju trust kratos --scope=cluster")
	if !c.serves() {
		t.Error("without trust nothing works")
	}
	m.kube.Forbid()
	c.hook("config-changed")
	c.status("active", quiet)
	if _, ok := m.kube.ConfigMap("oidc-providers"); !ok {
		t.Error("the ConfigMaps are not made once the application is trusted")
	}
	c.configure("memory", "1Gi")
	c.status("active", quiet)
	if limit := m.kube.Resources("kratos").Limits["memory"]; limit != "1Gi" {
		t.Errorf("the limit is %q", limit)
	}
}
