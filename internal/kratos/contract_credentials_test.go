package kratos_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// plant writes credentials past the client.
func plant(t *testing.T, id string, plants ...func(context.Context, string) error) {
	t.Helper()
	for _, p := range plants {
		if err := p(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

func (b bench) totp(ctx context.Context, id string) error {
	_, err := b.PlantTOTP(ctx, id)
	return err
}

func (b bench) lookup(ctx context.Context, id string) error {
	return b.PlantLookupSecrets(ctx, id, mark+"-one", mark+"-two")
}

// keys counts WebAuthn keys to plant.
func (b bench) keys(secondFactor, passwordless int) func(context.Context, string) error {
	return func(ctx context.Context, id string) error { return b.PlantKeys(ctx, id, secondFactor, passwordless) }
}

// counts are credentials without the hash, and whether it is that of the mark.
type counts struct {
	Password bool
	kratos.Credentials
}

func (b bench) counts(t *testing.T, id string) counts {
	t.Helper()
	got := must[kratos.Credentials](t)(b.client.Credentials(t.Context(), id))
	c := counts{got.PasswordHash != "", got}
	if c.Password && !got.PasswordHash.Verifies(mark) {
		t.Error("the hash is another's")
	}
	c.PasswordHash = ""
	return c
}

func TestCredentials(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		password := []kratostest.Option{kratostest.WithPassword(mark)}
		for _, c := range []struct {
			name    string
			options []kratostest.Option
			plants  []func(context.Context, string) error
			want    counts
		}{
			{"nothing", nil, nil, counts{}},
			{"password", password, nil, counts{Password: true}},
			{"totp", nil, []func(context.Context, string) error{b.totp}, counts{Credentials: kratos.Credentials{TOTP: true}}},
			{"backup codes", nil, []func(context.Context, string) error{b.lookup}, counts{Credentials: kratos.Credentials{LookupSecret: true}}},
			{"keys", nil, []func(context.Context, string) error{b.keys(2, 1)},
				counts{Credentials: kratos.Credentials{SecondFactorKeys: 2, PasswordlessKeys: 1}}},
			{"passkey", nil, []func(context.Context, string) error{b.PlantPasskey}, counts{Credentials: kratos.Credentials{Passkeys: 1}}},
			{"all, and a social login", append(password, kratostest.WithOIDC("all", kratostest.Email(t))),
				[]func(context.Context, string) error{b.totp, b.lookup, b.keys(1, 0), b.PlantPasskey},
				counts{true, kratos.Credentials{TOTP: true, LookupSecret: true, SecondFactorKeys: 1, Passkeys: 1}}},
		} {
			t.Run(c.name, func(t *testing.T) {
				id, _ := b.person(t, c.options...)
				plant(t, id, c.plants...)
				if diff := cmp.Diff(c.want, b.counts(t, id)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

// TestDeleteSecondFactor: each type, and the same again.
func TestDeleteSecondFactor(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		full := kratos.Credentials{TOTP: true, LookupSecret: true, SecondFactorKeys: 2, PasswordlessKeys: 1, Passkeys: 1}
		none := want{kind: fault.NotFound, is: kratos.ErrNone, texts: []string{"no"}}
		for kind, c := range map[string]struct {
			left  func(kratos.Credentials) kratos.Credentials
			again *want // nil: done once more
		}{
			kratos.TOTP:         {func(c kratos.Credentials) kratos.Credentials { c.TOTP = false; return c }, &none},
			kratos.LookupSecret: {func(c kratos.Credentials) kratos.Credentials { c.LookupSecret = false; return c }, &none},
			kratos.WebAuthn:     {func(c kratos.Credentials) kratos.Credentials { c.SecondFactorKeys = 0; return c }, nil},
		} {
			t.Run(kind, func(t *testing.T) {
				id, _ := b.person(t, kratostest.WithPassword(mark))
				plant(t, id, b.totp, b.lookup, b.keys(2, 1), b.PlantPasskey)
				if err := b.client.DeleteCredential(t.Context(), id, kind, ""); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(counts{true, c.left(full)}, b.counts(t, id)); diff != "" {
					t.Error(diff)
				}
				err := b.client.DeleteCredential(t.Context(), id, kind, "")
				if c.again == nil {
					if err != nil {
						t.Error(err)
					}
					return
				}
				c.again.check(t, err)
			})
		}
	})
}

// TestDeleteWebAuthnOfUsername: where the schema gives no identifier for it there
// is nothing to remove.
func TestDeleteWebAuthnOfUsername(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id := must[string](t)(b.CreateIdentity(t.Context(), kratostest.UsernameSchema, map[string]any{"username": kratostest.Email(t)}))
		want{kind: fault.NotFound, is: kratos.ErrNone, texts: []string{"webauthn"}}.
			check(t, b.client.DeleteCredential(t.Context(), id, kratos.WebAuthn, ""))
	})
}

// TestDeleteFirstFactorRefused: in the words of the server, which differ.
func TestDeleteFirstFactorRefused(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id, _ := b.person(t, kratostest.WithPassword(mark))
		plant(t, id, b.PlantPasskey)
		for _, kind := range []string{kratos.Password, kratos.Code, kratos.Passkey} {
			err := b.client.DeleteCredential(t.Context(), id, kind, "")
			if errors.Is(err, kratos.ErrLastFirstFactor) {
				continue // what 26.2 says of the only password
			}
			want{kind: fault.Usage, texts: []string{"cannot remove the " + kind + " credential of identity"}}.check(t, err)
		}
		if got := b.counts(t, id); !got.Password || got.Passkeys != 1 {
			t.Errorf("left are %+v", got)
		}
	})
}

func TestDeleteSocialLogin(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		subject := "s+&=# " + kratostest.Email(t)
		id, _ := b.person(t, kratostest.WithPassword(mark), kratostest.WithOIDC("one", subject), kratostest.WithOIDC("two", subject))
		logins := func() []string { return must[kratos.Identity](t)(b.client.Identity(t.Context(), id)).SocialLogins() }
		if got := logins(); len(got) != 2 {
			t.Fatalf("social logins %q", got)
		}
		none := want{kind: fault.NotFound, is: kratos.ErrNone}
		none.check(t, b.client.DeleteCredential(t.Context(), id, kratos.OIDC, "three:"+subject))
		want{kind: fault.Usage, texts: []string{"You must provide an identifier"}}.
			check(t, b.client.DeleteCredential(t.Context(), id, kratos.OIDC, ""))
		if err := b.client.DeleteCredential(t.Context(), id, kratos.OIDC, "one:"+subject); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"two:" + subject}, logins()); diff != "" {
			t.Error(diff)
		}
		if err := b.client.DeleteCredential(t.Context(), id, kratos.OIDC, "two:"+subject); err != nil {
			t.Fatal(err)
		}
		if got := logins(); len(got) != 0 {
			t.Errorf("left are %q", got)
		}
		if got := b.counts(t, id); !got.Password {
			t.Error("the password is gone")
		}
	})
}

