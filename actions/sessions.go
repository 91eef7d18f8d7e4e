package actions

import (
	"context"
	"errors"
	"fmt"

	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

func invalidateIdentitySessions(ctx context.Context, env Env, s Subject, r *result.Result) error {
	who, err := env.resolve(ctx, s)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Primary = []string{"sessions-invalidated"}
	count, err := env.Kratos.ActiveSessions(ctx, who.ID)
	if err != nil {
		return err
	}
	if count == 0 {
		r.Note("identity %s has no open sessions", who.ID)
	}
	if !env.proceed(r, fmt.Sprintf("end the open sessions (%d) of identity %s", count, who.Label())) {
		return nil
	}
	// Even of none: one may have been opened since.
	return env.deleteSessions(ctx, r, who.ID, count)
}

// endSessions ends every session of the identity, and sets the result
// sessions-invalidated to how many were open.
func (e Env) endSessions(ctx context.Context, r *result.Result, id string) error {
	count, err := e.Kratos.ActiveSessions(ctx, id)
	if err != nil {
		return err
	}
	return e.deleteSessions(ctx, r, id, count)
}

// deleteSessions is the second half of [Env.endSessions], for a caller that
// has counted before.
func (e Env) deleteSessions(ctx context.Context, r *result.Result, id string, count int) error {
	err := e.Kratos.DeleteSessions(ctx, id)
	switch {
	case errors.Is(err, kratos.ErrNone):
		count = 0
	case err != nil:
		return err
	default:
		r.Changed = true
	}
	r.Set("sessions-invalidated", count)
	return nil
}

// noteSessions says that sessions live on after a change that does not end
// them, and how to end them.
func (e Env) noteSessions(ctx context.Context, r *result.Result, id, howTo string) {
	count, err := e.Kratos.ActiveSessions(ctx, id)
	switch {
	case err != nil:
		r.Note("sessions that are open stay valid; to end them: %s", howTo)
	case count > 0:
		r.Note("open sessions that stay valid: %d; to end them: %s", count, howTo)
	}
}
