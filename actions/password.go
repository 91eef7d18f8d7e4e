package actions

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// defaultCost is what Kratos itself uses outside of development.
const defaultCost = 12

// maxPassword is what bcrypt takes, in bytes; Kratos answers 500 to more.
const maxPassword = 72

// NewPassword is where an action takes a password from.
type NewPassword struct {
	SecretID *string `param:"password-secret-id"`
	Clear    *string `param:"password"`
}

// readPassword gives the password that was given, checked; empty where none was.
func (e Env) readPassword(ctx context.Context, n NewPassword) (string, error) {
	switch {
	case n.SecretID != nil && n.Clear != nil:
		return "", fault.New(fault.Usage, "give password-secret-id or password, not both")
	case n.SecretID != nil:
		return e.fromSecret(ctx, *n.SecretID)
	case n.Clear != nil:
		return *n.Clear, checkPassword("the password", *n.Clear, fault.Usage)
	}
	return "", nil
}

// hash makes the hash that Kratos stores; of no password, none.
func (e Env) hash(password string) (kratos.Hash, error) {
	if password == "" {
		return "", nil
	}
	made, err := bcrypt.GenerateFromPassword([]byte(password), cmp.Or(e.BcryptCost, defaultCost))
	if err != nil {
		return "", fault.New(fault.Internal, "cannot hash the password").Because(err)
	}
	return kratos.Hash(made), nil
}

func (e Env) fromSecret(ctx context.Context, reference string) (string, error) {
	reference, err := required("password-secret-id", reference)
	if err != nil {
		return "", err
	}
	content, err := e.Secrets.Secret(ctx, reference)
	if err != nil {
		return "", err
	}
	password, ok := content["password"]
	if !ok {
		keys := slices.Sorted(maps.Keys(content))
		return "", fault.New(fault.Precondition, `the secret has no key "password" (its keys: %s)`, cmp.Or(strings.Join(keys, ", "), "none")).
			WithHint("give it one: juju update-secret NAME password=VALUE")
	}
	return password, checkPassword("the secret's password", password, fault.Precondition)
}

// checkPassword finds what would make a password one that nobody can sign in
// with, or that is surely not the one that was meant.
func checkPassword(what, password string, kind fault.Kind) error {
	switch {
	case password == "":
		return fault.New(kind, "%s is empty", what)
	case len(password) > maxPassword:
		return fault.New(kind, "%s has %d bytes, and at most %d can be used", what, len(password), maxPassword)
	case strings.HasSuffix(password, "\n"), strings.HasSuffix(password, "\r"):
		return fault.New(kind, "%s ends with a newline, which nobody can type", what).
			WithHint("printf '%%s' writes a text without one; so does echo -n")
	case !utf8.ValidString(password):
		return fault.New(kind, "%s is not valid UTF-8, so no browser could send it", what)
	case strings.HasPrefix(password, "\ufeff"):
		return fault.New(kind, "%s begins with a byte order mark, which nobody can type", what).
			WithHint("save it as UTF-8 without a byte order mark")
	case strings.ContainsFunc(password, unicode.IsControl):
		return fault.New(kind, "%s holds a control character, such as a newline, which nobody can type", what)
	case strings.TrimSpace(password) == "":
		return fault.New(kind, "%s is blank", what)
	}
	return nil
}

// setPassword stores the password's hash and looks whether it holds: Kratos
// updates without locks, so that a change at the same time can undo this one. A
// server may have hashed the password anew at a sign-in since.
func (e Env) setPassword(ctx context.Context, r *result.Result, id, password string) error {
	hash, err := e.hash(password)
	if err != nil {
		return err
	}
	if _, err := e.Kratos.SetPasswordHash(ctx, id, hash); err != nil {
		return err
	}
	r.Changed = true
	stored, err := e.Kratos.Credentials(ctx, id)
	if err != nil {
		return fault.Wrap(err, "the password was set, but could not be looked at again")
	}
	if stored.PasswordHash != hash && !stored.PasswordHash.Verifies(password) {
		return fault.New(fault.Conflict, "the password of identity %s was set, but another change undid it", id).
			WithHint("run the same command again")
	}
	return nil
}
