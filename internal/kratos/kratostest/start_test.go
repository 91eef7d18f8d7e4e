package kratostest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func decode[T any](t *testing.T, body []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return v
}

// Every server that the tests run on becomes ready and ends.
func TestEveryBinary(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		s, err := kratostest.Start(t.Context(), kratostest.Config{Binary: binary})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if _, _, err := s.Admin(t.Context(), http.MethodGet, "/admin/health/ready", nil); err == nil {
			t.Error("it answers after Stop")
		}
		if err := s.Stop(); err != nil {
			t.Errorf("the second Stop: %v", err)
		}
	}
}

func TestStartTellsWhy(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	_, err := kratostest.Start(t.Context(), kratostest.Config{
		Binary: kratostest.Binaries(t)[0], Log: &log, Settings: map[string]any{"log.level": "chatty"},
	})
	if err == nil || !strings.Contains(err.Error(), "chatty") {
		t.Errorf("the error does not say why: %v", err)
	}
	if !strings.Contains(log.String(), "chatty") {
		t.Errorf("the log does not say why: %s", log.String())
	}
	if _, err := kratostest.Start(t.Context(), kratostest.Config{Binary: "/no/such/kratos"}); err == nil {
		t.Error("it starts what is not there")
	}
}

// A database in a file is migrated, and there after a restart.
func TestStartOnFile(t *testing.T) {
	t.Parallel()
	c := kratostest.Config{DSN: "sqlite://" + t.TempDir() + "/kratos.db?_fk=true"}
	first := kratostest.New(t, c)
	id := must[string](t)(first.CreateIdentity(t.Context(), kratostest.UsernameSchema, map[string]any{"username": "u"}))
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := kratostest.New(t, c)
	if status, body, err := second.Admin(t.Context(), http.MethodGet, "/admin/identities/"+id, nil); err != nil || status != http.StatusOK {
		t.Errorf("%d %s %v", status, body, err)
	}
}

// Overrides replace, merge and remove.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := kratostest.New(t, kratostest.Config{Settings: map[string]any{
		"selfservice.flows.recovery.ui_url": nil,
		"selfservice.methods":               map[string]any{"link": map[string]any{"enabled": false}},
	}})
	id := must[string](t)(s.CreateIdentity(t.Context(), "", map[string]any{"email": "a@example.com"}))
	ask := func(method string) (int, string) {
		status, body, err := s.Admin(t.Context(), http.MethodPost, "/admin/recovery/"+method, map[string]any{"identity_id": id})
		if err != nil {
			t.Fatal(err)
		}
		return status, string(body)
	}
	if status, body := ask("code"); status != http.StatusCreated || !strings.Contains(body, "https://www.ory.sh/kratos/docs/fallback/") {
		t.Errorf("ui_url is not removed: %d %s", status, body)
	}
	if status, body := ask("link"); status != http.StatusNotFound {
		t.Errorf("the link method is on: %d %s", status, body)
	}
}

func TestBinaryPath(t *testing.T) {
	t.Parallel()
	path := must[string](t)(kratostest.BinaryPath())
	if !strings.Contains(path, "/kratos-agent/kratos-v1.3.1-") {
		t.Errorf("path %q", path)
	}
}
