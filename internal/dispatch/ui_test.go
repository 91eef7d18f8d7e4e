package dispatch_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// TestBuiltinUI: one charm and PostgreSQL are a complete sign-in. A login UI that
// is related wins.
func TestBuiltinUI(t *testing.T) {
	t.Parallel()
	c := newModel(t, kratostest.Binaries(t)[0]).deploy(t, jujutest.NewUnit(t, ""))
	c.come(mark)
	route := c.integrate("public-route", "traefik", nil)
	front := newTraefik(t, func() string { return c.said(route, "config") },
		map[int]int{4433: c.ports.Public, 4434: c.ports.Admin, c.ports.UI: c.ports.UI})
	c.unit.Change(func(st *jujutest.State) {
		st.Relation(route).AppData = map[string]string{"external_host": front.host, "scheme": "http"}
	})
	c.configure("dev", true) // so that cookies pass over http
	c.configure("enforce_mfa", false)
	c.configure("enable_builtin_ui", true)
	c.status("active", "No mail is sent: missing integration smtp")
	if have := c.current("ui"); have != pebble.Active {
		t.Fatalf("the pages are %q\n%s", have, c.log())
	}
	status, page := browse(t, "http://"+front.host+"/login")
	if status != http.StatusOK || !strings.Contains(page, `name="identifier"`) {
		t.Errorf("no page of sign-in: %d %s", status, page)
	}
	task := c.completed("invite-user", map[string]any{"email": "bob@example.com"})
	status, page = browse(t, fmt.Sprint(task.Results["recovery-link"]))
	if status != http.StatusOK || !strings.Contains(page, `name="password"`) {
		t.Errorf("the invitation does not lead to where a password is set: %d %s", status, page)
	}
	if status, _ := browse(t, "http://"+front.host+"/admin/identities"); status != http.StatusNotFound {
		t.Errorf("the admin API is open to everybody: %d", status)
	}

	hydra := c.integrate("hydra-endpoint-info", "hydra", map[string]string{"admin_endpoint": "http://hydra:4445"})
	c.about(hydra, "changed")
	c.status("blocked", "missing integration ui-endpoint-info: the pages of enable_builtin_ui cannot ask for the consent that hydra-endpoint-info needs")
	c.breaks(hydra)
	ui := c.integrate("ui-endpoint-info", "login-ui", map[string]string{"login_url": "http://" + front.host + "/ui/login", "recovery_url": "http://" + front.host + "/ui/recovery"})
	c.about(ui, "changed")
	c.status("active", "No mail is sent: missing integration smtp")
	if have := c.current("ui"); have != pebble.Inactive {
		t.Errorf("the pages are %q beside a login UI", have)
	}
	if status, _ := browse(t, "http://"+front.host+"/login"); status != http.StatusNotFound {
		t.Errorf("the ingress still leads to the charm's pages: %d", status)
	}
}

// browse opens a link as a browser does, redirects and cookies included.
func browse(t *testing.T, link string) (status int, page string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	client := &http.Client{Jar: jar}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
