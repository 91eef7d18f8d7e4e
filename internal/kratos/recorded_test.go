package kratos_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// recorded is an answer of a server that is not at hand (testdata/README.md).
type recorded struct {
	Request     string
	Status      int
	ContentType string
	Body        json.RawMessage
}

// replay gives a client of a server that has only this answer.
func replay(t *testing.T, name string) *kratos.Client {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "recorded-26.2-"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	body := string(r.Body)
	if strings.HasPrefix(r.ContentType, "text/") {
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
	}
	if r.Status == 204 {
		body = ""
	}
	return newClient(t, serve(t, always(r.Status, r.ContentType, body)).URL)
}

// TestRecordedErrors: what 26.2 says where 1.3 says something else.
func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	remove := func(kind, identifier string) func(*testing.T, *kratos.Client) error {
		return func(t *testing.T, c *kratos.Client) error {
			return c.DeleteCredential(t.Context(), ghost, kind, identifier)
		}
	}
	last := want{kind: fault.Precondition, is: kratos.ErrLastFirstFactor, texts: []string{"You cannot remove the last first factor credential."}}
	played := map[string]bool{"identity-oidc-leftover": true, "credentials-password-removed": true} // by the tests below
	for _, r := range []struct {
		name string
		call func(*testing.T, *kratos.Client) error
		want *want // nil for none
	}{
		{"delete-last-oidc", remove(kratos.OIDC, "dummy:s1"), &last},
		{"delete-oidc-when-none", remove(kratos.OIDC, "dummy:s1"), &last},
		{"delete-only-password", remove(kratos.Password, ""), &last},
		{"delete-password", remove(kratos.Password, ""), nil},
		{"delete-passkey", remove(kratos.Passkey, ""), &want{kind: fault.Usage, texts: []string{"Credentials type passkey cannot be deleted."}}},
		{"delete-code", remove(kratos.Code, ""), &want{kind: fault.Usage, texts: []string{"Credentials type code cannot be deleted."}}},
		{"patch-hash-without-identifier",
			func(t *testing.T, c *kratos.Client) error { return second(c.SetPasswordHash(t.Context(), ghost, mark)) },
			&want{kind: fault.Internal, texts: []string{"The SQL adapter failed"}}},
		{"unmigrated",
			func(t *testing.T, c *kratos.Client) error { return second(c.Identity(t.Context(), ghost)) },
			&want{kind: fault.Internal, texts: []string{"missing destination name external_id"}, hints: []string{"kratos migrate sql"}}},
		{"trailing-slash",
			func(t *testing.T, c *kratos.Client) error { return second(c.Identity(t.Context(), ghost)) },
			&want{kind: fault.Unavailable, texts: []string{"does not answer as Kratos' admin API"}}},
		{"conflict",
			func(t *testing.T, c *kratos.Client) error {
				return second(c.CreateIdentity(t.Context(), kratos.NewIdentity{}))
			},
			&want{kind: fault.Conflict, is: kratos.ErrConflict, texts: []string{"conflicts with another identity"}}},
	} {
		played[r.name] = true
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			err := r.call(t, replay(t, r.name))
			if r.want != nil {
				r.want.check(t, err)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	files := must[[]string](t)(filepath.Glob("testdata/recorded-26.2-*.json"))
	for _, f := range files {
		if name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "recorded-26.2-"), ".json"); !played[name] {
			t.Errorf("no test plays %s", f)
		}
	}
}

// TestDifferencesAreListed: each recording and each test that testdata/README.md
// names is there, and no recording is missing from it.
func TestDifferencesAreListed(t *testing.T) {
	t.Parallel()
	list := string(must[[]byte](t)(os.ReadFile("testdata/README.md")))
	sources := ""
	for _, dir := range []string{".", "../../actions"} {
		for _, file := range must[[]string](t)(filepath.Glob(filepath.Join(dir, "*_test.go"))) {
			sources += string(must[[]byte](t)(os.ReadFile(file)))
		}
	}
	named := 0
	for _, name := range regexp.MustCompile(`Test[A-Z][A-Za-z]+`).FindAllString(list, -1) {
		named++
		if !strings.Contains(sources, "func "+name+"(") {
			t.Errorf("there is no %s", name)
		}
	}
	for _, file := range must[[]string](t)(filepath.Glob("testdata/recorded-26.2-*.json")) {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "recorded-26.2-"), ".json")
		if !regexp.MustCompile(`[ |]` + name + `[ ,|]`).MatchString(list) {
			t.Errorf("%s is not listed", file)
		}
	}
	if named < 10 {
		t.Errorf("only %d tests are named", named)
	}
}

// TestRecordedIdentity: an external id is kept, and the leftover of a removed
// social login is none.
func TestRecordedIdentity(t *testing.T) {
	t.Parallel()
	got := must[kratos.Identity](t)(replay(t, "identity-oidc-leftover").Identity(t.Context(), ghost))
	if logins := got.SocialLogins(); len(logins) != 0 {
		t.Errorf("social logins %q", logins)
	}
	if id := object(t, got.Document)["external_id"]; id != "ext-42" {
		t.Errorf("external id %v", id)
	}
	if !got.SignsInWith("A@example.com ") {
		t.Errorf("identifiers %v", got.Identifiers)
	}
}

// TestRecordedCredentials: an empty configuration is no password.
func TestRecordedCredentials(t *testing.T) {
	t.Parallel()
	got := must[kratos.Credentials](t)(replay(t, "credentials-password-removed").Credentials(t.Context(), ghost))
	if diff := cmp.Diff(kratos.Credentials{}, got); diff != "" {
		t.Error(diff)
	}
}
