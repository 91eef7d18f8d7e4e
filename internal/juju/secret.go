package juju

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Why Juju does not hand out a secret. Its versions word both in several ways
// and may say either for the other, so nothing more can be read from them.
var (
	ErrSecretNotFound = errors.New("no such secret")
	ErrSecretDenied   = errors.New("permission denied")
)

// secretID has the forms that Juju takes (juju/juju core/secrets/secret.go). It
// is compiled when it is needed: most runs of the agent need it never.
var secretID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:secret:|secret://[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}/)?[0-9a-z]{20}$`)
})

// ParseSecretID gives a secret's id in the form that secret-get takes:
// secret:ID, ID, or secret://UUID/ID, without spaces around it. All else,
// a secret's name above all, is a usage error.
func ParseSecretID(ref string) (string, error) {
	id := strings.TrimSpace(ref)
	if !secretID().MatchString(id) {
		return "", fault.New(fault.Usage, "%q is not the id of a secret, which is secret: and 20 letters and digits; a name is not an id", ref).
			WithHint("juju show-secret NAME prints the id of a secret, as juju add-secret does when it makes one")
	}
	return id, nil
}

// SecretGet gives the content of a secret at its newest revision. Where Juju
// refuses, the error is [ErrSecretNotFound] or [ErrSecretDenied].
func (t Tools) SecretGet(ctx context.Context, ref string) (map[string]string, error) {
	return t.SecretGetLabelled(ctx, ref, "")
}

// refused tells apart why Juju did not do something with a secret. Versions 3
// and 4 of Juju have only these words in common.
func refused(err error, verb, name string) error {
	switch {
	case says(err, "permission denied"):
		return fault.New(fault.Precondition, "cannot %s secret %q", verb, name).Because(ErrSecretDenied)
	case says(err, "not found"):
		return fault.New(fault.NotFound, "cannot %s secret %q", verb, name).Because(ErrSecretNotFound)
	}
	return fault.Wrap(err, "cannot %s secret %q", verb, name)
}

// Secrets reads secrets on behalf of an application, and says to whom a secret
// is to be granted.
type Secrets struct {
	Tools Tools
	App   string // the application's name; empty where it is not known
}

// Secret gives the content of a secret at its newest revision, like
// [Tools.SecretGet]. An error that a grant can mend names the command.
func (s Secrets) Secret(ctx context.Context, ref string) (map[string]string, error) {
	content, err := s.Tools.SecretGet(ctx, ref)
	var f *fault.Error
	if !errors.As(err, &f) {
		return content, err
	}
	app := s.App
	if app == "" {
		app = "APPLICATION"
	}
	switch {
	case errors.Is(err, ErrSecretDenied):
		return nil, f.WithHint("next: juju grant-secret %s %s", strings.TrimSpace(ref), app)
	case errors.Is(err, ErrSecretNotFound):
		return nil, f.WithHint("juju secrets lists the ids there are; once it exists: juju grant-secret NAME %s", app)
	}
	return nil, err
}
