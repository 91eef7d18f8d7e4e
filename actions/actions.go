// Package actions holds the operator actions: what is done for each, in which
// order, and what is said about it. It knows nothing of HTTP, processes, flags
// or terminals: the doors hand it an [Env] and present what it returns.
package actions

import (
	"context"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/result"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// Handler carries out one declared action.
type Handler struct {
	// Name is the action's name in actions.yaml.
	Name string
	// Params is the empty struct that the action's parameters are decoded into.
	Params any
	// Pass tells that the action is a pass of the charm's: it talks to the unit's
	// own workload and bounds its own time.
	Pass bool
	run  func(context.Context, Env, decoder) (result.Result, error)
}

type decoder func(into any) error

// All lists the actions. It is the one place where they are registered.
func All() []Handler {
	return []Handler{
		handle("create-admin-account", createAdminAccount),
		handle("get-identity", getIdentity),
		handle("invite-user", inviteUser),
		handle("reset-password", resetPassword),
		handle("reset-identity-mfa", resetIdentityMFA),
		handle("invalidate-identity-sessions", invalidateIdentitySessions),
		handle("delete-identity", deleteIdentity),
		handle("delete-user", deleteIdentity),
		handle("disable-identity", disableIdentity),
		handle("enable-identity", enableIdentity),
		handle("list-oidc-accounts", listOIDCAccounts),
		handle("unlink-oidc-account", unlinkOIDCAccount),
		pass("run-migration", runMigration),
		pass("rotate-secrets", rotateSecrets),
	}
}

// handle makes a handler of a function over its typed parameters. The function
// fills the result step by step, so that it holds what was done when it fails.
func handle[P any](name string, do func(context.Context, Env, P, *result.Result) error) Handler {
	var none P
	return Handler{Name: name, Params: none, run: func(ctx context.Context, env Env, decode decoder) (r result.Result, err error) {
		var params P
		if err := decode(&params); err != nil {
			return r, err
		}
		err = do(ctx, env, params, &r)
		return r, err
	}}
}

// pass makes the handler of an action of the charm's own.
func pass[P any](name string, do func(context.Context, Env, P, *result.Result) error) Handler {
	h := handle(name, do)
	h.Pass = true
	return h
}

// Do carries out the action with parameters as they came in. Whatever it
// returns, the result tells what was done. A failure after a change is of kind
// partial, unless the operator interrupted it.
func (h Handler) Do(ctx context.Context, declared spec.Action, env Env, given map[string]any) (result.Result, error) {
	r, err := h.run(ctx, env, func(into any) error { return declared.Decode(given, into) })
	if err == nil || !r.Changed || fault.KindOf(err) == fault.Cancelled {
		return r, err
	}
	return r, fault.Wrap(err, "").Of(fault.Partial)
}

// Find gives the handler of that name.
func Find(name string) (Handler, bool) {
	for _, h := range All() {
		if h.Name == name {
			return h, true
		}
	}
	return Handler{}, false
}
