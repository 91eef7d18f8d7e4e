package kratos

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The credential types that the agent deals with, as Kratos names them.
const (
	Password     = "password"
	OIDC         = "oidc"
	TOTP         = "totp"
	LookupSecret = "lookup_secret"
	WebAuthn     = "webauthn"
	Passkey      = "passkey"
	Code         = "code"
)

// The states of an identity.
const (
	Active   = "active"
	Inactive = "inactive"
)

// Identity is an identity as the admin API shows it, without the secrets of
// its credentials.
type Identity struct {
	ID       string
	SchemaID string
	State    string
	// Traits are kept as sent: numbers of any size, keys in their order.
	Traits json.RawMessage
	// Identifiers are those of the plain document, by credential type. A type
	// is listed even where nothing is set up for it: Kratos derives
	// identifiers from the schema.
	Identifiers map[string][]string
	// Document is the whole identity as the server sent it, credential
	// configuration left out.
	Document json.RawMessage
}

// signIn are the credential types whose identifiers a person types to sign in.
// Those of the others are internal (totp and lookup_secret carry the identity's
// id, passkey a handle) or belong to a provider.
var signIn = []string{Password, Code, WebAuthn}

// SignsInWith tells whether the person signs in with this identifier, in any
// letter case. One that only a social login carries is not one.
func (i Identity) SignsInWith(identifier string) bool {
	want := Normalize(identifier)
	return slices.ContainsFunc(signIn, func(t string) bool {
		return slices.ContainsFunc(i.Identifiers[t], func(have string) bool { return Normalize(have) == want })
	})
}

// Label names the identity for a person: its id and, where there is one, what
// the person signs in with.
func (i Identity) Label() string {
	for _, t := range signIn {
		if len(i.Identifiers[t]) > 0 {
			return i.ID + " (" + strings.Join(i.Identifiers[t], ", ") + ")"
		}
	}
	return i.ID
}

// Carries tells whether the identifier stands at any of the identity's
// credentials, social logins included.
func (i Identity) Carries(identifier string) bool {
	want := Normalize(identifier)
	for _, identifiers := range i.Identifiers {
		if slices.ContainsFunc(identifiers, func(have string) bool { return Normalize(have) == want }) {
			return true
		}
	}
	return false
}

// Normalize gives an identifier as Kratos compares it: trimmed and in lower
// case.
func Normalize(identifier string) string {
	return strings.ToLower(strings.TrimSpace(identifier))
}

// HasPasswordIdentifier tells whether the identity's schema gives it something
// to type beside a password. Without one, Kratos 1.3 answers 200 to a new
// password and stores nothing.
func (i Identity) HasPasswordIdentifier() bool { return len(i.Identifiers[Password]) > 0 }

// SocialLogins are the linked social logins as provider:subject. Kratos 1.3
// leaves an empty one behind when the last is removed; it is not among them.
func (i Identity) SocialLogins() []string {
	return slices.DeleteFunc(slices.Clone(i.Identifiers[OIDC]), func(id string) bool { return strings.Trim(id, ": ") == "" })
}

// Credentials tells what is really set up for an identity, which the plain
// document does not.
type Credentials struct {
	PasswordHash     Hash // empty where no password is set
	TOTP             bool
	LookupSecret     bool
	SecondFactorKeys int // WebAuthn keys that need a first factor beside them
	PasswordlessKeys int // WebAuthn keys that are a first factor
	Passkeys         int
}

// FirstFactor tells whether the person can sign in with one of these, social
// logins aside.
func (c Credentials) FirstFactor() bool {
	return c.PasswordHash != "" || c.PasswordlessKeys > 0 || c.Passkeys > 0
}

// Hash is a stored password hash. It is never printed.
type Hash string

// String hides the hash.
func (Hash) String() string { return "[hidden]" }

// GoString hides the hash.
func (Hash) GoString() string { return "[hidden]" }

// MarshalText hides the hash.
func (Hash) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// NewIdentity is what a new identity is made of.
type NewIdentity struct {
	SchemaID     string         // empty: the server's default schema
	Traits       map[string]any // numbers as json.Number
	PasswordHash Hash           // empty: no password
}

// Recovery is an issued way back in.
type Recovery struct {
	Link      string
	Code      string // empty for a link that needs none
	ExpiresAt time.Time
}
