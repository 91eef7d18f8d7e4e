package actions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// InviteParams are the parameters of invite-user.
type InviteParams struct {
	Email          string         `param:"email"`
	SchemaID       string         `param:"schema-id"`
	Traits         map[string]any `param:"traits"`
	RecoveryMethod string         `param:"recovery-method"`
	ExpiresIn      string         `param:"expires-in"`
}

func inviteUser(ctx context.Context, env Env, p InviteParams, r *result.Result) error {
	email, err := required("email", p.Email)
	if err != nil {
		return err
	}
	expiresIn, err := expiry(p.ExpiresIn)
	if err != nil {
		return err
	}
	traits, err := withEmail(p.Traits, email)
	if err != nil {
		return err
	}
	who, err := env.resolveEmail(ctx, email)
	switch {
	case missing(err):
		return env.inviteNew(ctx, r, p, email, traits, expiresIn)
	case err != nil:
		return err
	}
	noteUnchanged(r, who, p)
	return env.inviteAgain(ctx, r, who, p.RecoveryMethod, expiresIn)
}

func withEmail(traits map[string]any, email string) (map[string]any, error) {
	all := map[string]any{"email": email}
	for k, v := range traits {
		if given, ok := v.(string); k == "email" && (!ok || kratos.Normalize(given) != kratos.Normalize(email)) {
			return nil, fault.New(fault.Usage, "traits name another email than %q", email)
		}
		all[k] = v
	}
	return all, nil
}

// noteUnchanged says what of the command an identity that exists does not take
// on.
func noteUnchanged(r *result.Result, who kratos.Identity, p InviteParams) {
	r.Note("identity %s exists already: it is this person who gets in", who.Label())
	if p.Traits != nil {
		r.Note("the traits of identity %s are left as they are", who.ID)
	}
	if p.SchemaID != "" && p.SchemaID != who.SchemaID {
		r.Note("identity %s has schema %q already", who.ID, who.SchemaID)
	}
}

func (e Env) inviteNew(ctx context.Context, r *result.Result, p InviteParams, email string, traits map[string]any, expiresIn time.Duration) error {
	if !e.proceed(r, "create an identity for "+email+" and issue a recovery "+p.RecoveryMethod) {
		r.Note(unchecked)
		return nil
	}
	who, err := e.Kratos.CreateIdentity(ctx, kratos.NewIdentity{SchemaID: p.SchemaID, Traits: traits})
	if errors.Is(err, kratos.ErrConflict) {
		// Somebody else may have been faster.
		if other, lookErr := e.resolveEmail(ctx, email); lookErr == nil {
			noteUnchanged(r, other, p)
			return e.inviteAgain(ctx, r, other, p.RecoveryMethod, expiresIn)
		}
		return fault.Wrap(err, "").WithHint("another identity holds %q as a recovery or verification address, which cannot be looked up", email)
	}
	if err != nil {
		return e.unfit(err, p.SchemaID)
	}
	r.Changed = true
	r.Set("identity-id", who.ID)
	r.Set("created", true)
	r.Primary = []string{"identity-id"}
	if !who.SignsInWith(email) {
		r.Note("schema %q does not make the email something to sign in with: name this person by identity-id from now on; "+
			"this command does not find them and would create another", who.SchemaID)
	}
	if err := e.issueRecovery(ctx, r, who, p.RecoveryMethod, expiresIn); err != nil {
		return fault.Wrap(err, "identity %s was created, but the invitation is missing", who.ID)
	}
	return nil
}

// unchecked is what a dry run does not know of a new identity.
const unchecked = "dry run: whether the server takes the traits and the schema is not looked at"

// unfit says what to change when the server does not take a new identity.
func (e Env) unfit(err error, schema string) error {
	switch {
	case fault.KindOf(err) != fault.Usage || fault.HintOf(err) != "":
		return err
	case schema == "":
		schema = "the server's default schema"
	default:
		schema = fmt.Sprintf("schema %q", schema)
	}
	return fault.Wrap(err, "").WithHint("the traits have to fit %s; another one can be named: %s", schema, e.Wording.Param("schema-id", "NAME"))
}

func (e Env) inviteAgain(ctx context.Context, r *result.Result, who kratos.Identity, method string, expiresIn time.Duration) error {
	r.Set("identity-id", who.ID)
	r.Set("created", false)
	r.Primary = []string{"identity-id"}
	if err := e.enabled(who); err != nil {
		return err
	}
	if !e.proceed(r, "issue a recovery "+method+" for identity "+who.Label()) {
		return nil
	}
	return e.issueRecovery(ctx, r, who, method, expiresIn)
}
