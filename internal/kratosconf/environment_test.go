package kratosconf_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// What is empty is left out, but for what must be said.
func TestEnvironmentZero(t *testing.T) {
	t.Parallel()
	want := map[string]string{"DEV": "false", "HTTP_PROXY": "", "HTTPS_PROXY": "", "NO_PROXY": ""}
	if diff := cmp.Diff(want, kratosconf.Environment{}.Map()); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentFull(t *testing.T) {
	t.Parallel()
	got, err := json.MarshalIndent(environment("plain").Map(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "environment.golden.json", append(got, '\n'))
}

// A list is a JSON array whatever is in it.
func TestEnvironmentLists(t *testing.T) {
	t.Parallel()
	for _, value := range nasty() {
		v := environment(value).Map()
		for name, want := range map[string][]string{
			"SECRETS_COOKIE":                  {value, "older-cookie-secret,with a comma"},
			"SECRETS_DEFAULT":                 {value},
			"SELFSERVICE_ALLOWED_RETURN_URLS": {"https://app.example.com/a,b", "https://other.example.com/"},
		} {
			var got []string
			if err := json.Unmarshal([]byte(v[name]), &got); err != nil {
				t.Errorf("%s=%q: %v", name, v[name], err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if v["COURIER_SMTP_FROM_NAME"] != value && value != "" {
			t.Errorf("%q became %q", value, v["COURIER_SMTP_FROM_NAME"])
		}
	}
}

// environment sets everything, with the text wherever any text may stand.
func environment(text string) kratosconf.Environment {
	s := kratosconf.Secret(text)
	return kratosconf.Environment{
		DSN:            "memory",
		CookieSecrets:  []kratosconf.Secret{s, "older-cookie-secret,with a comma"},
		CipherSecrets:  []kratosconf.Secret{"a-cipher-secret,of-32-characters"},
		DefaultSecrets: []kratosconf.Secret{s},
		Courier: kratosconf.Courier{
			ConnectionURI: "smtp://127.0.0.1:1/?disable_starttls=true", FromAddress: "identity@example.com", FromName: text,
			TemplatePath: "/etc/config/templates", RecoveryCodeBody: "file:///etc/config/templates/recovery-body.html.gotmpl",
		},
		Log: kratosconf.Log{Level: "info", Format: "json"},
		Serve: kratosconf.Serve{
			Public: &kratosconf.Listener{BaseURL: "https://iam.example.com/", Host: "127.0.0.1", Port: 4433},
			Admin:  &kratosconf.Listener{Host: "127.0.0.1", Port: 4434},
		},
		CORS:              true,
		AllowedReturnURLs: []string{"https://app.example.com/a,b", "https://other.example.com/"},
		RequiredAAL:       kratosconf.HighestAvailable,
		Tracing:           &kratosconf.Tracing{Endpoint: "127.0.0.1:1", Insecure: true, SamplingRatio: 1},
		OAuth2ProviderURL: "http://127.0.0.1:4445",
		Proxies:           kratosconf.Proxies{HTTP: "http://127.0.0.1:1", HTTPS: "http://127.0.0.1:1", No: "127.0.0.1,localhost"},
		CertDir:           "/etc/config/ca",
	}
}
