package actions

import (
	"context"

	"github.com/kratos-agent/kratos-agent/internal/result"
)

func getIdentity(ctx context.Context, env Env, s Subject, r *result.Result) error {
	who, err := env.resolve(ctx, s)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Identity, r.IdentityOnly = who.Document, true
	r.Primary = []string{"identity-id"}
	return nil
}
