package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// MFAParams are the parameters of reset-identity-mfa.
type MFAParams struct {
	Subject
	Type string `param:"mfa-type"`
}

// allFactors is the mfa-type that stands for every second factor.
const allFactors = "all"

// secondFactors are those that can be removed, in the order of removal.
var secondFactors = []string{kratos.TOTP, kratos.LookupSecret, kratos.WebAuthn}

func resetIdentityMFA(ctx context.Context, env Env, p MFAParams, r *result.Result) error {
	who, err := env.resolve(ctx, p.Subject)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Set("removed", []string{})
	r.Set("kept", []string{})
	r.Primary = []string{"removed"}
	had, err := env.Kratos.Credentials(ctx, who.ID)
	if err != nil {
		return err
	}
	r.Set("kept", kept(p.Type, had))
	doomed := doomed(p.Type, had)
	if len(doomed) == 0 {
		r.Note("identity %s has no %s to remove", who.ID, factorName(p.Type))
		env.noteRemaining(r, p.Type, had)
		return nil
	}
	change := fmt.Sprintf("remove %s from identity %s", strings.Join(doomed, ", "), who.Label())
	if ok, err := env.confirmed(ctx, r, change); !ok {
		return err
	}
	if err := env.removeFactors(ctx, r, who.ID, doomed); err != nil {
		return err
	}
	return env.afterRemoval(ctx, r, who.ID, p.Type, doomed)
}

// doomed are the second factors that are set up and were asked to be removed.
func doomed(mfaType string, c kratos.Credentials) (types []string) {
	for _, t := range secondFactors {
		if (mfaType == allFactors || mfaType == t) && isSet(c, t) {
			types = append(types, t)
		}
	}
	return types
}

func isSet(c kratos.Credentials, factor string) bool {
	switch factor {
	case kratos.TOTP:
		return c.TOTP
	case kratos.LookupSecret:
		return c.LookupSecret
	default:
		return c.SecondFactorKeys > 0
	}
}

// kept tells what is left alone though it may look like a second factor.
func kept(mfaType string, c kratos.Credentials) []string {
	kept := []string{}
	if mfaType != allFactors && mfaType != kratos.WebAuthn {
		return kept
	}
	if c.PasswordlessKeys > 0 {
		kept = append(kept, "webauthn: passwordless keys are a first factor")
	}
	if c.Passkeys > 0 {
		kept = append(kept, "passkey: passkeys are a first factor")
	}
	return kept
}

// removeFactors removes one after the other and tells after each what is gone,
// so that a failure midway does not hide it.
func (e Env) removeFactors(ctx context.Context, r *result.Result, id string, types []string) error {
	var removed []string
	for _, t := range types {
		err := e.Kratos.DeleteCredential(ctx, id, t, "")
		if err != nil && !errors.Is(err, kratos.ErrNone) {
			return cutShort(err, removed)
		}
		r.Changed = true
		removed = append(removed, t)
		r.Set("removed", removed)
	}
	return nil
}

func cutShort(err error, removed []string) error {
	if len(removed) == 0 {
		return err
	}
	return fault.Wrap(err, "%s removed; then", strings.Join(removed, ", "))
}

// afterRemoval looks whether the removal holds: Kratos answers 204 to a removal
// that leaves keys behind, and updates without locks.
func (e Env) afterRemoval(ctx context.Context, r *result.Result, id, mfaType string, removed []string) error {
	now, err := e.Kratos.Credentials(ctx, id)
	if err != nil {
		return fault.Wrap(err, "%s removed, but the identity could not be looked at again", strings.Join(removed, ", "))
	}
	gone := slices.DeleteFunc(slices.Clone(removed), func(t string) bool { return isSet(now, t) })
	back := slices.DeleteFunc(slices.Clone(removed), func(t string) bool { return !isSet(now, t) })
	if len(back) > 0 {
		r.Set("removed", gone)
		return fault.New(fault.Conflict, "%s: removed from identity %s, but there still or again", strings.Join(back, ", "), id).
			WithHint("run the same command again")
	}
	e.noteRemaining(r, mfaType, now)
	e.noteSessions(ctx, r, id, e.Wording.Command("invalidate-identity-sessions", "identity-id", id))
	return nil
}

// noteRemaining names the second factors that the person is still asked for.
func (e Env) noteRemaining(r *result.Result, mfaType string, c kratos.Credentials) {
	if mfaType == allFactors {
		return
	}
	if left := doomed(allFactors, c); len(left) > 0 {
		r.Note("a second factor remains and is still asked for: %s; %s removes every one",
			strings.Join(left, ", "), e.Wording.Param("mfa-type", allFactors))
	}
}

func factorName(mfaType string) string {
	if mfaType == allFactors {
		return "second factor"
	}
	return mfaType
}
