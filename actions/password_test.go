package actions_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestSetPassword(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		session := r.signsIn(email, oldPwd)

		got := r.must("reset-password", params{"email": email, "password": newPwd})

		r.signsIn(email, newPwd)
		r.refused(email, oldPwd)
		r.is(got, "identity-id", id)
		if got.Identity == nil || got.Get("sessions-invalidated") != nil {
			t := r.t
			t.Errorf("the identity is shown: %t; results %v", got.Identity != nil, got.Fields)
		}
		if !r.alive(session) {
			r.t.Error("the session has ended")
		}
		r.noted(got, "open sessions that stay valid: ")
		r.noted(got, "invalidate-sessions=true")
	})
}

// TestSetPasswordChangesNothingElse: what a replacement of the identity would
// wipe, or a sign-in needs beside the password, is all there still.
func TestSetPasswordChangesNothingElse(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd), kratostest.WithOIDC("github", email),
			kratostest.With("metadata_public", map[string]any{"team": "blue"}), kratostest.With("metadata_admin", []any{"a", 7}),
			kratostest.With("state", "inactive"),
			kratostest.With("verifiable_addresses", []any{map[string]any{"value": email, "via": "email", "verified": true, "status": "completed"}}))
		_, err := r.PlantTOTP(r.t.Context(), id)
		r.ok(err)
		r.ok(r.PlantLookupSecrets(r.t.Context(), id, "code-one"))
		everything := "?include_credential=totp&include_credential=lookup_secret&include_credential=webauthn"
		before := comparable(r.document(id, everything))

		got := r.must("reset-password", params{"identity-id": id, "password": newPwd})

		if diff := cmp.Diff(before, comparable(r.document(id, everything))); diff != "" {
			r.t.Errorf("(-before +after)\n%s", diff)
		}
		r.noted(got, "is still disabled")
		r.noted(got, "agent enable-identity identity-id "+id)
	})
}

// comparable leaves out of a document what every write changes.
func comparable(doc map[string]any) map[string]any {
	delete(doc, "updated_at")
	for _, c := range doc["credentials"].(map[string]any) {
		credential := c.(map[string]any)
		delete(credential, "updated_at")
		delete(credential, "created_at")
		delete(credential, "version")
	}
	return doc
}

func TestSetPasswordWhereNoneWas(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		r.person(email)
		r.must("reset-password", params{"email": email, "password": newPwd})
		r.signsIn(email, newPwd)
	})
}

func TestSetPasswordWithoutIdentifier(t *testing.T) {
	each(t, func(r *rig) {
		id := r.create(kratostest.NoIdentifierSchema, map[string]any{})
		r.fails("reset-password", params{"identity-id": id, "password": newPwd}, fault.Precondition,
			`schema "no_identifier" gives identity `+id+` nothing to sign in with beside a password`)
	})
}

// TestPasswordAtFullCost pays once for what operators get.
func TestPasswordAtFullCost(t *testing.T) {
	t.Parallel()
	r := newRig(t, kratostest.Shared(t)).with(func(e *actions.Env) { e.BcryptCost = 0 })
	email := r.email()
	id := r.person(email)
	r.must("reset-password", params{"email": email, "password": newPwd})
	r.signsIn(email, newPwd)
	credentials, err := r.env.Kratos.Credentials(t.Context(), id)
	r.ok(err)
	if cost, err := bcrypt.Cost([]byte(credentials.PasswordHash)); cost != 12 || err != nil {
		t.Errorf("cost %d, %v", cost, err)
	}
}

