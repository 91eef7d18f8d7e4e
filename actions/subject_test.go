package actions_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// subjects are the actions on a person, with what else they require.
var subjects = map[string]params{
	"get-identity":                 {},
	"reset-password":               {},
	"reset-identity-mfa":           {"mfa-type": "all"},
	"invalidate-identity-sessions": {},
	"delete-identity":              {},
	"disable-identity":             {},
	"enable-identity":              {},
	"list-oidc-accounts":           {},
	"unlink-oidc-account":          {"credential-id": "github:1"},
}

func and(base params, name string, value any) params {
	all := maps.Clone(base)
	all[name] = value
	return all
}

// TestSubjectOfEveryAction: nobody, both, blank, malformed, unknown by id and
// unknown by email are different errors, in each action.
func TestSubjectOfEveryAction(t *testing.T) {
	each(t, func(r *rig) {
		for name, base := range subjects {
			const unknown = "00000000-0000-0000-0000-000000000000"
			r.fails(name, base, fault.Usage, "give identity-id or email")
			r.fails(name, and(and(base, "email", "a"), "identity-id", unknown), fault.Usage, "not both")
			r.fails(name, and(base, "email", " \t"), fault.Usage, "email is empty")
			r.fails(name, and(base, "identity-id", ""), fault.Usage, "identity-id is empty")
			r.fails(name, and(base, "identity-id", "zzz"), fault.Usage, `identity-id "zzz" is not a UUID`, "use email")
			r.fails(name, and(base, "identity-id", unknown), fault.NotFound, "there is no identity "+unknown)
			r.fails(name, and(base, "email", r.email()), fault.NotFound, "nobody signs in with", "use identity-id")
		}
	})
}

func TestLookup(t *testing.T) {
	each(t, func(r *rig) {
		email := strings.Replace(r.email(), "@", "+tag@", 1)
		id := r.person(email)
		for name, given := range map[string]params{
			"by id":             {"identity-id": id},
			"by id, upper case": {"identity-id": " " + strings.ToUpper(id)},
			"by email":          {"email": email},
			"in another case":   {"email": " " + strings.ToUpper(email) + "\n"},
		} {
			if got := r.must("get-identity", given); got.Get("identity-id") != id {
				r.t.Errorf("%s: another identity was found: %v", name, got.Fields)
			}
		}
	})
}

func TestLookupByUsername(t *testing.T) {
	each(t, func(r *rig) {
		name := "User " + r.email()[:12]
		id := r.create(kratostest.UsernameSchema, map[string]any{"username": name})
		r.is(r.must("get-identity", params{"email": name}), "identity-id", id)
	})
}

// TestLookupIsOfWhatPeopleTypeToSignIn: Kratos finds more than that.
func TestLookupIsOfWhatPeopleTypeToSignIn(t *testing.T) {
	each(t, func(r *rig) {
		subject := r.email()
		id := r.person(r.email(), kratostest.WithOIDC("github", subject))
		r.fails("get-identity", params{"email": "github:" + subject}, fault.NotFound, "it is a social login of identity "+id, "give identity-id")

		_, err := r.PlantTOTP(r.t.Context(), id)
		r.ok(err)
		r.fails("get-identity", params{"email": id}, fault.NotFound, "nobody signs in with")

		contact := r.email()
		r.create(kratostest.ContactSchema, map[string]any{"username": "x" + contact, "contact_email": contact})
		r.fails("get-identity", params{"email": contact}, fault.NotFound, "only for recovery or verification, cannot be looked up: use identity-id")
	})
}

func TestSeveralCarryTheIdentifier(t *testing.T) {
	each(t, func(r *rig) {
		name := "github:" + r.email()
		linked := r.person(r.email(), kratostest.WithOIDC("github", strings.TrimPrefix(name, "github:")))
		named := r.create(kratostest.UsernameSchema, map[string]any{"username": name})
		got := r.must("get-identity", params{"email": name})
		r.is(got, "identity-id", named)
		if linked == named {
			r.t.Fatal("the two are one")
		}
	})
}

// TestAmbiguous: a server keeps identifiers apart within a credential type; of
// two types they could be the same.
func TestAmbiguous(t *testing.T) {
	each(t, func(r *rig) {
		email := r.email()
		one := r.person(email)
		other := r.faulty(faulty{find: func(found []kratos.Identity) []kratos.Identity {
			twin := found[0]
			twin.ID = "11111111-1111-4111-8111-111111111111"
			return append(found, twin)
		}})
		for name, base := range subjects {
			other.fails(name, and(base, "email", email), fault.Ambiguous, one+", 11111111-1111-4111-8111-111111111111", "give identity-id")
		}
	})
}

// TestForeignHits: a server that ignores the filter answers with everybody.
func TestForeignHits(t *testing.T) {
	each(t, func(r *rig) {
		stranger := r.email()
		r.person(stranger)
		other := r.faulty(faulty{find: func([]kratos.Identity) []kratos.Identity {
			found, err := r.env.Kratos.FindIdentities(r.t.Context(), stranger)
			r.ok(err)
			return found
		}})
		other.fails("delete-identity", params{"email": r.email()}, fault.NotFound, "nobody signs in with")
	})
}
