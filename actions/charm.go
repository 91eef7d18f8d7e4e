package actions

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// Charm is what the unit does about its own Kratos.
type Charm interface {
	// Migrate migrates the database, has Kratos serve, and gives the version that
	// was migrated to.
	Migrate(ctx context.Context, timeout time.Duration) (version string, err error)
	// RotateSecrets begins a rotation, which goes on by itself, and gives its
	// number.
	RotateSecrets(ctx context.Context) (number int, err error)
}

type runMigrationParams struct {
	Timeout json.Number `param:"timeout"`
}

func runMigration(ctx context.Context, env Env, p runMigrationParams, r *result.Result) error {
	seconds, err := p.Timeout.Float64()
	if err != nil || seconds <= 0 || seconds > math.MaxInt32 {
		return fault.New(fault.Usage, "cannot use timeout %q: it is no number of seconds above 0", p.Timeout)
	}
	if env.Charm == nil {
		return fault.New(fault.Precondition, "cannot migrate the database: only the charm knows it").
			WithHint("on the server itself, with its DSN in the environment: kratos migrate sql -e")
	}
	if env.DryRun {
		r.Note("dry run: would migrate the database")
		return nil
	}
	version, err := env.Charm.Migrate(ctx, time.Duration(seconds*float64(time.Second)))
	if version != "" {
		r.Set("version", version)
	}
	return err
}

type rotateSecretsParams struct{}

func rotateSecrets(ctx context.Context, env Env, _ rotateSecretsParams, r *result.Result) error {
	if env.Charm == nil {
		return fault.New(fault.Precondition, "cannot rotate the secrets: only the charm knows them").
			WithHint("by hand, put a new secret in front of secrets.cookie, secrets.cipher and secrets.default of Kratos' configuration")
	}
	if env.DryRun {
		r.Note("dry run: would rotate the secrets")
		return nil
	}
	number, err := env.Charm.RotateSecrets(ctx)
	if err != nil {
		return err
	}
	r.Set("rotation", number)
	r.Note("the new secrets are accepted; once every unit does, which the next hooks see to, they are used")
	return nil
}
