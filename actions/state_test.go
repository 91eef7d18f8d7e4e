package actions_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestDisableAndEnable(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		session := r.signsIn(email, oldPwd)

		got := r.must("disable-identity", params{"email": email})
		r.is(got, "state", "inactive")
		r.is(got, "sessions-invalidated", "1")
		if _, err := r.Login(r.t.Context(), email, oldPwd); !errors.Is(err, kratostest.ErrAccountDisabled) {
			r.t.Errorf("the sign-in was not refused: %v", err)
		}
		again := r.must("disable-identity", params{"identity-id": id})
		r.is(again, "sessions-invalidated", "0")
		r.noted(again, "identity "+id+" is inactive already")

		r.is(r.must("enable-identity", params{"email": email}), "state", "active")
		r.signsIn(email, oldPwd)
		if r.alive(session) {
			r.t.Error("the session has come back")
		}
		r.noted(r.must("enable-identity", params{"email": email}), "is active already")
	})
}

func TestDisableKeepingSessions(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		session := r.signsIn(email, oldPwd)
		got := r.must("disable-identity", params{"email": email, "invalidate-sessions": "false"})
		if got.Get("sessions-invalidated") != nil {
			r.t.Errorf("results %v", got.Fields)
		}
		r.noted(got, "open sessions come back when the identity is enabled; to end them for good: agent invalidate-identity-sessions identity-id "+id)
		if r.alive(session) {
			r.t.Error("the session of a disabled identity lives")
		}
		r.must("enable-identity", params{"email": email})
		if !r.alive(session) {
			r.t.Error("the session has not come back")
		}
	})
}

// TestDisableEndsSessionsOfBefore: an earlier run was cut after the state.
func TestDisableEndsSessionsOfBefore(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		session := r.signsIn(email, oldPwd)
		away := r.faulty(faulty{deleteSessions: func() error { return fault.New(fault.Unavailable, "the server went away") }})
		got := away.fails("disable-identity", params{"identity-id": id}, fault.Partial, "the identity is disabled, but its sessions may come back with it", "agent invalidate-identity-sessions identity-id "+id)
		r.is(got, "state", "inactive")
		r.must("disable-identity", params{"identity-id": id})
		r.must("enable-identity", params{"identity-id": id})
		if r.alive(session) {
			r.t.Error("the session has come back")
		}
	})
}

func TestStateUndone(t *testing.T) {
	each(t, func(r *rig) {
		id := r.person(r.email())
		undone := r.faulty(faulty{after: func() { r.ok(r.Patch(r.t.Context(), id, "/state", "active")) }})
		got := undone.fails("disable-identity", params{"identity-id": id}, fault.Partial, "was set to inactive, but another change undid it")
		r.is(got, "state", "active")
		calls := 0
		blind := r.faulty(faulty{identity: func() error {
			if calls++; calls > 1 {
				return fault.New(fault.Unavailable, "the server went away")
			}
			return nil
		}})
		got = blind.fails("disable-identity", params{"identity-id": id}, fault.Partial, "the state was set to inactive, but could not be looked at again")
		r.is(got, "state", "inactive")
	})
}

func TestInvalidateSessions(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.WithPassword(oldPwd))
		one, two := r.signsIn(email, oldPwd), r.signsIn(email, oldPwd)
		got := r.must("invalidate-identity-sessions", params{"email": email})
		r.is(got, "sessions-invalidated", "2")
		if r.alive(one) || r.alive(two) {
			r.t.Error("a session lives")
		}
		again := r.must("invalidate-identity-sessions", params{"identity-id": id})
		r.is(again, "sessions-invalidated", "0")
		r.noted(again, "identity "+id+" has no open sessions")

		// One that was opened after the count is ended too.
		var late kratostest.Session
		behind := r.faulty(faulty{deleteSessions: func() error { late = r.signsIn(email, oldPwd); return nil }})
		behind.must("invalidate-identity-sessions", params{"identity-id": id})
		if r.alive(late) {
			r.t.Error("a session that was opened meanwhile lives")
		}

		// Those that somebody else ended meanwhile are not claimed.
		r.signsIn(email, oldPwd)
		faster := r.faulty(faulty{deleteSessions: func() error {
			r.must("invalidate-identity-sessions", params{"identity-id": id})
			return nil
		}})
		r.is(faster.must("invalidate-identity-sessions", params{"identity-id": id}), "sessions-invalidated", "0")
	})
}

func TestManySessionsAreCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t, kratostest.Shared(t))
	email := r.email()
	r.person(email, kratostest.WithPassword(oldPwd))
	const many = 260 // more than a page
	for range many {
		r.signsIn(email, oldPwd)
	}
	r.is(r.must("invalidate-identity-sessions", params{"email": email}), "sessions-invalidated", "260")
}

func TestDelete(t *testing.T) {
	each(t, func(r *rig) {
		for _, action := range []string{"delete-identity", "delete-user"} {
			email := r.email()
			id := r.person(email, kratostest.WithPassword(oldPwd))
			session := r.signsIn(email, oldPwd)
			got := r.must(action, params{"email": email})
			r.is(got, "id", id)
			if r.document(id, "") != nil || r.alive(session) {
				r.t.Errorf("%s: the identity or its session lives", action)
			}
		}
	})
}

