package docs_test

import (
	"encoding/hex"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// TestTokensAreEmptied runs the SQL of how to rotate secrets on a database whose
// tokens were stored in clear: with encryption on, Kratos then reads it.
func TestTokensAreEmptied(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		testneed.Skip(t, "no psql", err.Error(), "apt-get install postgresql-client")
	}
	block := regexp.MustCompile("(?ms)^ *```sql\n(.*?)^ *```$").FindStringSubmatch(pages(t)["how-to/rotate-secrets.md"])
	if block == nil {
		t.Fatal("the guide has no SQL")
	}
	ctx := t.Context()
	dsn, err := pgtest.New(t).Database(ctx)
	must(t, err)
	settings := map[string]any{"secrets.cipher": []string{"s3cr3t-mark-0123456789abcdef0123"}}
	s := kratostest.New(t, kratostest.Config{DSN: dsn, Settings: settings})
	id := withTokens(t, s)
	must(t, s.Stop())

	settings["ciphers.algorithm"] = "xchacha20-poly1305"
	s = kratostest.New(t, kratostest.Config{DSN: dsn, Settings: settings})
	sql := exec.CommandContext(ctx, psql, "-v", "ON_ERROR_STOP=1", dsn)
	sql.Stdin = strings.NewReader(block[1])
	if out, err := sql.CombinedOutput(); err != nil || !strings.Contains(string(out), "UPDATE 1") {
		t.Fatalf("%v: %s", err, out)
	}
	status, body, err := s.Admin(ctx, http.MethodGet, "/admin/identities/"+id+"?include_credential=oidc", nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v", status, err)
	}
	if text := string(body); strings.Contains(text, "s3cr3t-mark") || !strings.Contains(text, `"github:1"`) || !strings.Contains(text, `"subject":"1"`) {
		t.Errorf("a token is left, or the social login is not: %s", text)
	}
}

// withTokens gives an identity with a social login whose tokens are stored as
// Kratos stores them in clear. With encryption on, it cannot read the first.
func withTokens(t *testing.T, s *kratostest.Server) (id string) {
	t.Helper()
	ctx := t.Context()
	id, err := s.CreateIdentity(ctx, kratostest.DefaultSchema, map[string]any{"email": "alice@example.com"}, kratostest.WithOIDC("github", "1"))
	must(t, err)
	token := func(text string) string { return hex.EncodeToString([]byte(text)) }
	must(t, s.Patch(ctx, id, "/credentials/oidc", map[string]any{
		"type": "oidc", "identifiers": []string{"github:1"},
		"config": map[string]any{"providers": []any{map[string]any{
			"provider": "github", "subject": "1", "organization": "",
			"initial_id_token": token("s3cr3t-mark-id"), "initial_access_token": token("s3cr3t-mark-access-0123456789abcdef"), "initial_refresh_token": "",
		}}},
	}))
	return id
}
