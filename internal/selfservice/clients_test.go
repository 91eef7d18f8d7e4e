package selfservice_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// client speaks JSON: a single-page app, with cookies, or an API client, without.
type client struct {
	tb     testing.TB
	http   http.Client
	origin string
	token  string // of an API client's session
}

func newSPA(tb testing.TB, origin string) *client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &client{tb: tb, origin: origin, http: http.Client{Jar: jar}}
}

func newAPI(tb testing.TB, origin string) *client { return &client{tb: tb, origin: origin} }

// kind is the end of the address where this client begins a flow.
func (c *client) kind() string {
	if c.http.Jar != nil {
		return "/browser"
	}
	return "/api"
}

type object = map[string]any

// ask sends JSON and wants JSON with the status; 204 has none.
func (c *client) ask(method, target string, body any, status int) object {
	c.tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.tb.Fatal(err)
	}
	if strings.HasPrefix(target, "/") {
		target = c.origin + target
	}
	r, err := http.NewRequestWithContext(c.tb.Context(), method, target, strings.NewReader(string(text)))
	if err != nil {
		c.tb.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		r.Header.Set("X-Session-Token", c.token)
	}
	a, err := c.http.Do(r)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer a.Body.Close()
	answer, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != status {
		c.tb.Fatalf("%s %s: %d, want %d: %s %v", method, target, a.StatusCode, status, answer, err)
	}
	if status == http.StatusNoContent {
		return nil
	}
	var o object
	if err := json.Unmarshal(answer, &o); err != nil {
		c.tb.Fatalf("%s %s: %v: %s", method, target, err, answer)
	}
	return o
}

// begin starts a flow, and looks at it by its id as an app that was loaded anew.
func (c *client) begin(kind string) object {
	c.tb.Helper()
	flow := c.ask(http.MethodGet, "/self-service/"+kind+c.kind(), nil, http.StatusOK)
	return c.ask(http.MethodGet, "/self-service/"+kind+"/flows?id="+flow["id"].(string), nil, http.StatusOK)
}

// complete posts a flow's form.
func (c *client) complete(flow, form object, status int) object {
	c.tb.Helper()
	ui := flow["ui"].(object)
	if !strings.HasPrefix(ui["action"].(string), c.origin) {
		c.tb.Errorf("the form does not lead to us but to %s", ui["action"])
	}
	for _, n := range ui["nodes"].([]any) {
		if a := n.(object)["attributes"].(object); a["name"] == "csrf_token" {
			form["csrf_token"] = a["value"]
		}
	}
	return c.ask(http.MethodPost, ui["action"].(string), form, status)
}

func messages(flow object) string {
	text, _ := json.Marshal(flow["ui"])
	return string(text)
}

func (c *client) keepToken(answer object) {
	if token, ok := answer["session_token"].(string); ok {
		c.token = token
	}
}

// The walk of both, which differs where cookies and tokens do.
func TestJSONClientsWalk(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(testing.TB, string) *client{"single-page app": newSPA, "API client": newAPI} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, map[string]any{"feature_flags.use_continue_with_transitions": true}, nil)
			c, email := make(t, r.origin), kratostest.Email(t)
			whoami := func(status int) { c.ask(http.MethodGet, "/sessions/whoami", nil, status) }
			whoami(http.StatusUnauthorized)

			c.keepToken(c.complete(c.begin("registration"), object{
				"method": "password", "password": password, "traits": object{"email": email},
			}, http.StatusOK))
			whoami(http.StatusOK)
			c.complete(c.begin("settings"), object{"method": "password", "password": password + "-2"}, http.StatusOK)
			c.signOut(t)
			whoami(http.StatusUnauthorized)

			c = make(t, r.origin)
			wrong := c.complete(c.begin("login"), object{"method": "password", "identifier": email, "password": "wrong"}, http.StatusBadRequest)
			if !strings.Contains(messages(wrong), "4000006") {
				t.Errorf("wrong credentials: %s", messages(wrong))
			}
			c.keepToken(c.complete(c.begin("login"), object{"method": "password", "identifier": email, "password": password + "-2"}, http.StatusOK))
			whoami(http.StatusOK)

			flow := c.complete(c.begin("verification"), object{"method": "code", "email": email}, http.StatusOK)
			flow = c.complete(flow, object{"method": "code", "code": r.mailed(t, email)}, http.StatusOK)
			if flow["state"] != "passed_challenge" {
				t.Errorf("verification ends in state %v", flow["state"])
			}

			c = make(t, r.origin)
			flow = c.complete(c.begin("recovery"), object{"method": "code", "email": email}, http.StatusOK)
			flow = c.complete(flow, object{"method": "code", "code": r.mailed(t, email)}, http.StatusOK)
			if flow["state"] != "passed_challenge" || !strings.Contains(toJSON(flow["continue_with"]), "show_settings_ui") {
				t.Errorf("recovery ends with %s", toJSON(flow))
			}
		})
	}
}

func toJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func (c *client) signOut(t *testing.T) {
	t.Helper()
	if c.http.Jar == nil {
		c.ask(http.MethodDelete, "/self-service/logout/api", object{"session_token": c.token}, http.StatusNoContent)
		return
	}
	out := c.ask(http.MethodGet, "/self-service/logout/browser", nil, http.StatusOK)
	c.ask(http.MethodGet, out["logout_url"].(string), nil, http.StatusNoContent)
}

func TestBrowserAndAppBeginDifferently(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	target := r.origin + "/self-service/login/browser"
	a, _ := send(t.Context(), t, http.MethodGet, target, map[string]string{"Accept": "text/html"}, "")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), r.origin+"/login?flow=") ||
		!strings.HasPrefix(a.Header.Get("Set-Cookie"), "csrf_token_") {
		t.Errorf("browser: %d, %v", a.StatusCode, a.Header)
	}
	a, body := send(t.Context(), t, http.MethodGet, target, map[string]string{"Accept": "application/json"}, "")
	if a.StatusCode != http.StatusOK || !strings.Contains(body, `"csrf_token"`) || !strings.HasPrefix(a.Header.Get("Set-Cookie"), "csrf_token_") {
		t.Errorf("app: %d, %v, %s", a.StatusCode, a.Header, body)
	}
}

// An API client that sends a cookie is none: Kratos refuses it, and nothing of
// ours takes the cookie away.
func TestAPIClientWithACookieIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, _ := r.person(t)
	c := newAPI(t, r.origin)
	flow := c.begin("login")
	form := toJSON(object{"method": "password", "identifier": email, "password": password})
	a, body := send(t.Context(), t, http.MethodPost, flow["ui"].(object)["action"].(string), map[string]string{
		"Accept": "application/json", "Content-Type": "application/json", "Cookie": "any=thing",
	}, form)
	if a.StatusCode != http.StatusBadRequest || !strings.Contains(body, "Cookie") {
		t.Errorf("%d %s", a.StatusCode, body)
	}
}

func TestSchemasAndScript(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	for path, want := range map[string]string{
		"/schemas/" + kratostest.DefaultSchema: "ory.sh/kratos",
		"/.well-known/ory/webauthn.js":         "oryWebAuthn",
	} {
		a, body := send(t.Context(), t, http.MethodGet, r.origin+path, nil, "")
		if a.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q", path, a.StatusCode, want)
		}
	}
}