func TestDeleteWhatIsNotThere(t *testing.T) {
	each(t, func(r *rig) {
		const unknown = "00000000-0000-4000-8000-000000000000"
		email := r.email()
		r.fails("delete-identity", params{"email": email}, fault.NotFound, "nobody signs in with")
		for action, given := range map[string]params{
			"delete-user":     {"email": email},
			"delete-identity": {"email": email, "ignore-missing": "true"},
		} {
			got := r.must(action, given)
			r.noted(got, `nobody signs in with "`+email+`": nothing to delete (an address that is only in traits`)
			if got.Get("id") != nil {
				r.t.Errorf("%s: something is said to be deleted: %v", action, got.Fields)
			}
		}
		r.noted(r.must("delete-user", params{"identity-id": unknown}), "there is no identity "+unknown+": nothing to delete")
		r.fails("delete-user", params{"email": email, "ignore-missing": false}, fault.NotFound, "nobody signs in with")
		r.fails("delete-user", params{"email": ""}, fault.Usage, "email is empty")

		// One whose identity is known by another name is not missing.
		linked := r.person(r.email(), kratostest.WithOIDC("github", email))
		r.fails("delete-user", params{"email": "github:" + email}, fault.NotFound, linked, "give identity-id")

		gone := r.faulty(faulty{deleteIdentity: func() error {
			return fault.New(fault.NotFound, "cannot delete the identity").Because(kratos.ErrNoIdentity)
		}})
		id := r.person(email)
		gone.fails("delete-identity", params{"identity-id": id}, fault.NotFound, "there is no identity "+id)
		r.noted(gone.must("delete-user", params{"identity-id": id}), "was deleted by somebody else meanwhile")
	})
}

// TestDryRun: each action tells what it would do, and does nothing.
func TestDryRun(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.withEverything(email)
		r.ok(r.Patch(r.t.Context(), id, "/credentials/oidc", map[string]any{"type": "oidc", "identifiers": []string{"github:" + email},
			"config": map[string]any{"providers": []any{map[string]any{"provider": "github", "subject": email}}}}))
		session := r.signsIn(email, oldPwd)
		before := r.document(id, "")
		dry := r.with(func(e *actions.Env) {
			e.DryRun = true
			e.Confirm = func(ctx context.Context, question string) error { return errors.New("a dry run asks nothing") }
		})
		only := r.email()
		r.person(only, kratostest.WithOIDC("github", only))
		off := r.email()
		r.person(off, kratostest.With("state", "inactive"))
		for _, c := range []struct {
			name  string
			given params
			would string
		}{
			{"create-admin-account", params{"username": "n" + email, "email": "n" + email}, "create an identity for n" + email},
			{"invite-user", params{"email": "n" + email}, "create an identity for n" + email},
			{"invite-user", params{"email": email}, "issue a recovery link for identity " + id},
			{"reset-password", params{"email": email}, "issue a recovery code for identity " + id},
			{"reset-password", params{"email": email, "password": newPwd}, "set the password of identity " + id},
			{"reset-identity-mfa", params{"email": email, "mfa-type": "all"}, "remove totp, lookup_secret, webauthn from identity " + id},
			{"invalidate-identity-sessions", params{"email": email}, "end the open sessions (1) of identity " + id},
			{"delete-identity", params{"email": email}, "delete identity " + id},
			{"disable-identity", params{"email": email}, "disable identity " + id},
			{"enable-identity", params{"email": off}, "enable identity "},
			{"reset-password", params{"email": email, "invalidate-sessions": true}, "issue a recovery code for identity " + id + " (" + email + ") and end its sessions"},
			{"unlink-oidc-account", params{"email": email, "credential-id": "github:" + email}, "unlink github:" + email},
			{"unlink-oidc-account", params{"email": only, "credential-id": "github:" + only, "force": true}, "unlink github:" + only + " from identity "},
		} {
			got := dry.must(c.name, c.given)
			r.noted(got, "dry run: would "+c.would)
			if c.given["force"] == true {
				r.noted(got, ", whose last way in it is")
			}
			if got.Changed {
				r.t.Errorf("%s has changed something", c.name)
			}
		}
		after := r.document(id, "")
		if before["updated_at"] != after["updated_at"] || !r.alive(session) {
			r.t.Error("the identity or its session has changed")
		}
		r.fails("get-identity", params{"email": "n" + email}, fault.NotFound)
	})
}

func TestConfirm(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.withEverything(email)
		no := fault.New(fault.Cancelled, "no")
		var asked []string
		refusing := r.with(func(e *actions.Env) {
			e.Confirm = func(_ context.Context, question string) error { asked = append(asked, question); return no }
		})
		for _, c := range []struct {
			name  string
			given params
		}{
			{"delete-identity", params{"email": email}}, {"delete-user", params{"email": email}}, {"disable-identity", params{"email": email}},
			{"reset-identity-mfa", params{"email": email, "mfa-type": "all"}},
		} {
			if got := refusing.fails(c.name, c.given, fault.Cancelled, "no"); got.Changed {
				r.t.Errorf("%s has changed something", c.name)
			}
		}
		if len(asked) != 4 || r.document(id, "")["state"] != "active" {
			r.t.Errorf("asked %q", asked)
		}
		// What is harmless, or has nothing to do, asks nothing.
		asked = nil
		refusing.must("enable-identity", params{"email": email})
		refusing.must("reset-identity-mfa", params{"identity-id": r.person(r.email()), "mfa-type": "all"})
		refusing.must("delete-user", params{"email": r.email()})
		if len(asked) != 0 {
			r.t.Errorf("asked %q", asked)
		}
	})
}
