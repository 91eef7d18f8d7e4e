package actions_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestRecoveryCode(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email)
		got := r.must("reset-password", params{"email": email, "expires-in": "7d"})
		if left := time.Until(got.Get("expires-at").(time.Time)); left < 7*24*time.Hour-time.Minute || left > 7*24*time.Hour {
			r.t.Errorf("the code works for %s", left)
		}
		r.noted(got, "the code works once, until ")
		who, err := r.UseRecoveryCode(r.t.Context(), got.Get("recovery-link").(string), got.Get("recovery-code").(string))
		if err != nil || who != id {
			r.t.Errorf("the code signed in %q: %v", who, err)
		}
	})
}

func TestRecoveryLink(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email)
		got := r.must("reset-password", params{"identity-id": id, "recovery-method": "link"})
		if got.Get("recovery-code") != nil {
			r.t.Error("a link has a code")
		}
		r.noted(got, "put it in `backticks`")
		who, err := r.OpenRecoveryLink(r.t.Context(), got.Get("recovery-link").(string))
		if err != nil || who != id {
			r.t.Errorf("the link signed in %q: %v", who, err)
		}
	})
}

func TestRecoveryRefuses(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.person(email, kratostest.With("state", "inactive"))
		r.fails("reset-password", params{"email": email}, fault.Precondition, "is disabled", "agent enable-identity identity-id "+id)
		r.fails("invite-user", params{"email": email}, fault.Precondition, "is disabled", "agent enable-identity identity-id "+id)
		for text, want := range map[string]string{
			"0s": "is not above 0", "-1h": "is not above 0", "0d": "is not above 0", "1": "neither a duration", "1.5d": "neither", "": "neither",
			"soon": "neither", "9999999999d": "is more than the 106751 days", "106752d": "is more than the 106751 days",
			"99999999999999999999d": "is more than the 106751 days", "-106752d": "is not above 0", "-200000d": "is not above 0", "-1d": "is not above 0",
		} {
			r.fails("reset-password", params{"identity-id": id, "expires-in": text}, fault.Usage, want)
			r.fails("invite-user", params{"email": r.email(), "expires-in": text}, fault.Usage, want)
		}
		r.fails("reset-password", params{"identity-id": id, "recovery-method": "smoke"}, fault.Usage, "must be one of code, link")
	})
}

// TestRecoveryOnOtherServers needs servers with settings of their own.
func TestRecoveryOnOtherServers(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		server := func(settings map[string]any) *rig {
			return newRig(t, kratostest.New(t, kratostest.Config{Binary: binary, Settings: settings}))
		}
		off := server(map[string]any{"selfservice.methods.code.enabled": false})
		email := off.email()
		off.person(email)
		off.fails("reset-password", params{"email": email}, fault.Precondition, "selfservice.methods.code.enabled", "link")
		off.must("reset-password", params{"email": email, "recovery-method": "link"})
		got := off.fails("create-admin-account", params{"username": "a", "email": off.email()}, fault.Partial, "selfservice.methods.code.enabled")
		off.is(got, "created", "true")
		off.fails("create-admin-account", params{"username": "b", "email": off.email()}, fault.Partial, "agent reset-password identity-id", "recovery-method link")

		noLink := server(map[string]any{"selfservice.methods.link.enabled": false, "selfservice.flows.recovery.ui_url": nil})
		email = noLink.email()
		got = noLink.fails("invite-user", params{"email": email}, fault.Partial, "was created, but the invitation is missing", "selfservice.methods.link.enabled", "code")
		id := got.Get("identity-id").(string)
		noLink.fails("invite-user", params{"email": email}, fault.Precondition, "selfservice.methods.link.enabled")
		noLink.fails("reset-password", params{"identity-id": id}, fault.Precondition, "selfservice.flows.recovery.ui_url")
	}
}

func TestInvite(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		got := r.must("invite-user", params{"email": email, "traits": `{"name": "A", "n": 12345678901234567890}`})
		r.is(got, "created", "true")
		id := got.Get("identity-id").(string)
		if left := time.Until(got.Get("expires-at").(time.Time)); left < 12*time.Hour-time.Minute || left > 12*time.Hour {
			r.t.Errorf("the link works for %s", left)
		}
		who, err := r.OpenRecoveryLink(r.t.Context(), got.Get("recovery-link").(string))
		if err != nil || who != id {
			r.t.Errorf("the link signed in %q: %v", who, err)
		}
		if doc := string(r.must("get-identity", params{"identity-id": id}).Identity); !strings.Contains(doc, "12345678901234567890") {
			r.t.Errorf("the number has changed: %s", doc)
		}

		again := r.must("invite-user", params{"email": strings.ToUpper(email), "recovery-method": "code", "traits": params{"name": "B"}, "schema-id": kratostest.AdminSchema})
		r.is(again, "created", "false")
		r.is(again, "identity-id", id)
		r.noted(again, "exists already: it is this person who gets in")
		r.noted(again, "the traits of identity "+id+" are left as they are")
		r.noted(again, `has schema "social_user_v0" already`)
		who, err = r.UseRecoveryCode(r.t.Context(), again.Get("recovery-link").(string), again.Get("recovery-code").(string))
		if err != nil || who != id {
			r.t.Errorf("the code signed in %q: %v", who, err)
		}
	})
}

