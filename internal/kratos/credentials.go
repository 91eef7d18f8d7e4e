package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// asked are the credential types whose configuration tells what is set up. Not
// among them is oidc: its configuration holds the providers' tokens, Kratos
// cannot always decrypt them, and the identifiers say all that is needed.
var asked = []string{Password, TOTP, LookupSecret, WebAuthn, Passkey}

// Credentials tells what is set up for the identity, or says [ErrNoIdentity].
// Kratos' answer holds secrets in clear; of them only the password's hash is
// kept.
func (c *Client) Credentials(ctx context.Context, id string) (Credentials, error) {
	r := request{doing: fmt.Sprintf("read the credentials of identity %q", id)}
	r.send = func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.GetIdentity(ctx, id).IncludeCredential(asked).Execute()
		return resp, err
	}
	a, err := c.onIdentity(ctx, r, id)
	if err != nil {
		return Credentials{}, err
	}
	found, err := decodeCredentials(a.body)
	if err != nil {
		return Credentials{}, c.foreign(r, a)
	}
	return found, nil
}

// key is a WebAuthn key or a passkey, as far as it is of interest.
type key struct {
	Passwordless bool `json:"is_passwordless"`
}

// configured is what is read of an identity with its credentials' configuration.
type configured struct {
	Credentials struct {
		Password struct {
			Config struct {
				Hash Hash `json:"hashed_password"`
			}
		}
		TOTP struct {
			Config struct {
				URL string `json:"totp_url"`
			}
		}
		LookupSecret struct {
			Config struct {
				Codes []struct{} `json:"recovery_codes"`
			}
		} `json:"lookup_secret"`
		WebAuthn struct{ Config struct{ Credentials []key } }
		Passkey  struct{ Config struct{ Credentials []key } }
	}
}

func decodeCredentials(doc json.RawMessage) (Credentials, error) {
	if _, err := decodeIdentity(doc); err != nil {
		return Credentials{}, err
	}
	var read configured
	if err := json.Unmarshal(doc, &read); err != nil {
		return Credentials{}, err
	}
	all := read.Credentials
	found := Credentials{
		PasswordHash: all.Password.Config.Hash,
		TOTP:         all.TOTP.Config.URL != "",
		LookupSecret: len(all.LookupSecret.Config.Codes) > 0,
		Passkeys:     len(all.Passkey.Config.Credentials),
	}
	for _, k := range all.WebAuthn.Config.Credentials {
		if k.Passwordless {
			found.PasswordlessKeys++
		} else {
			found.SecondFactorKeys++
		}
	}
	return found, nil
}

// DeleteCredential removes a credential of the identity; of [OIDC] the social
// login that the identifier names (provider:subject), which is for that type
// alone. [ErrNone] says that there is no such credential, [ErrNoIdentity] that
// there is no such identity, and [ErrLastFirstFactor] that this server keeps the
// last way to sign in; Kratos 1.3 removes it.
//
// Of [WebAuthn] Kratos removes the keys that are a second factor, and says so
// even where there was none. It refuses passkeys, passwords and codes.
func (c *Client) DeleteCredential(ctx context.Context, id, credentialType, identifier string) error {
	what := "the " + credentialType + " credential"
	if identifier != "" {
		what = fmt.Sprintf("social login %q", identifier)
	}
	r := request{doing: fmt.Sprintf("remove %s of identity %q", what, id), write: true, meaning: credentialMeaning}
	r.send = func(ctx context.Context) (*http.Response, error) {
		call := c.api.DeleteIdentityCredentials(ctx, id, credentialType)
		if identifier != "" {
			call = call.Identifier(identifier)
		}
		return call.Execute()
	}
	return c.deletion(ctx, r, id)
}

// credentialMeaning tells the identity that is not there, of which Kratos gives
// no reason, from the credential that is not.
func credentialMeaning(f refusal) problem {
	switch {
	case f.status == http.StatusNotFound && f.reason != "":
		return problem{kind: fault.NotFound, text: f.reason, is: ErrNone}
	case f.status == http.StatusBadRequest && strings.Contains(f.reason, "last first factor"):
		return problem{kind: fault.Precondition, text: f.reason, is: ErrLastFirstFactor}
	}
	return problem{}
}