func TestPasswordFromSecret(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		r.person(email, kratostest.WithPassword(oldPwd))
		long := mark + strings.Repeat("x", 72-len(mark))
		kept := secrets{
			"good": {"password": newPwd}, "longest": {"password": long}, "other-key": {"pasword": newPwd, "user": "x"}, "empty": {"password": ""},
			"too-long": {"password": long + "x"}, "newline": {"password": newPwd + "\n"}, "latin-1": {"password": mark + "\xe4"},
			"cr": {"password": newPwd + "\r"}, "inside": {"password": mark + "\n" + mark}, "bom": {"password": "\ufeff" + mark}, "blank": {"password": "  "},
			"nothing": {},
		}
		r = r.with(func(e *actions.Env) { e.Secrets = kept })
		for secret, want := range map[string]string{
			"other-key": `the secret has no key "password" (its keys: pasword, user)`,
			"empty":     "the secret's password is empty",
			"too-long":  "the secret's password has 73 bytes, and at most 72 can be used",
			"newline":   "the secret's password ends with a newline",
			"latin-1":   "the secret's password is not valid UTF-8",
			"cr":        "the secret's password ends with a newline",
			"inside":    "the secret's password holds a control character",
			"bom":       "the secret's password begins with a byte order mark",
			"blank":     "the secret's password is blank",
			"nothing":   `the secret has no key "password" (its keys: none)`,
		} {
			r.fails("reset-password", params{"email": email, "password-secret-id": secret}, fault.Precondition, want)
		}
		r.fails("reset-password", params{"email": email, "password-secret-id": "missing"}, fault.NotFound, "no secret missing")
		r.fails("reset-password", params{"email": email, "password-secret-id": " "}, fault.Usage, "password-secret-id is empty")
		r.fails("reset-password", params{"email": email, "password-secret-id": "good", "password": newPwd}, fault.Usage, "not both")
		r.fails("reset-password", params{"email": email, "password": ""}, fault.Usage, "the password is empty")
		r.signsIn(email, oldPwd)

		r.must("reset-password", params{"email": email, "password-secret-id": "good"})
		r.signsIn(email, newPwd)
		r.must("reset-password", params{"email": email, "password-secret-id": "longest"})
		r.signsIn(email, long)
	})
}

func TestResetPasswordEndsSessions(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		r.person(email, kratostest.WithPassword(oldPwd))
		one, two := r.signsIn(email, oldPwd), r.signsIn(email, oldPwd)
		got := r.must("reset-password", params{"email": email, "password": newPwd, "invalidate-sessions": "true"})
		r.is(got, "sessions-invalidated", "2")
		if r.alive(one) || r.alive(two) {
			r.t.Error("a session lives")
		}
		r.is(r.must("reset-password", params{"email": email, "password": newPwd, "invalidate-sessions": true}), "sessions-invalidated", "0")
	})
}

// TestPasswordUndone: another change at the same time can undo this one, though
// Kratos answers both with success.
func TestPasswordUndone(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		other := r.faulty(faulty{after: func() {
			hash, err := bcrypt.GenerateFromPassword([]byte("another"), bcrypt.MinCost)
			r.ok(err)
			r.ok(r.Patch(r.t.Context(), id, "/credentials/password/config/hashed_password", string(hash)))
		}})
		// Something was changed, so the kind is partial.
		other.fails("reset-password", params{"email": email, "password": newPwd}, fault.Partial, "but another change undid it", "run the same command again")
		twice := other.faulty(faulty{deleteSessions: func() error { return fault.New(fault.Unavailable, "the server went away") }})
		twice.fails("reset-password", params{"email": email, "password": newPwd, "invalidate-sessions": true}, fault.Partial,
			"but another change undid it: the sessions of identity "+id+" may still be open: the server went away")

		// The same password hashed anew is no such case.
		again := r.faulty(faulty{after: func() {
			hash, err := bcrypt.GenerateFromPassword([]byte(newPwd), bcrypt.MinCost+1)
			r.ok(err)
			r.ok(r.Patch(r.t.Context(), id, "/credentials/password/config/hashed_password", string(hash)))
		}})
		again.must("reset-password", params{"email": email, "password": newPwd})
	})
}