func TestInviteIntoASchema(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		got := r.must("invite-user", params{"email": email, "schema-id": kratostest.AdminSchema, "traits": params{"username": "n" + email, "email": strings.ToUpper(email)}})
		if schema := r.document(got.Get("identity-id").(string), "")["schema_id"]; schema != kratostest.AdminSchema {
			r.t.Errorf("schema %v", schema)
		}
		r.fails("invite-user", params{"email": r.email(), "schema-id": "nope"}, fault.Usage, "nope")
		r.fails("invite-user", params{"email": r.email(), "schema-id": kratostest.AdminSchema}, fault.Usage, "username")
		r.fails("invite-user", params{"email": "no-address"}, fault.Usage, "email")
		r.fails("invite-user", params{"email": r.email(), "traits": `{"email": "other@example.com"}`}, fault.Usage, "traits name another email")
		r.fails("invite-user", params{"email": r.email(), "traits": `["email"]`}, fault.Usage, "must be a JSON object")
		r.fails("invite-user", params{"email": " "}, fault.Usage, "email is empty")

		r.fails("invite-user", params{"email": "no-address"}, fault.Usage, "traits.email: ", "the traits have to fit the server's default schema", "schema-id=NAME")

		nameless := r.must("invite-user", params{"email": r.email(), "schema-id": kratostest.NoIdentifierSchema})
		r.noted(nameless, `schema "no_identifier" does not make the email something to sign in with`)
	})
}

func TestInviteAnAddressThatIsHeldOtherwise(t *testing.T) {
	each(t, func(r *rig) {
		contact := r.email()
		r.create(kratostest.ContactSchema, map[string]any{"username": "x" + contact, "contact_email": contact})
		r.fails("invite-user", params{"email": contact}, fault.Conflict, "recovery or verification address, which cannot be looked up")
	})
}

// TestInviteBesideAnother: of two at once, one finds the other's identity.
func TestInviteBesideAnother(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		var id string
		slower := r.faulty(faulty{find: func(found []kratos.Identity) []kratos.Identity {
			if id == "" {
				id = r.person(email)
				return nil
			}
			return found
		}})
		got := slower.must("invite-user", params{"email": email})
		r.is(got, "identity-id", id)
		r.is(got, "created", "false")
		r.noted(got, "exists already: it is this person who gets in")
	})
}

func TestInviteCutBeforeTheLink(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		cut := r.faulty(faulty{recovery: func() error { return fault.New(fault.Timeout, "no answer") }})
		got := cut.fails("invite-user", params{"email": email}, fault.Partial, "was created, but the invitation is missing: no answer")
		again := r.must("invite-user", params{"email": email})
		r.is(again, "identity-id", got.Get("identity-id").(string))
		r.is(again, "created", "false")

		// An interruption is told as one, with what was done.
		interrupted := r.faulty(faulty{recovery: func() error { return fault.New(fault.Cancelled, "interrupted") }})
		got = interrupted.fails("invite-user", params{"email": r.email()}, fault.Cancelled, "was created, but")
		r.is(got, "created", "true")
	})
}

func TestGetIdentity(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.create(kratostest.CamelSchema, map[string]any{"emailAddress": email, "firstName": "A", "n": json.Number("12345678901234567890")},
			kratostest.WithPassword(oldPwd), kratostest.With("metadata_public", "just a text"), kratostest.With("metadata_admin", true))
		byID := r.must("get-identity", params{"identity-id": id})
		byEmail := r.must("get-identity", params{"email": email})
		if diff := cmp.Diff(fieldsOf(byID.Flat()), fieldsOf(byEmail.Flat())); diff != "" {
			r.t.Errorf("(-by id +by email)\n%s", diff)
		}
		got := fieldsOf(byID.Flat())
		for key, want := range map[string]string{
			"identity-id": id, "id": id, "schema-id": kratostest.CamelSchema, "state": "active", "metadata-public": "just a text",
			"credentials.password.type": "password", "credentials.password.identifiers": `["` + email + `"]`,
		} {
			if got[key] != want {
				r.t.Errorf("%s is %q, want %q", key, got[key], want)
			}
		}
		if !strings.Contains(got["traits"], `"n":12345678901234567890`) && !strings.Contains(got["traits"], `"n": 12345678901234567890`) {
			r.t.Errorf("traits %s", got["traits"])
		}
	})
}

// TestGetIdentityOfAnySize: nothing that Kratos can hold makes it fail.
func TestGetIdentityOfAnySize(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		id := r.create(kratostest.CamelSchema, map[string]any{"emailAddress": email, "long": strings.Repeat("ä", 100_000)})
		got := r.must("get-identity", params{"identity-id": id})
		if len(got.Identity) < 200_000 {
			r.t.Errorf("the document has %d bytes", len(got.Identity))
		}
		if _, cut := got.Flat(); !cut {
			r.t.Error("the results for Juju are not cut")
		}
	})
}
