package kratos_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

func TestSignsInWith(t *testing.T) {
	t.Parallel()
	i := kratos.Identity{ID: "id-1", Identifiers: map[string][]string{
		kratos.Password: {"alice", "alice@example.com"}, kratos.Code: {"+15550100"}, kratos.WebAuthn: {"key@example.com"},
		kratos.OIDC: {"github:9"}, kratos.TOTP: {"id-1"}, kratos.Passkey: {"handle"},
	}}
	for identifier, want := range map[string]struct{ signsIn, carries bool }{
		"alice": {true, true}, " ALICE@Example.com\n": {true, true}, "+15550100": {true, true}, "key@example.com": {true, true},
		"github:9": {false, true}, "GitHub:9": {false, true}, "id-1": {false, true}, "handle": {false, true},
		"": {false, false}, " ": {false, false}, "alic": {false, false}, "alice@example": {false, false},
	} {
		if got := i.SignsInWith(identifier); got != want.signsIn {
			t.Errorf("signs in with %q: %t", identifier, got)
		}
		if got := i.Carries(identifier); got != want.carries {
			t.Errorf("carries %q: %t", identifier, got)
		}
	}
	if (kratos.Identity{}).SignsInWith("") {
		t.Error("nobody signs in with nothing")
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for want, i := range map[string]kratos.Identity{
		"id-1": {ID: "id-1", Identifiers: map[string][]string{kratos.OIDC: {"github:9"}, kratos.Password: {}}},
		"id-2 (alice, alice@example.com)": {ID: "id-2", Identifiers: map[string][]string{
			kratos.Password: {"alice", "alice@example.com"}, kratos.Code: {"other"},
		}},
		"id-3 (a@example.com)": {ID: "id-3", Identifiers: map[string][]string{kratos.Code: {"a@example.com"}}},
	} {
		if got := i.Label(); got != want {
			t.Errorf("label %q, want %q", got, want)
		}
	}
}

func TestSocialLogins(t *testing.T) {
	t.Parallel()
	i := kratos.Identity{Identifiers: map[string][]string{kratos.OIDC: {"", ":", "google:1", " : ", "github:a:b"}}}
	if diff := cmp.Diff([]string{"google:1", "github:a:b"}, i.SocialLogins()); diff != "" {
		t.Error(diff)
	}
	if len(i.Identifiers[kratos.OIDC]) != 5 {
		t.Errorf("the identity was changed: %q", i.Identifiers)
	}
}

func TestHasPasswordIdentifier(t *testing.T) {
	t.Parallel()
	for _, i := range []kratos.Identity{{}, {Identifiers: map[string][]string{kratos.Password: nil, kratos.Code: {"a"}}}} {
		if i.HasPasswordIdentifier() {
			t.Errorf("%v", i.Identifiers)
		}
	}
	if !(kratos.Identity{Identifiers: map[string][]string{kratos.Password: {"a"}}}).HasPasswordIdentifier() {
		t.Error("one is none")
	}
}

func TestFirstFactor(t *testing.T) {
	t.Parallel()
	for _, c := range []kratos.Credentials{{PasswordHash: "x"}, {PasswordlessKeys: 1}, {Passkeys: 1}} {
		if !c.FirstFactor() {
			t.Errorf("%+v is none", c)
		}
	}
	if c := (kratos.Credentials{TOTP: true, LookupSecret: true, SecondFactorKeys: 1}); c.FirstFactor() {
		t.Errorf("%+v is one", c)
	}
}

// TestHashIsHidden: however it is printed.
func TestHashIsHidden(t *testing.T) {
	t.Parallel()
	h := kratos.Hash(mark)
	c := kratos.Credentials{PasswordHash: h}
	n := kratos.NewIdentity{PasswordHash: h}
	text, err := json.Marshal([]any{h, c, n})
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%s %v %q %#v | %v %+v %#v | %v %+v %#v | %s", h, h, h, h, c, c, c, n, n, n, text)
	want{texts: []string{"[hidden]"}}.hides(t, all)
}

func (w want) hides(t *testing.T, text string) {
	t.Helper()
	w.checkTexts(t, fmt.Errorf("cannot %s", text))
}