// TestDeleteLastSocialLogin: Kratos 1.3 locks the person out; 26.2 refuses.
func TestDeleteLastSocialLogin(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		login := "only:" + kratostest.Email(t)
		id, _ := b.person(t, kratostest.WithOIDC("only", strings.TrimPrefix(login, "only:")))
		left := []string{}
		if err := b.client.DeleteCredential(t.Context(), id, kratos.OIDC, login); err != nil {
			want{kind: fault.Precondition, is: kratos.ErrLastFirstFactor, texts: []string{"last first factor"}}.check(t, err)
			left = append(left, login)
		}
		if diff := cmp.Diff(left, must[kratos.Identity](t)(b.client.Identity(t.Context(), id)).SocialLogins()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSessions(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id, email := b.person(t, kratostest.WithPassword(mark))
		count := func() int { return must[int](t)(b.client.ActiveSessions(t.Context(), id)) }
		none := want{kind: fault.NotFound, is: kratos.ErrNone, texts: []string{"it has none"}}
		if n := count(); n != 0 {
			t.Errorf("%d sessions before any", n)
		}
		none.check(t, b.client.DeleteSessions(t.Context(), id))
		var tokens []string
		for range 3 {
			tokens = append(tokens, must[kratostest.Session](t)(b.Login(t.Context(), email, mark)).Token)
		}
		if n := count(); n != 3 {
			t.Errorf("%d sessions, want 3", n)
		}
		b.revokeOne(t, id)
		if n := count(); n != 2 {
			t.Errorf("%d sessions after one was revoked, want 2", n)
		}
		b.wantCountWhileDisabled(t, id, 2)
		if err := b.client.DeleteSessions(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 0 {
			t.Errorf("%d sessions after the end of all", n)
		}
		for _, token := range tokens {
			if status, _, _, err := b.Whoami(t.Context(), token); err != nil || status != http.StatusUnauthorized {
				t.Errorf("a session lives: %d, %v", status, err)
			}
		}
		none.check(t, b.client.DeleteSessions(t.Context(), id))
	})
}

// revokeOne ends one session past the client. Its row stays.
func (b bench) revokeOne(t *testing.T, id string) {
	t.Helper()
	_, body, err := b.Admin(t.Context(), http.MethodGet, "/admin/identities/"+id+"/sessions", nil)
	if err != nil {
		t.Fatal(err)
	}
	sessions := object(t, []byte(`{"all":`+string(body)+`}`))["all"].([]any)
	one := sessions[0].(map[string]any)["id"].(string)
	if status, body, err := b.Admin(t.Context(), http.MethodDelete, "/admin/sessions/"+one, nil); err != nil || status != http.StatusNoContent {
		t.Fatalf("%d %s %v", status, body, err)
	}
}

// wantCountWhileDisabled: a disabled identity's sessions rest and come back, so
// they count.
func (b bench) wantCountWhileDisabled(t *testing.T, id string, want int) {
	t.Helper()
	must[kratos.Identity](t)(b.client.SetState(t.Context(), id, kratos.Inactive))
	if n := must[int](t)(b.client.ActiveSessions(t.Context(), id)); n != want {
		t.Errorf("%d sessions while disabled, want %d", n, want)
	}
	must[kratos.Identity](t)(b.client.SetState(t.Context(), id, kratos.Active))
	if n := must[int](t)(b.client.ActiveSessions(t.Context(), id)); n != want {
		t.Errorf("%d sessions after that, want %d", n, want)
	}
}
