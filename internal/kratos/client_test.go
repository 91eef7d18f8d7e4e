package kratos_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	d := serve(t, always(200, "application/json", document))
	for ending, path := range map[string]string{
		"": "", "/": "", "//": "", "/admin": "", "/admin/": "", "/kratos": "/kratos", "/kratos/admin/": "/kratos",
		"/a%2Fb/": "/a%2Fb", "/superadmin": "/superadmin", " ": "", "/{x}": "/%7Bx%7D",
	} {
		must[kratos.Identity](t)(newClient(t, d.URL+ending).Identity(t.Context(), ghost))
		all := d.requests()
		if got, want := all[len(all)-1].uri, path+"/admin/identities/"+ghost; got != want {
			t.Errorf("%q: asked for %s, want %s", ending, got, want)
		}
	}
}

func TestEndpointCredentials(t *testing.T) {
	t.Parallel()
	d := serve(t, always(200, "application/json", document))
	must[kratos.Identity](t)(newClient(t, strings.Replace(d.URL, "//", "//me:"+mark+"@", 1)).Identity(t.Context(), ghost))
	r := &http.Request{Header: d.requests()[0].header}
	if user, password, ok := r.BasicAuth(); !ok || user != "me" || password != mark {
		t.Error("the credentials are not sent")
	}
}

func TestEndpointRefused(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{
		"127.0.0.1:4434", "localhost:4434", "kratos", "/admin", "ftp://kratos", "http://", "http:///admin", "http://:4434", "http://kratos:port",
		"http://kratos:0", "http://kratos:65536", "http://kratos?x=1", "http://kratos?", "http://kratos#x", "http://[::1", "http://kra tos", "http://kratos/%zz",
		"http://me:" + mark + "@kratos:port", "http://me:" + mark + "%zz@kratos", "me:" + mark + "@kratos", "http://me:" + mark + "@", "http://me:" + mark + "@kratos?",
	} {
		t.Run(strings.ReplaceAll(endpoint, mark, "PASSWORD"), func(t *testing.T) {
			_, err := kratos.New(kratos.Options{Endpoint: endpoint})
			w := want{kind: fault.Usage, hints: []string{"KRATOS_ADMIN_URL"}}
			if !strings.Contains(endpoint, mark) {
				w.texts = []string{endpoint}
			}
			w.check(t, err)
		})
	}
}

// TestRequests: what is sent, to the letter.
func TestRequests(t *testing.T) {
	t.Parallel()
	type line struct{ Method, URI, Body string }
	id := "a b?#%+&ä"
	escaped := "/admin/identities/" + url.PathEscape(id)
	for _, r := range []struct {
		name string
		call func(c *kratos.Client) error
		want line
	}{
		{"Identity", func(c *kratos.Client) error { return second(c.Identity(t.Context(), id)) },
			line{"GET", escaped, ""}},
		{"FindIdentities", func(c *kratos.Client) error { return second(c.FindIdentities(t.Context(), "a+b &ids=x@y")) },
			line{"GET", "/admin/identities?credentials_identifier=a%2Bb+%26ids%3Dx%40y&page_size=250&per_page=250", ""}},
		{"Credentials", func(c *kratos.Client) error { return second(c.Credentials(t.Context(), id)) },
			line{"GET", escaped + "?include_credential=password&include_credential=totp&include_credential=lookup_secret" +
				"&include_credential=webauthn&include_credential=passkey", ""}},
		{"ActiveSessions", func(c *kratos.Client) error { return second(c.ActiveSessions(t.Context(), id)) },
			line{"GET", escaped + "/sessions?active=true&page_size=1&per_page=1", ""}},
		{"DeleteCredential", func(c *kratos.Client) error { return c.DeleteCredential(t.Context(), id, kratos.OIDC, "p:a b&c") },
			line{"DELETE", escaped + "/credentials/oidc?identifier=p%3Aa+b%26c", ""}},
		{"DeleteCredential of one", func(c *kratos.Client) error { return c.DeleteCredential(t.Context(), id, kratos.TOTP, "") },
			line{"DELETE", escaped + "/credentials/totp", ""}},
		{"DeleteSessions", func(c *kratos.Client) error { return c.DeleteSessions(t.Context(), id) },
			line{"DELETE", escaped + "/sessions", ""}},
		{"SetPasswordHash", func(c *kratos.Client) error { return second(c.SetPasswordHash(t.Context(), id, mark)) },
			line{"PATCH", escaped, `[{"op":"add","path":"/credentials/password/config/hashed_password","value":"` + mark + `"}]`}},
		{"SetState", func(c *kratos.Client) error { return second(c.SetState(t.Context(), id, kratos.Inactive)) },
			line{"PATCH", escaped, `[{"op":"add","path":"/state","value":"inactive"}]`}},
		{"CreateIdentity", func(c *kratos.Client) error {
			return second(c.CreateIdentity(t.Context(), kratos.NewIdentity{SchemaID: "s", Traits: map[string]any{"a": "b"}, PasswordHash: mark}))
		}, line{"POST", "/admin/identities", `{"credentials":{"password":{"config":{"hashed_password":"` + mark + `"}}},"schema_id":"s","traits":{"a":"b"}}`}},
		{"RecoveryCode", func(c *kratos.Client) error { return second(c.RecoveryCode(t.Context(), id, 36*time.Hour)) },
			line{"POST", "/admin/recovery/code", `{"expires_in":"36h0m0s","identity_id":"` + id + `"}`}},
		{"RecoveryLink", func(c *kratos.Client) error { return second(c.RecoveryLink(t.Context(), id, time.Second)) },
			line{"POST", "/admin/recovery/link", `{"expires_in":"1s","identity_id":"` + id + `"}`}},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			d := serve(t, always(500, "", ""))
			if err := r.call(newClient(t, d.URL)); err == nil {
				t.Error("no error")
			}
			got := d.requests()
			if len(got) != 1 {
				t.Fatalf("%d requests", len(got))
			}
			if diff := cmp.Diff(r.want, line{got[0].method, got[0].uri, strings.TrimSpace(strings.ReplaceAll(got[0].body, `\u0026`, "&"))}); diff != "" {
				t.Error(diff)
			}
			if agent := got[0].header.Get("User-Agent"); agent != "kratos-agent/test" {
				t.Errorf("user agent %q", agent)
			}
		})
	}
}
