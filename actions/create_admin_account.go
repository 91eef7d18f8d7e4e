package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// AdminParams are the parameters of create-admin-account.
type AdminParams struct {
	Username string `param:"username"`
	Email    string `param:"email"`
	NewPassword
	Name        *string `param:"name"`
	PhoneNumber *string `param:"phone-number"`
	SchemaID    string  `param:"schema-id"`
	ExpiresIn   string  `param:"expires-in"`
}

// admin is the account that is asked for, checked.
type admin struct {
	username, email, schema, password string
	traits                            map[string]any
	expiresIn                         time.Duration
}

func createAdminAccount(ctx context.Context, env Env, p AdminParams, r *result.Result) error {
	a, err := env.checkAdmin(ctx, p)
	if err != nil {
		return err
	}
	if env.DryRun {
		return env.wouldCreate(ctx, r, a)
	}
	hash, err := env.hash(a.password)
	if err != nil {
		return err
	}
	who, err := env.Kratos.CreateIdentity(ctx, kratos.NewIdentity{SchemaID: a.schema, Traits: a.traits, PasswordHash: hash})
	if errors.Is(err, kratos.ErrConflict) {
		return env.finishAdmin(ctx, r, a, err)
	}
	if err != nil {
		return env.unfit(err, a.schema)
	}
	r.Changed = true
	r.Set("identity-id", who.ID)
	r.Set("created", true)
	r.Primary = []string{"identity-id"}
	switch {
	case a.password == "":
		return env.adminRecovery(ctx, r, who, a)
	case !who.HasPasswordIdentifier():
		return env.next(noPasswordIdentifier(who), "delete-identity", "identity-id", who.ID)
	}
	return nil
}

func (e Env) checkAdmin(ctx context.Context, p AdminParams) (a admin, err error) {
	if a.username, err = required("username", p.Username); err != nil {
		return a, err
	}
	if a.email, err = required("email", p.Email); err != nil {
		return a, err
	}
	if a.schema, err = required("schema-id", p.SchemaID); err != nil {
		return a, err
	}
	if a.expiresIn, err = expiry(p.ExpiresIn); err != nil {
		return a, err
	}
	a.traits = map[string]any{"username": a.username, "email": a.email}
	for trait, value := range map[string]*string{"name": p.Name, "phone_number": p.PhoneNumber} {
		if value != nil {
			a.traits[trait] = *value
		}
	}
	a.password, err = e.readPassword(ctx, p.NewPassword)
	return a, err
}

func (e Env) adminRecovery(ctx context.Context, r *result.Result, who kratos.Identity, a admin) error {
	err := e.issueRecovery(ctx, r, who, methodCode, a.expiresIn)
	if errors.Is(err, kratos.ErrDisabled) {
		return e.next(fault.Wrap(err, "identity %s is there, but has no password and no recovery code", who.ID),
			"reset-password", "identity-id", who.ID, "recovery-method", "link")
	}
	if err != nil {
		return fault.Wrap(err, "identity %s is there, but has no password and no recovery code", who.ID)
	}
	return nil
}

// finishAdmin completes an account of an earlier run that was cut short. Any
// other holder of the names is a conflict.
func (e Env) finishAdmin(ctx context.Context, r *result.Result, a admin, conflict error) error {
	holders, err := e.holders(ctx, a)
	if err != nil {
		return err
	}
	if len(holders) == 0 {
		return fault.Wrap(conflict, "").
			WithHint("another identity has %q as a recovery or verification address, which cannot be looked up", a.email)
	}
	who, err := e.unfinished(ctx, a, holders)
	if err != nil {
		return err
	}
	r.Set("identity-id", who.ID)
	r.Set("created", false)
	r.Primary = []string{"identity-id"}
	if len(a.traits) > 2 {
		r.Note("identity %s was there already: its name and phone number are left as they are", who.ID)
	}
	if a.password != "" {
		if !who.HasPasswordIdentifier() {
			return noPasswordIdentifier(who)
		}
		e.noteDisabled(r, who)
		return e.setPassword(ctx, r, who.ID, a.password)
	}
	if err := e.enabled(who); err != nil {
		return err
	}
	return e.adminRecovery(ctx, r, who, a)
}

// unfinished gives the one holder that has these names and this schema and that
// nobody can sign in as yet. Any other is a conflict.
func (e Env) unfinished(ctx context.Context, a admin, holders []kratos.Identity) (kratos.Identity, error) {
	who := holders[0]
	if len(holders) > 1 || who.SchemaID != a.schema || !who.SignsInWith(a.email) || !who.SignsInWith(a.username) {
		return who, e.next(held(a, holders), "get-identity", "identity-id", who.ID)
	}
	usable, err := e.usable(ctx, who)
	if err == nil && usable {
		err = e.next(held(a, holders), "reset-password", "identity-id", who.ID)
	}
	return who, err
}

// held says which identity holds which of the account's names.
func held(a admin, holders []kratos.Identity) *fault.Error {
	var all []string
	for _, who := range holders {
		var names []string
		if who.SignsInWith(a.username) {
			names = append(names, "username")
		}
		if who.SignsInWith(a.email) {
			names = append(names, "email")
		}
		all = append(all, fmt.Sprintf("identity %s (schema %q) has this %s already", who.ID, who.SchemaID, strings.Join(names, " and ")))
	}
	return fault.New(fault.Conflict, "cannot create the account: %s", strings.Join(all, "; "))
}

// holders are the identities that sign in with the account's email or username.
func (e Env) holders(ctx context.Context, a admin) ([]kratos.Identity, error) {
	all, _, err := e.lookup(ctx, a.email)
	if err != nil {
		return nil, err
	}
	more, _, err := e.lookup(ctx, a.username)
	for _, who := range more {
		if !slices.ContainsFunc(all, func(known kratos.Identity) bool { return known.ID == who.ID }) {
			all = append(all, who)
		}
	}
	return all, err
}

// usable tells whether there is a credential that the person can sign in with.
func (e Env) usable(ctx context.Context, who kratos.Identity) (bool, error) {
	if len(who.SocialLogins()) > 0 {
		return true, nil
	}
	c, err := e.Kratos.Credentials(ctx, who.ID)
	return c.FirstFactor(), err
}

func (e Env) wouldCreate(ctx context.Context, r *result.Result, a admin) error {
	holders, err := e.holders(ctx, a)
	if err != nil {
		return err
	}
	if len(holders) == 0 {
		e.proceed(r, "create an identity for "+a.email)
		r.Note(unchecked)
		return nil
	}
	who, err := e.unfinished(ctx, a, holders)
	if err == nil && a.password == "" {
		err = e.enabled(who)
	}
	if err == nil {
		e.proceed(r, "finish identity "+who.Label())
	}
	return err
}
