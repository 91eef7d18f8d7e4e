package dispatch_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// quiet is the status of a Kratos that serves without pages and mails.
const quiet = "No pages for sign-in and recovery: missing integration ui-endpoint-info; No mail is sent: missing integration smtp"

// TestCharm brings up a real Kratos on a real PostgreSQL through hooks alone, and
// lives through what a deployment meets. Each hook runs twice.
func TestCharm(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		t.Run(filepath.Base(binary), func(t *testing.T) {
			t.Parallel()
			c := newModel(t, binary).deploy(t, jujutest.NewUnit(t, ""))
			c.pod.Stop()
			c.hook("install")
			c.status("blocked", "Missing integration pg-database")
			database := c.come("first: /?#" + mark)
			c.status("waiting", "Container is not connected yet")
			c.pod.Start()
			c.hook("kratos-pebble-ready")
			c.status("active", quiet)
			if !c.serves() {
				t.Fatal("Kratos does not serve")
			}
			person := c.people()
			person.cookie = c.invitation()
			c.newDatabasePassword(database, person)
			c.rotation(person)
			c.badOptions(person)
			c.refusedProvider(person)
			c.leadership()
			c.restart(person)
			c.brokenDatabase(database)
		})
	}
}

// person is somebody who is signed in.
type person struct{ email, password, token, cookie string }

// people has an administrator made under dispatch, who signs in.
func (c *charmed) people() person {
	c.t.Helper()
	p := person{email: "alice@example.com", password: "pw-" + mark + "-1"}
	var id string
	c.unit.Change(func(st *jujutest.State) {
		secret := st.AddSecret("model", "", map[string]string{"password": p.password})
		secret.Grants, id = append(secret.Grants, "kratos"), secret.ID
	})
	c.completed("create-admin-account", map[string]any{"username": "alice", "email": p.email, "password-secret-id": "secret:" + id})
	session, err := c.kratos().Login(c.t.Context(), p.email, p.password)
	if err != nil {
		c.t.Fatal(err)
	}
	p.token = session.Token
	return p
}

// alive wants a person's session to be one still.
func (c *charmed) alive(p person) {
	c.t.Helper()
	status, _, _, err := c.kratos().Whoami(c.t.Context(), p.token)
	if err != nil || status != http.StatusOK {
		c.t.Fatalf("the session is gone: %d, %v", status, err)
	}
	if p.cookie == "" {
		return
	}
	if status := c.whoamiByCookie(p.cookie); status != http.StatusOK {
		c.t.Fatalf("the browser's session is gone: %d", status)
	}
}

func (c *charmed) whoamiByCookie(cookie string) int {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.kratos().PublicURL+"/sessions/whoami", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Cookie", cookie)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// open follows a link as a browser does, one step, and gives its cookies.
func (c *charmed) open(link string) (status int, to, cookie string) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, link, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		c.t.Fatal(err)
	}
	response.Body.Close()
	var cookies []string
	for _, each := range response.Cookies() {
		cookies = append(cookies, each.Name+"="+each.Value)
	}
	return response.StatusCode, response.Header.Get("Location"), strings.Join(cookies, "; ")
}

