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
		err = env.recoverPassword(ctx, r, who, p.RecoveryMethod, expiresIn)
	} else {
		err = env.replacePassword(ctx, r, who, password)
	}
	if err != nil || env.DryRun {
		return err
	}
	return env.sessionsAfterReset(ctx, r, who.ID, p.InvalidateSessions)
}

func (e Env) recoverPassword(ctx context.Context, r *result.Result, who kratos.Identity, method string, expiresIn time.Duration) error {
	if err := e.enabled(who); err != nil {
		return err
	}
	if !e.proceed(r, "issue a recovery "+method+" for identity "+who.Label()) {
		return nil
	}
	return e.issueRecovery(ctx, r, who, method, expiresIn)
}

func (e Env) replacePassword(ctx context.Context, r *result.Result, who kratos.Identity, password string) error {
	if !who.HasPasswordIdentifier() {
		return noPasswordIdentifier(who)
	}
	if !e.proceed(r, "set the password of identity "+who.Label()) {
		return nil
	}
	if err := e.setPassword(ctx, r, who.ID, password); err != nil {
		return err
	}
	if who.State == kratos.Inactive {
		r.Note("identity %s is still disabled; to let it sign in: %s", who.ID, e.Wording.Command("enable-identity", "identity-id", who.ID))
	}
	now, err := e.Kratos.Identity(ctx, who.ID)
	if err != nil {
		return fault.Wrap(err, "the password was set, but the identity cannot be shown")
	}
	r.Identity = now.Document
	return nil
}

func noPasswordIdentifier(who kratos.Identity) error {
	return fault.New(fault.Precondition, "schema %q gives identity %s nothing to sign in with beside a password", who.SchemaID, who.ID).
		WithHint("mark a trait of the schema with ory.sh/kratos: credentials.password.identifier")
}

func (e Env) sessionsAfterReset(ctx context.Context, r *result.Result, id string, invalidate bool) error {
	if !invalidate {
		e.noteSessions(ctx, r, id, e.Wording.Command("invalidate-identity-sessions", "identity-id", id)+
			", or the next time "+e.Wording.Param("invalidate-sessions", "true"))
		return nil
	}
	if _, err := e.endSessions(ctx, r, id); err != nil {
		return fault.Wrap(err, "the sessions of identity %s are still open", id)
	}
	return nil
}
