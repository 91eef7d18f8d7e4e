package actions

import (
	"context"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// ResetPasswordParams are the parameters of reset-password.
type ResetPasswordParams struct {
	Subject
	NewPassword
	RecoveryMethod     string `param:"recovery-method"`
	ExpiresIn          string `param:"expires-in"`
	InvalidateSessions bool   `param:"invalidate-sessions"`
}

func resetPassword(ctx context.Context, env Env, p ResetPasswordParams, r *result.Result) error {
	expiresIn, err := expiry(p.ExpiresIn)
	if err != nil {
		return err
	}
	password, err := env.readPassword(ctx, p.NewPassword)
	if err != nil {
		return err
	}
	who, err := env.resolve(ctx, p.Subject)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Primary = []string{"identity-id"}
	if password == "" {
		return env.recoverPassword(ctx, r, who, p, expiresIn)
	}
	return env.replacePassword(ctx, r, who, password, p.InvalidateSessions)
}

func (e Env) recoverPassword(ctx context.Context, r *result.Result, who kratos.Identity, p ResetPasswordParams, expiresIn time.Duration) error {
	if err := e.enabled(who); err != nil {
		return err
	}
	if !e.proceed(r, "issue a recovery "+p.RecoveryMethod+" for identity "+who.Label()+andSessions(p.InvalidateSessions)) {
		return nil
	}
	if err := e.issueRecovery(ctx, r, who, p.RecoveryMethod, expiresIn); err != nil {
		return err
	}
	return e.sessionsAfterReset(ctx, r, who.ID, p.InvalidateSessions)
}

func (e Env) replacePassword(ctx context.Context, r *result.Result, who kratos.Identity, password string, invalidate bool) error {
	if !who.HasPasswordIdentifier() {
		return noPasswordIdentifier(who)
	}
	if !e.proceed(r, "set the password of identity "+who.Label()+andSessions(invalidate)) {
		return nil
	}
	doubt := e.setPassword(ctx, r, who.ID, password)
	if doubt != nil && !r.Changed {
		return doubt
	}
	e.noteDisabled(r, who)
	// Before anything that could fail and only serves to show: whoever resets a
	// stolen password wants the thief out.
	if err := e.sessionsAfterReset(ctx, r, who.ID, invalidate); err != nil {
		if doubt != nil {
			return fault.Wrap(err, "%s", doubt)
		}
		return fault.Wrap(err, "the password was set")
	}
	now, err := e.Kratos.Identity(ctx, who.ID)
	r.Identity = now.Document
	if err != nil && doubt == nil {
		return fault.Wrap(err, "the password was set, but the identity cannot be shown")
	}
	return doubt
}

// andSessions is the rest of a change that ends the sessions too.
func andSessions(invalidate bool) string {
	if invalidate {
		return " and end its sessions"
	}
	return ""
}

// noteDisabled says that a password alone lets nobody in.
func (e Env) noteDisabled(r *result.Result, who kratos.Identity) {
	if who.State == kratos.Inactive {
		r.Note("identity %s is still disabled; to let it sign in: %s", who.ID, e.Wording.Command("enable-identity", "identity-id", who.ID))
	}
}

func noPasswordIdentifier(who kratos.Identity) *fault.Error {
	return fault.New(fault.Precondition, "schema %q gives identity %s nothing to sign in with beside a password", who.SchemaID, who.ID).
		WithHint("mark a trait of the schema with ory.sh/kratos: credentials.password.identifier")
}

// sessionsAfterReset ends the sessions, or says which live on. That they could
// not be ended is told with the command that does it.
func (e Env) sessionsAfterReset(ctx context.Context, r *result.Result, id string, invalidate bool) error {
	howTo := e.Wording.Command("invalidate-identity-sessions", "identity-id", id)
	if !invalidate {
		e.noteSessions(ctx, r, id, howTo+", or the next time "+e.Wording.Param("invalidate-sessions", "true"))
		return nil
	}
	if err := e.endSessions(ctx, r, id); err != nil {
		return fault.Wrap(err, "the sessions of identity %s may still be open", id).WithHint("next: %s", howTo)
	}
	return nil
}
