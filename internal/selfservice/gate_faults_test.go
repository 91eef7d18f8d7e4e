package selfservice_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

const (
	settingsFlow = `{"id":"s","ui":{"action":"http://127.0.0.1/self-service/settings?flow=s","nodes":[]}}`
	enrolledFlow = `{"id":"s","ui":{"action":"http://127.0.0.1/self-service/settings?flow=s","nodes":[
		{"type":"input","group":"totp","attributes":{"name":"totp_unlink","type":"submit","value":"true"}}]}}`
	noFactors = `{"id":"l","ui":{"action":"http://127.0.0.1/self-service/login?flow=l","nodes":[
		{"type":"input","group":"default","attributes":{"name":"csrf_token","type":"hidden"}}]}}`
	oneFactor = `{"id":"l","ui":{"action":"http://127.0.0.1/self-service/login?flow=l","nodes":[
		{"type":"input","group":"code","attributes":{"name":"address","type":"submit"}}]}}`
)

// Where it is not known whether there is a second factor, nobody passes; where
// nobody is signed in, or Kratos asks itself, nobody is held.
func TestGate(t *testing.T) {
	t.Parallel()
	json := func(status int, text string) http.HandlerFunc { return answers(status, "application/json", text) }
	none := json(200, noFactors)
	for name, test := range map[string]struct {
		settings, login http.HandlerFunc
		status          int
		to              string
	}{
		"nobody is signed in":         {json(401, `{"error":{"code":401}}`), none, 303, "/login"},
		"Kratos asks for the factor":  {json(403, `{"error":{"id":"session_aal2_required"}}`), none, 303, "https://app.test/"},
		"enrolled":                    {json(200, enrolledFlow), none, 303, "https://app.test/"},
		"a factor without a setting":  {json(200, settingsFlow), json(200, oneFactor), 303, "https://app.test/"},
		"no factor":                   {json(200, settingsFlow), none, 303, "/settings?flow=s"},
		"Kratos refuses to say":       {json(200, settingsFlow), json(400, `{"error":{"code":400}}`), 303, "/settings?flow=s"},
		"the settings fail":           {json(500, "{}"), none, 502, ""},
		"the settings are off":        {json(400, `{"error":{"code":400,"reason":"off"}}`), none, 400, ""},
		"the settings are no flow":    {json(200, "[]"), none, 502, ""},
		"the question fails":          {json(200, settingsFlow), json(500, "{}"), 502, ""},
		"the answer is no flow":       {json(200, settingsFlow), json(200, "{}"), 502, ""},
		"Kratos goes away in between": {json(200, settingsFlow), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := fakeKratos(t, func(w http.ResponseWriter, q *http.Request) {
				if strings.HasPrefix(q.URL.Path, "/self-service/settings/") {
					test.settings(w, q)
					return
				}
				test.login(w, q)
			}, enforced)
			cookie := map[string]string{"Cookie": r.server.Remembered("https://app.test/")}
			a, text := send(t.Context(), t, http.MethodGet, r.origin+"/enrol", cookie, "")
			if a.StatusCode != test.status || a.Header.Get("Location") != test.to {
				t.Errorf("%d to %q, want %d to %q: %s", a.StatusCode, a.Header.Get("Location"), test.status, test.to, text)
			}
			if forgets := strings.HasPrefix(a.Header.Get("Set-Cookie"), "kratos_agent_next=;"); forgets != (test.to == "https://app.test/" || test.to == "/login") {
				t.Errorf("forgets where to: %t", forgets)
			}
			a, _ = send(t.Context(), t, http.MethodGet, r.origin+"/settings?flow=s", cookie, "")
			if passes := a.Header.Get("Location") == "https://app.test/"; passes != (test.to == "https://app.test/" && test.status == 303 && name != "Kratos asks for the factor") {
				t.Errorf("the settings let it pass: %t (%d)", passes, a.StatusCode)
			}
		})
	}
}

func TestGateWithoutAPlaceToGo(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, answers(200, "application/json", enrolledFlow), enforced)
	for _, cookie := range []string{"", "kratos_agent_next=!", "kratos_agent_next=" + base64.RawURLEncoding.EncodeToString([]byte("javascript:alert(1)")), "kratos_agent_next=JQ"} {
		a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/enrol", map[string]string{"Cookie": cookie}, "")
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/settings" {
			t.Errorf("%q: %d to %q", cookie, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

// What is remembered leads where this process, or Kratos, let it lead.
func TestGateTakesNoForgedPlace(t *testing.T) {
	t.Parallel()
	kratos := &seen{then: func(w http.ResponseWriter, q *http.Request) {
		switch to := q.URL.Query().Get("return_to"); {
		case to != "" && to != "https://app.test/":
			answers(400, "application/json", `{"error":{"code":400}}`)(w, q)
		default:
			answers(200, "application/json", enrolledFlow)(w, q)
		}
	}}
	r, other := fakeKratos(t, kratos.ServeHTTP, enforced), fakeKratos(t, kratos.ServeHTTP, enforced)
	unsealed := func(address string) string {
		return "kratos_agent_next=" + base64.RawURLEncoding.EncodeToString([]byte(address))
	}
	for name, test := range map[string]struct{ cookie, to string }{
		"sealed, an OAuth2 server":          {r.server.Remembered("https://hydra.test/?login_verifier=x"), "https://hydra.test/?login_verifier=x"},
		"forged":                            {unsealed("https://evil.test/"), "/settings"},
		"forged, an OAuth2 server":          {unsealed("https://hydra.test/?login_verifier=x"), "/settings"},
		"another process', Kratos takes it": {other.server.Remembered("https://app.test/"), "https://app.test/"},
		"another process', it does not":     {other.server.Remembered("https://evil.test/"), "/settings"},
		"another process', a page of ours":  {other.server.Remembered("/welcome"), "/welcome"},
	} {
		_, value, _ := strings.Cut(test.cookie, "=")
		for way, send := range map[string]func() *http.Response{
			"by cookie": func() *http.Response {
				a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/enrol", map[string]string{"Cookie": test.cookie}, "")
				return a
			},
			"by link": func() *http.Response {
				a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/enrol?next="+value, nil, "")
				return a
			},
		} {
			if got := send().Header.Get("Location"); got != test.to {
				t.Errorf("%s, %s: leads to %q, want %q", name, way, got, test.to)
			}
		}
	}
}

func TestNoGateWhereNothingIsEnforced(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "https://app.test/", http.StatusSeeOther)
	}, nil)
	if a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/enrol", nil, ""); a.StatusCode != http.StatusNotFound {
		t.Errorf("%d", a.StatusCode)
	}
	a, _ := send(t.Context(), t, http.MethodPost, r.origin+"/self-service/login?flow=f", nil, "")
	if a.Header.Get("Location") != "https://app.test/" || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("%v", a.Header)
	}
}
