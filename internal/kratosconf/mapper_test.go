package kratosconf_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// What a real Kratos makes of claims by the default mappers.
func TestRealMappers(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		for name, c := range map[string]struct{ provider, claims, want string }{
			"verified": {
				"google", `{"sub":"1","email":"a@example.com","email_verified":true,"name":"A B","given_name":"A","family_name":"B"}`,
				`{"traits":{"email":"a@example.com","name":"A B","given_name":"A","family_name":"B"},"verified_addresses":[{"via":"email","value":"a@example.com"}]}`,
			},
			"not verified":       {"generic", `{"sub":"1","email":"a@example.com"}`, `{"traits":{"email":"a@example.com"}}`},
			"said not to be":     {"generic", `{"email":"a@example.com","email_verified":false}`, `{"traits":{"email":"a@example.com"}}`},
			"nothing":            {"auth0", `{"sub":"1","email_verified":true}`, `{"traits":{}}`},
			"empty":              {"auth0", `{"sub":"1","email":"","name":""}`, `{"traits":{}}`},
			"github, no name":    {"github", `{"email":"a@example.com","preferred_username":"ab"}`, `{"traits":{"email":"a@example.com","name":"ab"}}`},
			"github, name":       {"github-app", `{"name":"A B","preferred_username":"ab"}`, `{"traits":{"name":"A B"}}`},
			"github, nothing":    {"github", `{}`, `{"traits":{}}`},
			"microsoft verifies": {"microsoft", `{"email":"a@example.com","email_verified":true}`, `{"traits":{"email":"a@example.com"}}`},
		} {
			t.Run(name, func(t *testing.T) {
				var want any
				if err := json.Unmarshal([]byte(`{"identity":`+c.want+`}`), &want); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, evaluate(t, binary, c.provider, c.claims)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// evaluate asks the worker that Kratos itself asks.
func evaluate(t *testing.T, binary, provider, claims string) any {
	t.Helper()
	encoded, ok := strings.CutPrefix(kratosconf.DefaultMapper(provider), "base64://")
	snippet, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !ok {
		t.Fatal(encoded, err)
	}
	type variable struct{ Key, Value string }
	task, err := json.Marshal(map[string]any{"Snippet": string(snippet), "ExtCodes": []variable{{"claims", claims}}})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "jsonnet")
	cmd.Stdin = bytes.NewReader(task)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return got
}