// invitation relates the ingress, the pages and whoever wants to know, and has
// somebody invited through the routes that the charm wrote.
func (c *charmed) invitation() (cookie string) {
	c.t.Helper()
	info := c.integrate("kratos-info", "login-ui", nil)
	c.about(info, "created")
	route := c.integrate("public-route", "traefik", nil)
	front := newTraefik(c.t, func() string { return c.said(route, "config") }, map[int]int{4433: c.ports.Public, 4434: c.ports.Admin})
	c.about(route, "created")
	c.unit.Change(func(st *jujutest.State) {
		st.Relation(route).AppData = map[string]string{"external_host": front.host, "scheme": "http"}
	})
	c.about(route, "changed")
	ui := "http://" + front.host + "/ui"
	pages := c.integrate("ui-endpoint-info", "login-ui", map[string]string{
		"login_url": ui + "/login", "error_url": ui + "/error", "settings_url": ui + "/settings", "recovery_url": ui + "/recovery",
	})
	c.about(pages, "changed")
	c.status("active", "No mail is sent: missing integration smtp")
	if got := c.said(info, "login_browser_endpoint"); got != "http://"+front.host+"/self-service/login/browser" {
		c.t.Errorf("the neighbours are told of %q", got)
	}

	task := c.completed("invite-user", map[string]any{"email": "bob@example.com"})
	link := fmt.Sprint(task.Results["recovery-link"])
	if !strings.HasPrefix(link, "http://"+front.host+"/self-service/recovery?") {
		c.t.Fatalf("the invitation leads elsewhere than to the ingress: %s", link)
	}
	status, to, cookie := c.open(link)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, ui+"/settings") || c.whoamiByCookie(cookie) != http.StatusOK {
		c.t.Fatalf("the invitation signs nobody in: %d, to %q", status, to)
	}
	for _, closed := range []string{"/admin/identities", "/self-service/login/browser", "/sessions/whoami"} {
		if status, _, _ := c.open("http://" + front.host + closed); status != http.StatusNotFound {
			c.t.Errorf("%s is open to everybody: %d", closed, status)
		}
	}
	return cookie
}

// newDatabasePassword: the database's secret gets a new revision, which the hook
// that tells of it takes up.
func (c *charmed) newDatabasePassword(database string, p person) {
	c.t.Helper()
	password := "second%&+ " + mark
	if err := c.model.pg.Role(c.t.Context(), strings.ReplaceAll(database, ":", "-"), password); err != nil {
		c.t.Fatal(err)
	}
	var id string
	c.unit.Change(func(st *jujutest.State) {
		id = st.Relation(database).AppData["secret-user"]
		secret := st.Secret(id)
		secret.Revisions = append(secret.Revisions, map[string]string{"username": strings.ReplaceAll(database, ":", "-"), "password": password})
	})
	before := c.since()
	c.hook("secret-changed", "JUJU_SECRET_ID="+id, "JUJU_SECRET_LABEL=pg-database.1.user.secret")
	if c.since().Equal(before) || !c.serves() {
		c.t.Error("the new password was not taken up")
	}
	c.alive(p)
}

// rotation: nobody is signed out, and the new secrets are used.
func (c *charmed) rotation(p person) {
	c.t.Helper()
	old := c.keys()["cookiesecret"]
	if task := c.completed("rotate-secrets", nil); task.Results["rotation"] != "1" {
		c.t.Errorf("results %v", task.Results)
	}
	fresh := c.keys()["cookiesecret-other"]
	if c.keys()["cookiesecret"] != old || fresh == "" || fresh == old {
		c.t.Error("a new secret is used before it is kept")
	}
	c.alive(p)
	c.once("update-status")
	if c.keys()["cookiesecret"] != fresh || c.keys()["cookiesecret-other"] != old {
		c.t.Error("the new secret is not used")
	}
	c.alive(p)
	c.hook("update-status")
	c.alive(p)
}

// keys gives the newest content of the application's secret.
func (c *charmed) keys() map[string]string {
	c.t.Helper()
	revisions := c.unit.State().Owned("cookie_secret").Revisions
	return revisions[len(revisions)-1]
}

