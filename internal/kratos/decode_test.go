package kratos

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWithoutConfig: the configuration of credentials goes and every other byte
// stays, wherever something else is called so.
func TestWithoutConfig(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"id":"x","credentials":{"password":{"type":"password","config":{"hashed_password":"h"},"identifiers":["<&>\u00e4"]},"totp":{"config":null}},"z":1}`://
		`{"id":"x","credentials":{"password":{"type":"password","identifiers":["<&>\u00e4"]},"totp":{}},"z":1}`,
		`{"b":12345678901234567890,"a":1.50,"c":1e400,"traits":{"config":{"credentials":{"a":{"config":1}}}},"config":2}`://
		`{"b":12345678901234567890,"a":1.50,"c":1e400,"traits":{"config":{"credentials":{"a":{"config":1}}}},"config":2}`,
		`{"credentials":{"a":{"config":1}},"credentials":{"b":{"config":2,"t":3}}}`: `{"credentials":{"a":{}},"credentials":{"b":{"t":3}}}`,
		`{"credentials":null,"metadata_admin":7,"<ä>":[]}`:                          `{"credentials":null,"metadata_admin":7,"<ä>":[]}`,
		`{"credentials":{"a":null,"b":[{"config":1}],"c":1e999,"d":"config"}}`:      `{"credentials":{"a":null,"b":[{"config":1}],"c":1e999,"d":"config"}}`,
		`{"credentials":{}}`: `{"credentials":{}}`,
		`{}`:                 `{}`,
	} {
		got, err := withoutConfig(json.RawMessage(doc))
		if err != nil || string(got) != want {
			t.Errorf("%s\nbecomes %s, %v\nwant    %s", doc, got, err, want)
		}
	}
	for _, broken := range []string{``, `{`, `{"a"`, `{"a":}`, `{"a":1`, `{"credentials":{"a":{"config":1}`} {
		if got, err := withoutConfig(json.RawMessage(broken)); err == nil {
			t.Errorf("%s becomes %s", broken, got)
		}
	}
}

func TestDecodeIdentity(t *testing.T) {
	t.Parallel()
	doc := `{"metadata_public":[1,"x"],"id":"i","schema_id":"s","traits":{"b":1e2,"a":12345678901234567890},"state":"inactive",` +
		`"credentials":{"password":{"identifiers":null},"oidc":{"identifiers":["p:s"],"config":{"providers":[]}},"odd":{}}}`
	got, err := decodeIdentity(json.RawMessage(doc))
	if err != nil {
		t.Fatal(err)
	}
	want := Identity{
		ID: "i", SchemaID: "s", State: Inactive, Traits: json.RawMessage(`{"b":1e2,"a":12345678901234567890}`),
		Identifiers: map[string][]string{Password: nil, OIDC: {"p:s"}, "odd": nil},
		Document: json.RawMessage(`{"metadata_public":[1,"x"],"id":"i","schema_id":"s","traits":{"b":1e2,"a":12345678901234567890},"state":"inactive",` +
			`"credentials":{"password":{"identifiers":null},"oidc":{"identifiers":["p:s"]},"odd":{}}}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, other := range []string{`null`, `7`, `"x"`, `[]`, `{}`, `{"id":"i"}`, `{"id":7,"schema_id":"s"}`, `{"id":"i","schema_id":"s","credentials":[]}`} {
		if got, err := decodeIdentity(json.RawMessage(other)); err == nil {
			t.Errorf("%s becomes %+v", other, got)
		}
	}
}

func FuzzDecodeIdentity(f *testing.F) {
	f.Add([]byte(`{"id":"i","schema_id":"s","credentials":{"password":{"config":{"hashed_password":"h"}}}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		i, err := decodeIdentity(doc)
		if err != nil {
			return
		}
		var open struct {
			Credentials map[string]map[string]json.RawMessage
		}
		if !json.Valid(i.Document) {
			t.Fatalf("%s becomes %s", doc, i.Document)
		}
		if json.Unmarshal(i.Document, &open) != nil {
			return // a credential that is no object
		}
		for kind, credential := range open.Credentials {
			if config, ok := credential["config"]; ok {
				t.Errorf("%s keeps the config of %s: %s", doc, kind, config)
			}
		}
	})
}

func TestIsFallback(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]bool{
		"https://www.ory.sh/kratos/docs/fallback/recovery?flow=1": true,
		"https://www.ory.sh:443/kratos/docs/fallback":             true,
		"https://www.ory.sh/kratos/docs/other":                    false,
		"https://login.example.com/kratos/docs/fallback/recovery": false,
		"http://127.0.0.1:4455/recovery?flow=www.ory.sh":          false,
		"https://www.ory.sh/kratos/docs/fallback/../../me":        true,
		"%": false,
	} {
		if got := isFallback(link); got != want {
			t.Errorf("%s: %t", link, got)
		}
	}
}

func TestDecodeRecovery(t *testing.T) {
	t.Parallel()
	got, err := decodeRecovery([]byte(`{"recovery_link":"l","recovery_code":"012345","expires_at":"2026-11-21T13:49:35.338174004+02:00"}`), true)
	if err != nil || got.Code != "012345" || got.ExpiresAt.Format("2006-01-02T15:04:05.999999999Z07:00") != "2026-11-21T11:49:35.338174004Z" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, other := range []string{
		`{}`, `{"recovery_link":"l","recovery_code":"1"}`, `{"recovery_link":"l","expires_at":"2026-11-21T13:49:35Z"}`,
		`{"recovery_code":"1","expires_at":"2026-11-21T13:49:35Z"}`, `{"recovery_link":"l","recovery_code":"1","expires_at":"tomorrow"}`,
	} {
		if got, err := decodeRecovery([]byte(other), true); err == nil {
			t.Errorf("%s becomes %+v", other, got)
		}
	}
}
