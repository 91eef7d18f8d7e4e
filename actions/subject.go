package actions

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// Subject is how an action names the person it is about.
type Subject struct {
	IdentityID *string `param:"identity-id"`
	Email      *string `param:"email"`
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsIdentityID tells whether a text has the form of an identity's id.
func IsIdentityID(text string) bool {
	return uuid.MatchString(strings.ToLower(strings.TrimSpace(text)))
}

// resolve finds the one identity that the subject names. Nothing, several and
// a malformed name are different errors.
func (e Env) resolve(ctx context.Context, s Subject) (kratos.Identity, error) {
	switch {
	case s.IdentityID == nil && s.Email == nil:
		return kratos.Identity{}, fault.New(fault.Usage, "cannot tell whom this is about: give identity-id or email")
	case s.IdentityID != nil && s.Email != nil:
		return kratos.Identity{}, fault.New(fault.Usage, "cannot tell whom this is about: give identity-id or email, not both")
	case s.Email != nil:
		return e.resolveEmail(ctx, *s.Email)
	}
	id := strings.ToLower(strings.TrimSpace(*s.IdentityID))
	if id == "" {
		return kratos.Identity{}, fault.New(fault.Usage, "identity-id is empty")
	}
	if !uuid.MatchString(id) {
		return kratos.Identity{}, fault.New(fault.Usage, "identity-id %q is not a UUID", *s.IdentityID).
			WithHint("to name the person by what they sign in with, use email")
	}
	found, err := e.Kratos.Identity(ctx, id)
	if errors.Is(err, kratos.ErrNoIdentity) {
		return found, noIdentity(id)
	}
	return found, err
}

func noIdentity(id string) error {
	return fault.New(fault.NotFound, "there is no identity %s", id).
		WithHint("to name the person by what they sign in with, use email")
}

func (e Env) resolveEmail(ctx context.Context, email string) (kratos.Identity, error) {
	email = strings.TrimSpace(email)
	if email == "" {
		return kratos.Identity{}, fault.New(fault.Usage, "email is empty")
	}
	found, others, err := e.lookup(ctx, email)
	switch {
	case err != nil:
		return kratos.Identity{}, err
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return kratos.Identity{}, fault.New(fault.Ambiguous, "several identities sign in with %q: %s", email, ids(found)).
			WithHint("give identity-id instead of email")
	case len(others) > 0:
		return kratos.Identity{}, thereAfterAll{fault.New(fault.NotFound, "nobody signs in with %q; it is a social login of identity %s", email, ids(others)).
			WithHint("give identity-id instead of email")}
	default:
		return kratos.Identity{}, fault.New(fault.NotFound, "nobody signs in with %q", email).
			WithHint("an address that is only in traits, or only for recovery or verification, cannot be looked up: use identity-id")
	}
}

// thereAfterAll is a not-found error about an identity that is known all the
// same, so that it cannot pass for one that is missing.
type thereAfterAll struct{ error }

func (e thereAfterAll) Unwrap() error { return e.error }

// missing tells whether the error says that there is no such identity.
func missing(err error) bool {
	return fault.KindOf(err) == fault.NotFound && !errors.As(err, new(thereAfterAll))
}

// lookup gives the identities that sign in with the identifier, and apart from
// them those that carry it only otherwise, as a social login.
func (e Env) lookup(ctx context.Context, identifier string) (found, others []kratos.Identity, err error) {
	hits, err := e.Kratos.FindIdentities(ctx, identifier)
	for _, hit := range hits {
		switch {
		case hit.SignsInWith(identifier):
			found = append(found, hit)
		case hit.Carries(identifier):
			others = append(others, hit)
		}
	}
	return found, others, err
}

func ids(identities []kratos.Identity) string {
	list := make([]string, len(identities))
	for i, identity := range identities {
		list[i] = identity.ID
	}
	return strings.Join(list, ", ")
}

// required gives a text parameter without blanks around it, or a usage error
// where nothing is left.
func required(name, value string) (string, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", fault.New(fault.Usage, "%s is empty", name)
	}
	return value, nil
}
