package kratos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// issue is one of the two recovery methods of a client.
type issue func(ctx context.Context, id string, expiresIn time.Duration) (kratos.Recovery, error)

func TestRecovery(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		for _, m := range []struct {
			name  string
			issue issue
		}{{"code", b.client.RecoveryCode}, {"link", b.client.RecoveryLink}} {
			t.Run(m.name, func(t *testing.T) {
				id, _ := b.person(t)
				lifetime := 90*time.Minute + 1500*time.Millisecond
				earliest := time.Now().Add(lifetime)
				got := must[kratos.Recovery](t)(m.issue(t.Context(), id, lifetime))
				if got.ExpiresAt.Before(earliest.Add(-time.Second)) || got.ExpiresAt.After(time.Now().Add(lifetime+time.Second)) || got.ExpiresAt.Location() != time.UTC {
					t.Errorf("expires at %s, want about %s", got.ExpiresAt, earliest.UTC())
				}
				if (got.Code != "") != (m.name == "code") {
					t.Errorf("a code of %d digits", len(got.Code))
				}
				if signedIn := must[string](t)(b.recover(t.Context(), got)); signedIn != id {
					t.Errorf("it signs in %s, want %s", signedIn, id)
				}
				want{kind: fault.Usage, texts: []string{"recovery " + m.name, "result to a future time: 0s"}}.
					check(t, second(m.issue(t.Context(), id, 0)))
			})
		}
	})
}

func second[T any](_ T, err error) error { return err }

func (b bench) recover(ctx context.Context, r kratos.Recovery) (string, error) {
	if r.Code == "" {
		return b.OpenRecoveryLink(ctx, r.Link)
	}
	return b.UseRecoveryCode(ctx, r.Link, r.Code)
}

// TestRecoverySettings: a server that has a method, or the page, switched off.
func TestRecoverySettings(t *testing.T) {
	t.Parallel()
	const page, code, link = "selfservice.flows.recovery.ui_url", "selfservice.methods.code.enabled", "selfservice.methods.link.enabled"
	for _, binary := range kratostest.Binaries(t) {
		for _, s := range []struct {
			name       string
			settings   map[string]any
			code, link *want // nil: issued
		}{
			{"no code", map[string]any{code: false},
				&want{kind: fault.Precondition, is: kratos.ErrDisabled, texts: []string{code, "disabled by system administrator"}, hints: []string{code, "recovery-method link"}}, nil},
			{"no link", map[string]any{link: false},
				nil, &want{kind: fault.Precondition, is: kratos.ErrDisabled, texts: []string{link, "disabled by system administrator"}, hints: []string{link, "recovery-method code"}}},
			{"no page", map[string]any{page: nil},
				&want{kind: fault.Precondition, texts: []string{"www.ory.sh"}, hints: []string{page}}, nil},
		} {
			t.Run(s.name, func(t *testing.T) {
				server := kratostest.New(t, kratostest.Config{Binary: binary, Settings: s.settings})
				b := bench{server, newClient(t, server.AdminURL)}
				id, _ := b.person(t)
				b.wantIssued(t, id, b.client.RecoveryCode, s.code)
				b.wantIssued(t, id, b.client.RecoveryLink, s.link)
			})
		}
	}
}

func (b bench) wantIssued(t *testing.T, id string, issue issue, refused *want) {
	t.Helper()
	got, err := issue(t.Context(), id, time.Hour)
	if refused != nil {
		refused.check(t, err)
		if got != (kratos.Recovery{}) {
			t.Errorf("issued %+v all the same", got)
		}
		return
	}
	if err != nil || got.Link == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestPublicPort: what is often given by mistake.
func TestPublicPort(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id, _ := b.person(t)
		wrong := newClient(t, b.PublicURL)
		redirect := want{
			kind: fault.Unavailable, texts: []string{b.PublicURL + " answered 307", b.AdminURL, "public port"},
			hints: []string{"KRATOS_ADMIN_URL", "4434"},
		}
		redirect.check(t, second(wrong.Identity(t.Context(), id)))
		redirect.check(t, second(wrong.FindIdentities(t.Context(), "a@example.com")))
		redirect.check(t, second(wrong.SetPasswordHash(t.Context(), id, mark)))
		redirect.check(t, wrong.DeleteIdentity(t.Context(), id))
		if state := b.document(t, id)["state"]; state != kratos.Active {
			t.Errorf("the identity is %s", state)
		}
		elsewhere := want{kind: fault.Unavailable, texts: []string{"/nowhere"}, hints: []string{"KRATOS_ADMIN_URL"}, not: []string{"public port"}}
		elsewhere.check(t, second(newClient(t, b.AdminURL+"/nowhere").Identity(t.Context(), id)))
		for _, ending := range []string{"/", "/admin", "/admin/"} {
			if got := must[kratos.Identity](t)(newClient(t, b.AdminURL+ending).Identity(t.Context(), id)); !strings.EqualFold(got.ID, id) {
				t.Errorf("%s: identity %s", ending, got.ID)
			}
		}
	})
}
