package oidctest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/oidctest"
)

const (
	client   = "client"
	secret   = "s3cr3t-mark/with: signs"
	callback = "http://localhost:4455/callback"
	verifier = "s3cr3t-mark-verifier-s3cr3t-mark-verifier-0123"
)

func start(t *testing.T) *oidctest.Provider {
	t.Helper()
	return oidctest.Start(t, oidctest.Config{
		ClientID: client, ClientSecret: secret, RedirectURIs: []string{callback},
		People: []oidctest.Person{{Subject: "42", Name: "Ada Lovelace King", Email: "ada@example.com"}, {Email: "bob@example.com"}},
	})
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return v
}

// location gives where the browser is sent, and with what.
func (a answer) location(t *testing.T) (string, url.Values) {
	t.Helper()
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("no redirect: %d %v %s", a.status, err, a.body)
	}
	q := u.Query()
	u.RawQuery = ""
	return u.String(), q
}

func do(t *testing.T, method, to string, form url.Values, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// asking is what a good client asks, with some of it changed; nil removes.
func asking(changes map[string]any) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return changed(url.Values{
		"client_id": {client}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid email profile"},
		"state": {"state-1"}, "nonce": {"nonce-1"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}, changes)
}

func changed(v url.Values, changes map[string]any) url.Values {
	for key, value := range changes {
		switch value := value.(type) {
		case nil:
			v.Del(key)
		case string:
			v.Set(key, value)
		case []string:
			v[key] = value
		}
	}
	return v
}

func authorizeURL(p *oidctest.Provider, changes map[string]any) string {
	return p.Issuer + "/authorize?" + asking(changes).Encode()
}

// code signs a person in and gives the code.
func code(t *testing.T, p *oidctest.Provider, form url.Values, changes map[string]any) string {
	t.Helper()
	to, q := do(t, "POST", authorizeURL(p, changes), form).location(t)
	if to != callback || q.Get("state") != "state-1" || q.Get("iss") != p.Issuer || q.Get("code") == "" {
		t.Fatalf("sent to %s with %v", to, q)
	}
	return q.Get("code")
}

func trading(code string, changes map[string]any) url.Values {
	return changed(url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
		"client_id": {client}, "client_secret": {secret},
	}, changes)
}

// read checks the signature of an ID token by the published key.
func read(t *testing.T, p *oidctest.Provider, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %s", token)
	}
	key := do(t, "GET", p.Issuer+"/jwks", nil).json(t)["keys"].([]any)[0].(map[string]any)
	var head map[string]any
	if err := json.Unmarshal(decode(t, parts[0]), &head); err != nil || head["kid"] != key["kid"] || head["alg"] != "RS256" {
		t.Fatalf("head %v, %v", head, err)
	}
	n, e := new(big.Int).SetBytes(decode(t, key["n"])), new(big.Int).SetBytes(decode(t, key["e"]))
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&rsa.PublicKey{N: n, E: int(e.Int64())}, crypto.SHA256, sum[:], decode(t, parts[2])); err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(decode(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func decode(t *testing.T, text any) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text.(string))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p := start(t)
	tests := map[string]struct {
		form  url.Values
		scope string
		want  map[string]any
	}{
		"preset": {
			form: url.Values{"person": {"ada@example.com"}},
			want: map[string]any{"sub": "42", "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace King", "given_name": "Ada", "family_name": "Lovelace King"},
		},
		"typed": {
			form: url.Values{"email": {" Carol@example.com "}, "name": {"Carol"}},
			want: map[string]any{"sub": oidctest.Subject("carol@example.com"), "email": "Carol@example.com", "email_verified": true, "name": "Carol", "given_name": "Carol"},
		},
		"preset, typed": {
			form: url.Values{"email": {"ADA@example.com"}}, scope: "openid email",
			want: map[string]any{"sub": "42", "email": "ada@example.com", "email_verified": true},
		},
		"no scopes": {
			form: url.Values{"person": {"bob@example.com"}}, scope: "openid",
			want: map[string]any{"sub": oidctest.Subject("bob@example.com")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := map[string]any{}
			if test.scope != "" {
				changes["scope"] = test.scope
			}
			tokens := do(t, "POST", p.Issuer+"/token", trading(code(t, p, test.form, changes), nil)).json(t)
			claims := read(t, p, tokens["id_token"].(string))
			if claims["iss"] != p.Issuer || claims["aud"] != client || claims["nonce"] != "nonce-1" {
				t.Errorf("claims %v", claims)
			}
			for _, key := range []string{"iss", "aud", "nonce", "iat", "exp", "auth_time"} {
				delete(claims, key)
			}
			if diff := cmp.Diff(test.want, claims); diff != "" {
				t.Errorf("claims: -want +got:\n%s", diff)
			}
			info := do(t, "GET", p.Issuer+"/userinfo", nil, "Authorization", "Bearer "+tokens["access_token"].(string)).json(t)
			if diff := cmp.Diff(test.want, info); diff != "" {
				t.Errorf("userinfo: -want +got:\n%s", diff)
			}
		})
	}
}

// Refusals that the client hears.
func TestRefusedToClient(t *testing.T) {
	t.Parallel()
	p := start(t)
	tests := map[string]struct {
		changes map[string]any
		want    string
	}{
		"token flow":     {map[string]any{"response_type": "id_token"}, "unsupported_response_type"},
		"fragment":       {map[string]any{"response_mode": "fragment"}, "invalid_request"},
		"request object": {map[string]any{"request": "x"}, "request_not_supported"},
		"no openid":      {map[string]any{"scope": "email"}, "invalid_scope"},
		"no state":       {map[string]any{"state": nil}, "invalid_request"},
		"no PKCE":        {map[string]any{"code_challenge": nil, "code_challenge_method": nil}, "invalid_request"},
		"plain PKCE":     {map[string]any{"code_challenge_method": "plain"}, "invalid_request"},
		"short PKCE":     {map[string]any{"code_challenge": "abc"}, "invalid_request"},
		"prompt none":    {map[string]any{"prompt": "none"}, "login_required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "POST"} {
				to, q := do(t, method, authorizeURL(p, test.changes), url.Values{"person": {"ada@example.com"}}).location(t)
				if to != callback || q.Get("error") != test.want || q.Has("code") {
					t.Errorf("%s: sent to %s with %v", method, to, q)
				}
			}
		})
	}
}

