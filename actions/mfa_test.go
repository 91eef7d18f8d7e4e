package actions_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// withEverything creates a person with each second factor, a passwordless key
// and a passkey.
func (r *rig) withEverything(email string) (id string) {
	r.t.Helper()
	id = r.person(email, kratostest.WithPassword(oldPwd))
	_, err := r.PlantTOTP(r.t.Context(), id)
	r.ok(err)
	r.ok(r.PlantLookupSecrets(r.t.Context(), id, "code-one", "code-two"))
	r.ok(r.PlantKeys(r.t.Context(), id, 1, 1))
	r.ok(r.PlantPasskey(r.t.Context(), id))
	return id
}

// asked tells whether a sign-in with the password is asked for a second factor.
func (r *rig) asked(email string) bool {
	r.t.Helper()
	_, _, asked, err := r.Whoami(r.t.Context(), r.signsIn(email, oldPwd).Token)
	r.ok(err)
	return asked
}

func TestResetMFA(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		_, err := r.EnrolTOTP(r.t.Context(), r.signsIn(email, oldPwd).Token)
		r.ok(err)
		if !r.asked(email) {
			r.t.Fatal("the server asks for no second factor to begin with")
		}
		got := r.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": "totp"})
		r.is(got, "removed", "totp")
		r.is(got, "kept", "")
		r.noted(got, "open sessions that stay valid: ")
		r.noted(got, "agent invalidate-identity-sessions identity-id "+id)
		if r.asked(email) {
			r.t.Error("a second factor is still asked for")
		}
		again := r.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": "totp"})
		r.is(again, "removed", "")
		r.noted(again, "identity "+id+" has no totp to remove")
	})
}

func TestResetMFAOneByOne(t *testing.T) {
	each(t, func(r *rig) {
		id := r.withEverything(r.email())
		for _, c := range []struct{ mfaType, kept, remains string }{
			{"totp", "", "still asked for: lookup_secret, webauthn; mfa-type=all removes every one"},
			{"webauthn", "webauthn: passwordless keys are a first factor\npasskey: passkeys are a first factor", "still asked for: lookup_secret;"},
			{"lookup_secret", "", ""},
		} {
			got := r.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": c.mfaType})
			r.is(got, "removed", c.mfaType)
			r.is(got, "kept", c.kept)
			if c.remains != "" {
				r.noted(got, c.remains)
			}
		}
		got := r.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": "webauthn"})
		r.noted(got, "has no webauthn to remove")
		left, err := r.env.Kratos.Credentials(r.t.Context(), id)
		r.ok(err)
		if left.PasswordlessKeys != 1 || left.Passkeys != 1 || left.TOTP || left.LookupSecret || left.SecondFactorKeys != 0 {
			r.t.Errorf("left: %d passwordless keys, %d passkeys, totp %t, lookup_secret %t, %d security keys",
				left.PasswordlessKeys, left.Passkeys, left.TOTP, left.LookupSecret, left.SecondFactorKeys)
		}
	})
}

func TestResetAllMFA(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.withEverything(email)
		got := r.must("reset-identity-mfa", params{"email": email, "mfa-type": "all"})
		r.is(got, "removed", "totp\nlookup_secret\nwebauthn")
		r.is(got, "kept", "webauthn: passwordless keys are a first factor\npasskey: passkeys are a first factor")
		left, err := r.env.Kratos.Credentials(r.t.Context(), id)
		r.ok(err)
		if left.TOTP || left.LookupSecret || left.SecondFactorKeys != 0 || left.PasswordlessKeys != 1 || left.Passkeys != 1 {
			r.t.Errorf("left: totp %t, lookup_secret %t, %d security keys, %d passwordless, %d passkeys",
				left.TOTP, left.LookupSecret, left.SecondFactorKeys, left.PasswordlessKeys, left.Passkeys)
		}
		again := r.must("reset-identity-mfa", params{"email": email, "mfa-type": "all"})
		r.noted(again, "has no second factor to remove")
	})
}

func TestResetMFARefuses(t *testing.T) {
	each(t, func(r *rig) {
		id := r.person(r.email())
		r.fails("reset-identity-mfa", params{"identity-id": id}, fault.Usage, "needs the parameter mfa-type")
		r.fails("reset-identity-mfa", params{"identity-id": id, "mfa-type": "sms"}, fault.Usage, "must be one of totp, lookup_secret, webauthn, all")
	})
}

func TestResetMFACutMidway(t *testing.T) {
	each(t, func(r *rig) {
		id := r.withEverything(r.email())
		cut := r.faulty(faulty{deleteCredential: func(credentialType string) error {
			if credentialType == kratos.LookupSecret {
				return fault.New(fault.Unavailable, "the server went away")
			}
			return nil
		}})
		got := cut.fails("reset-identity-mfa", params{"identity-id": id, "mfa-type": "all"}, fault.Partial, "totp removed; then: the server went away")
		r.is(got, "removed", "totp")
		r.is(r.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": "all"}), "removed", "lookup_secret\nwebauthn")
	})
}

// TestResetMFABesideAnother: what somebody else has just removed is gone.
func TestResetMFABesideAnother(t *testing.T) {
	each(t, func(r *rig) {
		id := r.withEverything(r.email())
		first := true
		beside := r.faulty(faulty{deleteCredential: func(string) error {
			if first {
				first = false
				r.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": "all"})
			}
			return nil
		}})
		r.is(beside.must("reset-identity-mfa", params{"identity-id": id, "mfa-type": "totp"}), "removed", "totp")
	})
}

// TestResetMFAUndone: a change at the same time can bring a factor back.
func TestResetMFAUndone(t *testing.T) {
	each(t, func(r *rig) {
		id := r.withEverything(r.email())
		undone := r.faulty(faulty{after: func() {
			_, err := r.PlantTOTP(r.t.Context(), id)
			r.ok(err)
			r.ok(r.PlantLookupSecrets(r.t.Context(), id, "code-one"))
		}})
		got := undone.fails("reset-identity-mfa", params{"identity-id": id, "mfa-type": "all"}, fault.Partial,
			"totp, lookup_secret: removed from identity "+id+", but there still or again", "run the same command again")
		r.is(got, "removed", "webauthn")
	})
}