// badOptions: what cannot be used blocks the unit and changes nothing else.
func (c *charmed) badOptions(p person) {
	c.t.Helper()
	before := c.since()
	for _, bad := range []struct {
		option  string
		value   any
		message string
	}{
		{"log_level", "loud", `cannot use log_level "loud"*`},
		{"default_identity_schema_id", "nope", `cannot use default_identity_schema_id "nope"*`},
		{"identity_schemas", "{", "cannot use identity_schemas*"},
		{"memory", "lots", `cannot use memory "lots"*`},
		{"enable_verification", true, "missing integration ui-endpoint-info*"},
	} {
		c.configure(bad.option, bad.value)
		c.status("blocked", bad.message)
		if !c.since().Equal(before) {
			c.t.Errorf("%s restarts Kratos", bad.option)
		}
		c.alive(p)
		c.configure(bad.option, nil)
		c.status("active", "No mail is sent: missing integration smtp")
	}
	c.configure("log_level", "warn")
	c.status("active", "No mail is sent: missing integration smtp")
	if c.since().Equal(before) {
		c.t.Error("a good option was not taken up")
	}
	c.alive(p)
}

// refusedProvider: what only Kratos refuses is tried beside the one that serves,
// once, and told of without a value.
func (c *charmed) refusedProvider(p person) {
	c.t.Helper()
	provider := `[{"id": "g", "provider": "google", "client_id": "c", "client_secret": "` + mark + `", "claims_source": "` + mark + `-typo"}]`
	before := c.since()
	c.model.kube.EditConfigMap("oidc-providers", map[string]string{"idps.json": provider})
	c.hook("config-changed")
	c.status("blocked", "Kratos refuses the new configuration and serves on with the old one: selfservice.methods.oidc.config.providers.0*")
	if !c.since().Equal(before) {
		c.t.Error("a refused configuration restarts Kratos")
	}
	c.alive(p)
	c.pod.Forget()
	c.once("update-status")
	for _, request := range c.pod.Journal() {
		if request == "POST /v1/exec" {
			c.t.Error("the same candidate is tried again")
		}
	}
	c.model.kube.EditConfigMap("oidc-providers", nil)
	c.hook("config-changed")
	c.status("active", "No mail is sent: missing integration smtp")
}

// leadership: the leader sends the mails, and nobody else.
func (c *charmed) leadership() {
	c.t.Helper()
	smtp := c.integrate("smtp", "smtp-integrator", map[string]string{
		"host": "127.0.0.1", "port": "2525", "transport_security": "none", "auth_type": "none",
	})
	c.about(smtp, "changed")
	c.status("active", "")
	c.wantCourier(pebble.Active)
	c.unit.Resign()
	c.hook("kratos-peers-relation-changed", "JUJU_RELATION=kratos-peers", "JUJU_RELATION_ID=kratos-peers:0")
	c.wantCourier(pebble.Inactive)
	c.status("active", "")
	c.unit.Lead()
	c.hook("leader-elected")
	c.wantCourier(pebble.Active)
	c.breaks(smtp)
	c.wantCourier(pebble.Inactive)
	c.status("active", "No mail is sent: missing integration smtp")
}

func (c *charmed) wantCourier(want string) {
	c.t.Helper()
	if have := c.current("courier"); have != want {
		c.t.Errorf("the courier is %s, want %s", have, want)
	}
}

// restart: a container that was replaced comes back with all that it had.
func (c *charmed) restart(p person) {
	c.t.Helper()
	c.pod.Restart()
	if c.serves() {
		c.t.Error("Kratos outlives its container")
	}
	c.hook("kratos-pebble-ready")
	c.status("active", "No mail is sent: missing integration smtp")
	c.alive(p)
}

// brokenDatabase: without a database nothing runs, and with a new one all does.
func (c *charmed) brokenDatabase(id string) {
	c.t.Helper()
	c.breaks(id)
	c.status("blocked", "Missing integration pg-database")
	if have := c.current("kratos"); have != pebble.Inactive || c.serves() {
		c.t.Errorf("Kratos is %s without a database", have)
	}
	again := c.integrate("pg-database", "postgresql", nil)
	c.database(again, "third-"+mark)
	c.about(again, "changed")
	c.status("active", "No mail is sent: missing integration smtp")
	if !c.serves() {
		c.t.Error("Kratos does not serve with its new database")
	}
}
