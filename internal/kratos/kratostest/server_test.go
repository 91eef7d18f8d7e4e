package kratostest_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestMain(m *testing.M) { os.Exit(kratostest.Main(m)) }

const password = "s3cr3t-mark-password"

// must fails the test on an error, and gives the value.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// person creates an identity with a password in the default schema.
func person(t *testing.T, s *kratostest.Server, email string) string {
	t.Helper()
	return must[string](t)(s.CreateIdentity(t.Context(), kratostest.DefaultSchema, map[string]any{"email": email}, kratostest.WithPassword(password)))
}

func login(t *testing.T, s *kratostest.Server, email string) string {
	t.Helper()
	session := must[kratostest.Session](t)(s.Login(t.Context(), email, password))
	if session.Token == "" || session.AAL != "aal1" {
		t.Fatalf("signed in as %+v", session)
	}
	return session.Token
}

func wantWhoami(t *testing.T, s *kratostest.Server, token string, status int, aal string, needsAAL2 bool) {
	t.Helper()
	gotStatus, gotAAL, gotNeeds, err := s.Whoami(t.Context(), token)
	if err != nil || gotStatus != status || gotAAL != aal || gotNeeds != needsAAL2 {
		t.Errorf("whoami: %d, %q, needs aal2 %t, error %v; want %d, %q, %t", gotStatus, gotAAL, gotNeeds, err, status, aal, needsAAL2)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	s := kratostest.Shared(t)
	email := kratostest.Email(t)
	id := person(t, s, email)
	token := login(t, s, email)
	wantWhoami(t, s, token, http.StatusOK, "aal1", false)
	wantWhoami(t, s, "no-such-token", http.StatusUnauthorized, "", false)

	if _, err := s.Login(t.Context(), email, "wrong"); !errors.Is(err, kratostest.ErrWrongCredentials) {
		t.Errorf("wrong password: %v", err)
	}
	if err := s.Patch(t.Context(), id, "/state", "inactive"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), email, password); !errors.Is(err, kratostest.ErrAccountDisabled) {
		t.Errorf("disabled account: %v", err)
	}
}

func TestTOTP(t *testing.T) {
	t.Parallel()
	s := kratostest.Shared(t)
	for name, enrol := range map[string]func(id, token string) (string, error){
		"enrolled": func(_, token string) (string, error) { return s.EnrolTOTP(t.Context(), token) },
		"planted":  func(id, _ string) (string, error) { return s.PlantTOTP(t.Context(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			email := kratostest.Email(t)
			id := person(t, s, email)
			secret := must[string](t)(enrol(id, login(t, s, email)))
			token := login(t, s, email)
			wantWhoami(t, s, token, http.StatusForbidden, "", true)
			session := must[kratostest.Session](t)(s.LoginTOTP(t.Context(), token, secret))
			wantWhoami(t, s, session.Token, http.StatusOK, "aal2", false)
		})
	}
}

func TestLookupSecrets(t *testing.T) {
	t.Parallel()
	s := kratostest.Shared(t)
	for name, enrol := range map[string]func(id, token string) ([]string, error){
		"enrolled": func(_, token string) ([]string, error) {
			return s.EnrolLookupSecrets(t.Context(), token)
		},
		"planted": func(id, _ string) ([]string, error) {
			return []string{"aaaaaaaa"}, s.PlantLookupSecrets(t.Context(), id, "aaaaaaaa")
		},
	} {
		t.Run(name, func(t *testing.T) {
			email := kratostest.Email(t)
			id := person(t, s, email)
			codes := must[[]string](t)(enrol(id, login(t, s, email)))
			token := login(t, s, email)
			wantWhoami(t, s, token, http.StatusForbidden, "", true)
			session := must[kratostest.Session](t)(s.LoginLookupSecret(t.Context(), token, codes[0]))
			wantWhoami(t, s, session.Token, http.StatusOK, "aal2", false)
			if _, err := s.LoginLookupSecret(t.Context(), token, codes[0]); err == nil {
				t.Error("the code works twice")
			}
		})
	}
}

func TestPlantedSecurityKeyAsksForSecondFactor(t *testing.T) {
	t.Parallel()
	s, email := kratostest.Shared(t), kratostest.Email(t)
	id := person(t, s, email)
	for _, plant := range []func(context.Context, string) error{s.PlantPasskey, s.PlantPasswordlessKey} {
		if err := plant(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	wantWhoami(t, s, login(t, s, email), http.StatusOK, "aal1", false)
	if err := s.PlantSecurityKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	wantWhoami(t, s, login(t, s, email), http.StatusForbidden, "", true)
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	s := kratostest.Shared(t)
	for _, method := range []string{"code", "link"} {
		t.Run(method, func(t *testing.T) {
			id := person(t, s, kratostest.Email(t))
			status, body, err := s.Admin(t.Context(), http.MethodPost, "/admin/recovery/"+method, map[string]any{"identity_id": id})
			if err != nil || status/100 != 2 {
				t.Fatalf("%d %s %v", status, body, err)
			}
			issued := decode[struct {
				Link string `json:"recovery_link"`
				Code string `json:"recovery_code"`
			}](t, body)
			use := func() (string, error) {
				if method == "link" {
					return s.OpenRecoveryLink(t.Context(), issued.Link)
				}
				return s.UseRecoveryCode(t.Context(), issued.Link, issued.Code)
			}
			if got := must[string](t)(use()); got != id {
				t.Errorf("signs in %q, want %q", got, id)
			}
			if _, err := use(); err == nil {
				t.Error("it works twice")
			}
		})
	}
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	s, email := kratostest.Shared(t), kratostest.Email(t)
	person(t, s, email)
	if err := s.SetPassword(t.Context(), login(t, s, email), "s3cr3t-mark-another"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), email, password); !errors.Is(err, kratostest.ErrWrongCredentials) {
		t.Errorf("the old password: %v", err)
	}
	must[kratostest.Session](t)(s.Login(t.Context(), email, "s3cr3t-mark-another"))
}
