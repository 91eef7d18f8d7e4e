package actions_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestListOIDC(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithOIDC("github", email), kratostest.WithOIDC("google", "G-"+email))
		for _, given := range []params{{"identity-id": id}, {"email": email}} {
			got := r.must("list-oidc-accounts", given)
			r.is(got, "identifiers", "github:"+email+"\ngoogle:G-"+email)
			r.is(got, "count", "2")
		}
		none := r.must("list-oidc-accounts", params{"identity-id": r.person(r.email())})
		r.is(none, "count", "0")
		r.is(none, "identifiers", "")
		r.noted(none, "has no social logins")
	})
}

func TestUnlinkOIDC(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		one, two := "github:"+email, "google:"+email
		id := r.person(email, kratostest.WithOIDC("github", email), kratostest.WithOIDC("google", email))
		r.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:other"}, fault.NotFound, `has no social login "github:other"`, one+", "+two)
		r.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": " "}, fault.Usage, "credential-id is empty")
		r.fails("unlink-oidc-account", params{"identity-id": id}, fault.Usage, "needs the parameter credential-id")

		got := r.must("unlink-oidc-account", params{"email": email, "credential-id": one})
		r.is(got, "unlinked", one)
		r.is(r.must("list-oidc-accounts", params{"identity-id": id}), "identifiers", two)

		r.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": two}, fault.Precondition,
			`"`+two+`" is the last way in for identity `+id, "set a password first: agent reset-password identity-id "+id, "force=true")
		r.is(r.must("list-oidc-accounts", params{"identity-id": id}), "count", "1")
	})
}

// TestUnlinkTheLastOIDC: with another way in it goes, and what one server line
// leaves behind is not listed.
func TestUnlinkTheLastOIDC(t *testing.T) {
	each(t, func(r *rig) {
		for name, prepare := range map[string]func(id string){
			"password":         func(id string) { r.must("reset-password", params{"identity-id": id, "password": oldPwd}) },
			"passwordless key": func(id string) { r.ok(r.PlantPasswordlessKey(r.t.Context(), id)) },
			"passkey":          func(id string) { r.ok(r.PlantPasskey(r.t.Context(), id)) },
		} {
			email := r.email()
			id := r.person(email, kratostest.WithOIDC("github", email))
			prepare(id)
			got := r.must("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:" + email})
			r.is(got, "unlinked", "github:"+email)
			if got := r.must("list-oidc-accounts", params{"identity-id": id}); got.Get("count") != 0 {
				r.t.Errorf("%s: still listed: %v", name, got.Get("identifiers"))
			}
			r.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:" + email}, fault.NotFound, "nor any other")
		}
	})
}

// TestASecurityKeyIsNoWayIn: it is a second factor.
func TestASecurityKeyIsNoWayIn(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithOIDC("github", email))
		r.ok(r.PlantSecurityKey(r.t.Context(), id))
		r.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:" + email}, fault.Precondition, "is the last way in")
	})
}

// TestForceUnlink: Kratos 1.3 lets the last way in go, 26 refuses with its own
// reason.
func TestForceUnlink(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithOIDC("github", email))
		given := params{"identity-id": id, "credential-id": "github:" + email, "force": "true"}
		got, err := r.do("unlink-oidc-account", given)
		if err != nil {
			r.fails("unlink-oidc-account", given, fault.Precondition, "You cannot remove the last first factor credential.", "set a password first")
			return
		}
		r.is(got, "unlinked", "github:"+email)
		r.noted(got, "nobody can sign in as identity "+id+" now; to set a password: agent reset-password identity-id "+id)
		r.is(r.must("list-oidc-accounts", params{"identity-id": id}), "count", "0")
	})
}

// TestUnlinkThenFault: what is done is told, though it cannot be looked at.
func TestUnlinkThenFault(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd), kratostest.WithOIDC("github", email))
		blind := r.faulty(faulty{identity: secondTime(fault.New(fault.Unavailable, "the server went away"))})
		got := blind.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:" + email}, fault.Partial, "was unlinked, but")
		r.is(got, "unlinked", "github:"+email)
	})
}

// TestForceUnlinkRefusedByTheServer is the answer of the line 26 (recorded in
// the adapter's tests), as the action tells it.
func TestForceUnlinkRefusedByTheServer(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithOIDC("github", email))
		strict := r.faulty(faulty{deleteCredential: func(string) error {
			return fault.New(fault.Precondition, "cannot remove it").Because(kratos.ErrLastFirstFactor)
		}})
		strict.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:" + email, "force": true}, fault.Precondition,
			"cannot remove it", "set a password first: agent reset-password identity-id "+id)
	})
}

// TestUnlinkUndone: on Kratos 1.3 a change at the same time brings the link
// back, though both were answered with success.
func TestUnlinkUndone(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd), kratostest.WithOIDC("github", email))
		undone := r.faulty(faulty{after: func() {
			provider := map[string]any{"provider": "github", "subject": email}
			r.ok(r.Patch(r.t.Context(), id, "/credentials/oidc", map[string]any{
				"type": "oidc", "identifiers": []string{"github:" + email}, "config": map[string]any{"providers": []any{provider}},
			}))
		}})
		got := undone.fails("unlink-oidc-account", params{"identity-id": id, "credential-id": "github:" + email}, fault.Partial, "but another change undid it")
		if got.Get("unlinked") != nil {
			r.t.Error("it is said to be unlinked")
		}
	})
}
