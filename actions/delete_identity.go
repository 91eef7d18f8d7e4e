package actions

import (
	"context"
	"errors"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// DeleteParams are the parameters of delete-identity and delete-user.
type DeleteParams struct {
	Subject
	IgnoreMissing bool `param:"ignore-missing"`
}

func deleteIdentity(ctx context.Context, env Env, p DeleteParams, r *result.Result) error {
	r.Primary = []string{"id"}
	who, err := env.resolve(ctx, p.Subject)
	if p.IgnoreMissing && missing(err) {
		r.Note("%s: nothing to delete (%s)", err, fault.HintOf(err))
		return nil
	}
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	if ok, err := env.confirmed(ctx, r, "delete identity "+who.Label()); !ok {
		return err
	}
	err = env.Kratos.DeleteIdentity(ctx, who.ID)
	switch {
	case errors.Is(err, kratos.ErrNoIdentity) && p.IgnoreMissing:
		r.Note("identity %s was deleted by somebody else meanwhile", who.ID)
		return nil
	case errors.Is(err, kratos.ErrNoIdentity):
		return noIdentity(who.ID)
	case err != nil:
		return err
	}
	r.Changed = true
	r.Set("id", who.ID)
	return nil
}
