package actions

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

func listOIDCAccounts(ctx context.Context, env Env, s Subject, r *result.Result) error {
	who, err := env.resolve(ctx, s)
	if err != nil {
		return err
	}
	linked := who.SocialLogins()
	r.Set("identity-id", who.ID)
	r.Set("identifiers", linked)
	r.Set("count", len(linked))
	r.Primary = []string{"identifiers"}
	if len(linked) == 0 {
		r.Note("identity %s has no social logins", who.ID)
	}
	return nil
}

// UnlinkParams are the parameters of unlink-oidc-account.
type UnlinkParams struct {
	Subject
	CredentialID string `param:"credential-id"`
	Force        bool   `param:"force"`
}

func unlinkOIDCAccount(ctx context.Context, env Env, p UnlinkParams, r *result.Result) error {
	login, err := required("credential-id", p.CredentialID)
	if err != nil {
		return err
	}
	who, err := env.resolve(ctx, p.Subject)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Primary = []string{"unlinked"}
	if !slices.Contains(who.SocialLogins(), login) {
		return noSocialLogin(who, login)
	}
	last, err := env.lastWayIn(ctx, who)
	if err != nil {
		return err
	}
	change := "unlink " + login + " from identity " + who.Label()
	if last && !p.Force {
		return env.refuseLast(who, login)
	}
	if last {
		change += ", whose last way in it is"
	}
	if ok, err := env.confirmed(ctx, r, change); !ok {
		return err
	}
	err = env.unlink(ctx, r, who.ID, login)
	if err == nil && last {
		r.Note("nobody can sign in as identity %s now; to set a password: %s", who.ID, env.Wording.SetPassword(who.ID))
	}
	return err
}

func noSocialLogin(who kratos.Identity, login string) error {
	linked := who.SocialLogins()
	if len(linked) == 0 {
		return fault.New(fault.NotFound, "identity %s has no social login %q, nor any other", who.ID, login)
	}
	return fault.New(fault.NotFound, "identity %s has no social login %q", who.ID, login).
		WithHint("it has: %s", strings.Join(linked, ", "))
}

// lastWayIn tells whether the identity has nothing to sign in with but one
// social login. The server's own guard differs by version: 1.3 has none.
func (e Env) lastWayIn(ctx context.Context, who kratos.Identity) (bool, error) {
	if len(who.SocialLogins()) > 1 {
		return false, nil
	}
	c, err := e.Kratos.Credentials(ctx, who.ID)
	return !c.FirstFactor(), err
}

func (e Env) refuseLast(who kratos.Identity, login string) error {
	return fault.New(fault.Precondition, "%q is the last way in for identity %s", login, who.ID).
		WithHint("set a password first: %s; or add %s to lock the person out",
			e.Wording.SetPassword(who.ID), e.Wording.Param("force", "true"))
}

// unlink removes the link and looks whether it is gone: on Kratos 1.3 a change
// at the same time can bring it back, though both were answered with success.
func (e Env) unlink(ctx context.Context, r *result.Result, id, login string) error {
	err := e.Kratos.DeleteCredential(ctx, id, kratos.OIDC, login)
	if errors.Is(err, kratos.ErrLastFirstFactor) {
		return fault.Wrap(err, "").WithHint("set a password first: %s", e.Wording.SetPassword(id))
	}
	if err != nil {
		return err
	}
	r.Changed = true
	r.Set("unlinked", login)
	now, err := e.Kratos.Identity(ctx, id)
	if err != nil {
		return fault.Wrap(err, "%q was unlinked, but the identity could not be looked at again", login)
	}
	if slices.Contains(now.SocialLogins(), login) {
		r.Unset("unlinked")
		return fault.New(fault.Conflict, "%q was unlinked from identity %s, but another change undid it", login, id).
			WithHint("run the same command again")
	}
	return nil
}
