package kratos_test

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// TestVerifiesKratosHashes: those of both hashers that a server can be set to.
func TestVerifiesKratosHashes(t *testing.T) {
	t.Parallel()
	for _, hasher := range []struct {
		prefix   string
		settings map[string]any
	}{
		{"$2a$", nil},
		{"$argon2id$", map[string]any{"hashers": map[string]any{
			"algorithm": "argon2", "argon2": map[string]any{"memory": "8MB", "iterations": 2, "parallelism": 1},
		}}},
	} {
		t.Run(hasher.prefix, func(t *testing.T) {
			t.Parallel()
			server := kratostest.New(t, kratostest.Config{Settings: hasher.settings})
			b := bench{server, newClient(t, server.AdminURL)}
			id, _ := b.person(t, kratostest.WithPassword(mark))
			got := must[kratos.Credentials](t)(b.client.Credentials(t.Context(), id)).PasswordHash
			if !strings.HasPrefix(string(got), hasher.prefix) {
				t.Fatalf("the hash is of another kind")
			}
			if !got.Verifies(mark) || got.Verifies(mark+" ") || got.Verifies("") {
				t.Error("it does not tell the password")
			}
		})
	}
}

func TestVerifiesNothingElse(t *testing.T) {
	t.Parallel()
	whole := must[[]byte](t)(bcrypt.GenerateFromPassword([]byte(mark), bcrypt.MinCost))
	for _, h := range []string{
		"", mark, string(whole[:len(whole)-1]), "$argon2id$", "$argon2id$v=19$m=8,t=0,p=1$c2FsdA$a2V5", "$argon2id$v=19$m=8,t=1,p=0$c2FsdA$a2V5",
		"$argon2id$v=19$m=8,t=1,p=1$!$a2V5", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$!", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$", "$argon2id$v=19$x$c2FsdA$a2V5",
		"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$a2V5", "$scrypt$ln=16384,r=8,p=1$c2FsdA$a2V5",
	} {
		if kratos.Hash(h).Verifies(mark) {
			t.Errorf("%d bytes verify", len(h))
		}
		if kratos.Hash(h).Verifies("") {
			t.Errorf("%d bytes verify nothing", len(h))
		}
	}
}