// Refusals that must not go to where the request says.
func TestRefusedToPerson(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, changes := range map[string]map[string]any{
		"client":            {"client_id": "other"},
		"redirect URI":      {"redirect_uri": callback + "/"},
		"no redirect URI":   {"redirect_uri": nil},
		"two redirect URIs": {"redirect_uri": []string{callback, "http://evil.example"}},
	} {
		for _, method := range []string{"GET", "POST"} {
			a := do(t, method, authorizeURL(p, changes), url.Values{"person": {"ada@example.com"}})
			if a.status != http.StatusBadRequest || !strings.Contains(a.body, "refused") || a.header.Get("Location") != "" {
				t.Errorf("%s %s: %d %s", method, name, a.status, a.body)
			}
		}
	}
}

func TestLoginPage(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := do(t, "GET", authorizeURL(p, map[string]any{"login_hint": `x"@example.com`}), nil)
	for _, want := range []string{"Continue as Ada Lovelace King", "Continue as bob@example.com", `value="x&#34;@example.com"`} {
		if a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("no %q: %d %s", want, a.status, a.body)
		}
	}
	for _, wrong := range []url.Values{{}, {"email": {"nobody"}}, {"email": {"@example.com"}}} {
		if a := do(t, "POST", authorizeURL(p, nil), wrong); a.status != http.StatusOK || !strings.Contains(a.body, "Give an email address.") {
			t.Errorf("%v: %d %s", wrong, a.status, a.body)
		}
	}
	if _, q := do(t, "POST", authorizeURL(p, nil), url.Values{"cancel": {"true"}}).location(t); q.Get("error") != "access_denied" || q.Get("state") != "state-1" {
		t.Errorf("cancel: %v", q)
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	tests := map[string]struct {
		changes map[string]any
		header  []string
		status  int
		want    string
	}{
		"secret":        {map[string]any{"client_secret": "other"}, nil, 401, "invalid_client"},
		"no client":     {map[string]any{"client_id": nil, "client_secret": nil}, nil, 401, "invalid_client"},
		"client":        {map[string]any{"client_id": "other"}, nil, 401, "invalid_client"},
		"twice":         {nil, []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(client+":"+url.QueryEscape(secret)))}, 401, "invalid_client"},
		"grant type":    {map[string]any{"grant_type": "password"}, nil, 400, "unsupported_grant_type"},
		"code":          {map[string]any{"code": "other"}, nil, 400, "invalid_grant"},
		"redirect URI":  {map[string]any{"redirect_uri": "http://evil.example"}, nil, 400, "invalid_grant"},
		"verifier":      {map[string]any{"code_verifier": strings.Repeat("x", 50)}, nil, 400, "invalid_grant"},
		"no verifier":   {map[string]any{"code_verifier": nil}, nil, 400, "invalid_grant"},
		"long verifier": {map[string]any{"code_verifier": strings.Repeat("x", 129)}, nil, 400, "invalid_grant"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := trading(code(t, p, url.Values{"person": {"ada@example.com"}}, nil), test.changes)
			a := do(t, "POST", p.Issuer+"/token", form, test.header...)
			if a.status != test.status || a.json(t)["error"] != test.want {
				t.Errorf("%d %s", a.status, a.body)
			}
			if strings.Contains(a.body, "s3cr3t-mark") {
				t.Errorf("it tells the secret: %s", a.body)
			}
		})
	}
}

// A code works once; when it comes again, what it gave is taken back.
func TestCodeOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	form := trading(code(t, p, url.Values{"person": {"ada@example.com"}}, nil), map[string]any{"client_id": nil, "client_secret": nil})
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(client+":"+url.QueryEscape(secret)))
	first := do(t, "POST", p.Issuer+"/token", form, "Authorization", basic).json(t)
	bearer := []string{"Authorization", "Bearer " + first["access_token"].(string)}
	if a := do(t, "GET", p.Issuer+"/userinfo", nil, bearer...); a.status != http.StatusOK {
		t.Errorf("userinfo: %d %s", a.status, a.body)
	}
	if a := do(t, "POST", p.Issuer+"/token", form, "Authorization", basic); a.status != http.StatusBadRequest {
		t.Errorf("again: %d %s", a.status, a.body)
	}
	for _, header := range [][]string{bearer, {"Authorization", "Bearer "}, nil} {
		if a := do(t, "GET", p.Issuer+"/userinfo", nil, header...); a.status != http.StatusUnauthorized {
			t.Errorf("userinfo with %v: %d", header, a.status)
		}
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	p := start(t)
	d := do(t, "GET", p.Issuer+"/.well-known/openid-configuration", nil).json(t)
	if d["issuer"] != p.Issuer {
		t.Errorf("issuer %v", d["issuer"])
	}
	for _, key := range []string{"jwks_uri", "authorization_endpoint", "token_endpoint", "userinfo_endpoint"} {
		if a := do(t, "GET", d[key].(string), nil); a.status == http.StatusNotFound {
			t.Errorf("%s: nothing is there", key)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	if _, err := oidctest.New(oidctest.Config{ClientID: client, ClientSecret: secret}); err == nil {
		t.Error("it starts without a redirect URI")
	}
}
