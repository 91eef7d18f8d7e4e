package actions_test

import (
	"context"
	"time"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// faulty lets faults happen that a healthy server does not show at will: a
// function that is set goes before the call to the real server, and an error of
// its own takes that call's place.
type faulty struct {
	actions.Kratos
	identity         func() error
	credentials      func() error
	sessions         func() error
	deleteIdentity   func() error
	deleteSessions   func() error
	deleteCredential func(credentialType string) error
	recovery         func() error
	find             func([]kratos.Identity) []kratos.Identity
	// after is called behind a successful write.
	after func()
}

func (r *rig) faulty(f faulty) *rig {
	return r.with(func(e *actions.Env) {
		f.Kratos = e.Kratos
		e.Kratos = f
	})
}

func first(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

func (f faulty) done(err error) error {
	if err == nil && f.after != nil {
		f.after()
	}
	return err
}

func (f faulty) Identity(ctx context.Context, id string) (kratos.Identity, error) {
	if err := first(f.identity); err != nil {
		return kratos.Identity{}, err
	}
	return f.Kratos.Identity(ctx, id)
}

func (f faulty) FindIdentities(ctx context.Context, identifier string) ([]kratos.Identity, error) {
	found, err := f.Kratos.FindIdentities(ctx, identifier)
	if f.find != nil {
		found = f.find(found)
	}
	return found, err
}

func (f faulty) Credentials(ctx context.Context, id string) (kratos.Credentials, error) {
	if err := first(f.credentials); err != nil {
		return kratos.Credentials{}, err
	}
	return f.Kratos.Credentials(ctx, id)
}

func (f faulty) ActiveSessions(ctx context.Context, id string) (int, error) {
	if err := first(f.sessions); err != nil {
		return 0, err
	}
	return f.Kratos.ActiveSessions(ctx, id)
}

func (f faulty) SetPasswordHash(ctx context.Context, id string, h kratos.Hash) (kratos.Identity, error) {
	who, err := f.Kratos.SetPasswordHash(ctx, id, h)
	return who, f.done(err)
}

func (f faulty) SetState(ctx context.Context, id, state string) (kratos.Identity, error) {
	who, err := f.Kratos.SetState(ctx, id, state)
	return who, f.done(err)
}

func (f faulty) DeleteIdentity(ctx context.Context, id string) error {
	if err := first(f.deleteIdentity); err != nil {
		return err
	}
	return f.Kratos.DeleteIdentity(ctx, id)
}

func (f faulty) DeleteSessions(ctx context.Context, id string) error {
	if err := first(f.deleteSessions); err != nil {
		return err
	}
	return f.Kratos.DeleteSessions(ctx, id)
}

func (f faulty) DeleteCredential(ctx context.Context, id, credentialType, identifier string) error {
	if f.deleteCredential != nil {
		if err := f.deleteCredential(credentialType); err != nil {
			return err
		}
	}
	return f.done(f.Kratos.DeleteCredential(ctx, id, credentialType, identifier))
}

func (f faulty) RecoveryLink(ctx context.Context, id string, expiresIn time.Duration) (kratos.Recovery, error) {
	if err := first(f.recovery); err != nil {
		return kratos.Recovery{}, err
	}
	return f.Kratos.RecoveryLink(ctx, id, expiresIn)
}

func (f faulty) RecoveryCode(ctx context.Context, id string, expiresIn time.Duration) (kratos.Recovery, error) {
	if err := first(f.recovery); err != nil {
		return kratos.Recovery{}, err
	}
	return f.Kratos.RecoveryCode(ctx, id, expiresIn)
}
