package actions

import (
	"context"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// Reader looks at identities.
type Reader interface {
	Identity(ctx context.Context, id string) (kratos.Identity, error)
	FindIdentities(ctx context.Context, identifier string) ([]kratos.Identity, error)
	Credentials(ctx context.Context, id string) (kratos.Credentials, error)
	ActiveSessions(ctx context.Context, id string) (int, error)
}

// Writer changes identities.
type Writer interface {
	CreateIdentity(ctx context.Context, n kratos.NewIdentity) (kratos.Identity, error)
	SetPasswordHash(ctx context.Context, id string, hash kratos.Hash) (kratos.Identity, error)
	SetState(ctx context.Context, id, state string) (kratos.Identity, error)
	DeleteIdentity(ctx context.Context, id string) error
	DeleteCredential(ctx context.Context, id, credentialType, identifier string) error
	DeleteSessions(ctx context.Context, id string) error
}

// Recoverer issues ways back in.
type Recoverer interface {
	RecoveryCode(ctx context.Context, id string, expiresIn time.Duration) (kratos.Recovery, error)
	RecoveryLink(ctx context.Context, id string, expiresIn time.Duration) (kratos.Recovery, error)
}

// Kratos is what the actions need of the server.
type Kratos interface {
	Reader
	Writer
	Recoverer
}

// Secrets reads Juju secrets. The reference is as the operator gave it; the
// answer is the secret's newest revision.
type Secrets interface {
	Secret(ctx context.Context, reference string) (map[string]string, error)
}

// Wording spells parameters and commands as the door at hand takes them, so
// that a next step can be typed as it is printed.
type Wording interface {
	// Param gives a parameter with its value.
	Param(name, value string) string
	// Command gives an action with parameters, name and value by turns.
	Command(action string, params ...string) string
	// SetPassword gives the command that sets an identity's password.
	SetPassword(identityID string) string
}

// Env is what a door gives an action to work with.
type Env struct {
	Kratos  Kratos
	Secrets Secrets
	Wording Wording
	// Charm is the unit's own; nil where no unit is.
	Charm Charm
	// BcryptCost is the cost of password hashes; 0 stands for 12.
	BcryptCost int
	// DryRun lets nothing be changed: what would be is noted instead.
	DryRun bool
	// Confirm asks before what cannot be undone, and returns an error unless
	// the answer is yes. Nil asks nothing.
	Confirm func(ctx context.Context, question string) error
}

// proceed tells whether to carry out a change. In a dry run it notes what
// would be done, and says no.
func (e Env) proceed(r *result.Result, change string) bool {
	if e.DryRun {
		r.Note("dry run: would %s", change)
	}
	return !e.DryRun
}

// confirmed is [Env.proceed] for what cannot be undone: it asks first.
func (e Env) confirmed(ctx context.Context, r *result.Result, change string) (bool, error) {
	if !e.proceed(r, change) || e.Confirm == nil {
		return !e.DryRun, nil
	}
	if err := e.Confirm(ctx, change+"?"); err != nil {
		return false, err
	}
	return true, nil
}

// next gives err the command that comes next as its hint.
func (e Env) next(err *fault.Error, action string, params ...string) error {
	return err.WithHint("next: %s", e.Wording.Command(action, params...))
}
