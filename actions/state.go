package actions

import (
	"context"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// DisableParams are the parameters of disable-identity.
type DisableParams struct {
	Subject
	InvalidateSessions bool `param:"invalidate-sessions"`
}

func disableIdentity(ctx context.Context, env Env, p DisableParams, r *result.Result) error {
	who, err := env.resolve(ctx, p.Subject)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Primary = []string{"identity-id"}
	if ok, err := env.confirmed(ctx, r, "disable identity "+who.Label()+andSessions(p.InvalidateSessions)); !ok {
		return err
	}
	if err := env.setState(ctx, r, who, kratos.Inactive); err != nil {
		return err
	}
	howTo := env.Wording.Command("invalidate-identity-sessions", "identity-id", who.ID)
	if !p.InvalidateSessions {
		env.noteResting(ctx, r, who.ID, howTo)
		return nil
	}
	if err := env.endSessions(ctx, r, who.ID); err != nil {
		return fault.Wrap(err, "the identity is disabled, but its sessions may come back with it").WithHint("next: %s", howTo)
	}
	return nil
}

// noteResting tells of the sessions of a disabled identity, which Kratos goes on
// to count as active.
func (e Env) noteResting(ctx context.Context, r *result.Result, id, howTo string) {
	if count, err := e.Kratos.ActiveSessions(ctx, id); err != nil || count > 0 {
		r.Note("open sessions come back when the identity is enabled; to end them for good: %s", howTo)
	}
}

func enableIdentity(ctx context.Context, env Env, s Subject, r *result.Result) error {
	who, err := env.resolve(ctx, s)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Primary = []string{"identity-id"}
	if who.State != kratos.Active && !env.proceed(r, "enable identity "+who.Label()) {
		return nil
	}
	return env.setState(ctx, r, who, kratos.Active)
}

// setState changes the identity's state and looks whether it holds: Kratos
// updates without locks, so that a change at the same time can undo this one.
func (e Env) setState(ctx context.Context, r *result.Result, who kratos.Identity, state string) error {
	if who.State == state {
		r.Set("state", state)
		r.Note("identity %s is %s already", who.ID, state)
		return nil
	}
	set, err := e.Kratos.SetState(ctx, who.ID, state)
	if err != nil {
		return err
	}
	r.Changed = true
	r.Set("state", set.State)
	now, err := e.Kratos.Identity(ctx, who.ID)
	if err != nil {
		return fault.Wrap(err, "the state was set to %s, but could not be looked at again", state)
	}
	r.Set("state", now.State)
	if now.State != state {
		return fault.New(fault.Conflict, "the state of identity %s was set to %s, but another change undid it", who.ID, state).
			WithHint("run the same command again")
	}
	return nil
}