func TestPasswordSetThenFault(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		away := fault.New(fault.Unavailable, "the server went away")
		blind := r.faulty(faulty{credentials: func() error { return away }})
		got := blind.fails("reset-password", params{"email": email, "password": newPwd}, fault.Partial,
			"the password was set, but could not be looked at again: the server went away")
		r.is(got, "identity-id", id)
		r.signsIn(email, newPwd)

		stuck := r.faulty(faulty{deleteSessions: func() error { return away }})
		got = stuck.fails("reset-password", params{"email": email, "password": oldPwd, "invalidate-sessions": true}, fault.Partial,
			"the password was set: the sessions of identity "+id+" may still be open: the server went away", "agent invalidate-identity-sessions identity-id "+id)
		r.is(got, "identity-id", id)

		// What only serves to show, or to make sure, keeps no session open.
		for _, f := range []faulty{{credentials: func() error { return away }}, {identity: secondTime(away)}} {
			session := r.signsIn(email, oldPwd)
			r.faulty(f).fails("reset-password", params{"identity-id": id, "password": oldPwd, "invalidate-sessions": true}, fault.Partial, "the server went away")
			if r.alive(session) {
				r.t.Error("the session lives")
			}
		}

		// A count that cannot be had fails nothing.
		uncounted := r.faulty(faulty{sessions: func() error { return away }})
		r.noted(uncounted.must("reset-password", params{"email": email, "password": newPwd}), "sessions that are open stay valid")
	})
}

// secondTime fails from the second call on.
func secondTime(err error) func() error {
	calls := 0
	return func() error {
		if calls++; calls > 1 {
			return err
		}
		return nil
	}
}

func TestCreateAdmin(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		name := strings.TrimSuffix(email, "@example.com")
		got := r.must("create-admin-account", params{"username": name, "email": " " + email, "password": newPwd, "name": "Admin A", "phone-number": "+155512345"})
		r.is(got, "created", "true")
		r.signsIn(email, newPwd)
		r.signsIn(name, newPwd)
		if got.Get("recovery-link") != nil {
			r.t.Error("a recovery link is issued beside a password")
		}
		want := map[string]any{"username": name, "email": email, "name": "Admin A", "phone_number": "+155512345"}
		if diff := cmp.Diff(want, r.document(got.Get("identity-id").(string), "")["traits"]); diff != "" {
			r.t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestCreateAdminWithoutPassword(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		given := params{"username": "n" + email, "email": email}
		got := r.must("create-admin-account", given)
		r.is(got, "created", "true")
		id, err := r.UseRecoveryCode(r.t.Context(), got.Get("recovery-link").(string), got.Get("recovery-code").(string))
		if err != nil || id != got.Get("identity-id") {
			r.t.Errorf("the code signed in %q: %v", id, err)
		}

		again := r.must("create-admin-account", given)
		r.is(again, "created", "false")
		r.is(again, "identity-id", id)
		if again.Get("recovery-code") == got.Get("recovery-code") {
			r.t.Error("no new code")
		}

		finished := r.must("create-admin-account", and(and(given, "password", newPwd), "name", "A"))
		r.is(finished, "created", "false")
		r.noted(finished, "its name and phone number are left as they are")
		r.signsIn(email, newPwd)

		r.fails("create-admin-account", given, fault.Conflict, "identity "+id+` (schema "admin_v0") has this username and email already`,
			"agent reset-password identity-id "+id)
	})
}

func TestCreateAdminConflicts(t *testing.T) {
	each(t, func(r *rig) {
		email, other := r.email(), r.email()
		first := r.must("create-admin-account", params{"username": "n" + email, "email": email})
		second := r.must("create-admin-account", params{"username": "n" + other, "email": other})
		one, two := first.Get("identity-id").(string), second.Get("identity-id").(string)
		r.fails("create-admin-account", params{"username": "m" + email, "email": email}, fault.Conflict, one)
		r.fails("create-admin-account", params{"username": "n" + email, "email": other}, fault.Conflict, one, two, "agent get-identity")
		r.fails("create-admin-account", params{"username": email, "email": r.email()}, fault.Conflict, one)

		otherSchema := r.email()
		r.create(kratostest.UsernameSchema, map[string]any{"username": otherSchema})
		r.fails("create-admin-account", params{"username": otherSchema, "email": r.email()}, fault.Conflict, `(schema "username_only") has this username already`)

		person := r.email()
		id := r.person(person)
		r.fails("create-admin-account", params{"username": "n" + person, "email": person}, fault.Conflict, id)

		contact := r.email()
		r.create(kratostest.ContactSchema, map[string]any{"username": "x" + contact, "contact_email": contact})
		r.fails("create-admin-account", params{"username": "n" + contact, "email": contact}, fault.Conflict, "recovery or verification address, which cannot be looked up")

		linked := r.email()
		social := r.create(kratostest.AdminSchema, map[string]any{"username": "n" + linked, "email": linked}, kratostest.WithOIDC("github", linked))
		r.fails("create-admin-account", params{"username": "n" + linked, "email": linked}, fault.Conflict, social)
	})
}

func TestCreateAdminRefuses(t *testing.T) {
	each(t, func(r *rig) {
		good := params{"username": "n" + r.email(), "email": r.email()}
		r.fails("create-admin-account", params{"username": "a"}, fault.Usage, "create-admin-account needs the parameter email")
		r.fails("create-admin-account", and(good, "username", " "), fault.Usage, "username is empty")
		r.fails("create-admin-account", and(good, "email", ""), fault.Usage, "email is empty")
		r.fails("create-admin-account", and(good, "schema-id", ""), fault.Usage, "schema-id is empty")
		r.fails("create-admin-account", and(good, "schema-id", "nope"), fault.Usage, "nope", "schema-id=NAME")
		r.fails("create-admin-account", and(good, "email", "no-address"), fault.Usage, "no-address", "email")
		r.fails("create-admin-account", and(good, "expires-in", "0s"), fault.Usage, `expires-in "0s" is not above 0`)
		r.fails("create-admin-account", and(good, "password", "x\n"), fault.Usage, "ends with a newline")
		r.fails("get-identity", params{"email": good["email"]}, fault.NotFound)
	})
}

func TestCreateAdminInASchemaWithoutIdentifiers(t *testing.T) {
	each(t, func(r *rig) {
		got := r.fails("create-admin-account", params{"username": "a", "email": r.email(), "schema-id": kratostest.NoIdentifierSchema, "password": newPwd},
			fault.Partial, "nothing to sign in with beside a password")
		r.is(got, "created", "true")
		if r.document(got.Get("identity-id").(string), "") == nil {
			r.t.Error("the identity that is told of is not there")
		}
	})
}

func TestCreateAdminCutBeforeTheCode(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		given := params{"username": "n" + email, "email": email}
		away := fault.New(fault.Unavailable, "the server went away")
		cut := r.faulty(faulty{recovery: func() error { return away }})
		got := cut.fails("create-admin-account", given, fault.Partial, "is there, but has no password and no recovery code: the server went away")
		r.is(got, "created", "true")
		again := r.must("create-admin-account", given)
		r.is(again, "identity-id", got.Get("identity-id").(string))
		r.is(again, "created", "false")
	})
}

// TestFinishAnAdminWithoutPasswordIdentifier: Kratos would answer with success
// and store nothing.
func TestFinishAnAdminWithoutPasswordIdentifier(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		given := params{"username": "n" + email, "email": email}
		r.must("create-admin-account", given)
		code := r.faulty(faulty{find: func(found []kratos.Identity) []kratos.Identity {
			found[0].Identifiers = map[string][]string{kratos.Code: {email, "n" + email}}
			return found
		}})
		code.fails("create-admin-account", and(given, "password", newPwd), fault.Precondition, "nothing to sign in with beside a password")
		r.refused(email, newPwd)
	})
}

func TestFinishADisabledAdmin(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		given := params{"username": "n" + email, "email": email}
		made := r.must("create-admin-account", given)
		id := made.Get("identity-id").(string)
		r.ok(r.Patch(r.t.Context(), id, "/state", "inactive"))
		r.fails("create-admin-account", given, fault.Precondition, "is disabled", "agent enable-identity identity-id "+id)
		dry := r.with(func(e *actions.Env) { e.DryRun = true })
		dry.fails("create-admin-account", given, fault.Precondition, "is disabled")
		r.noted(r.must("create-admin-account", and(given, "password", newPwd)), "is still disabled")
		if _, err := r.Login(r.t.Context(), email, newPwd); !errors.Is(err, kratostest.ErrAccountDisabled) {
			r.t.Errorf("the account is not disabled: %v", err)
		}
		if status, _, err := r.Admin(r.t.Context(), http.MethodGet, "/admin/identities/"+id, nil); status != http.StatusOK || err != nil {
			r.t.Errorf("status %d, %v", status, err)
		}
	})
}
