package kratosconf

// Methods are the ways to prove who one is. Each is written, so that none is on
// because of a default.
type Methods struct {
	Profile      Toggle         `yaml:"profile"`
	Password     PasswordMethod `yaml:"password"`
	Code         CodeMethod     `yaml:"code"`
	Link         LinkMethod     `yaml:"link"`
	TOTP         TOTPMethod     `yaml:"totp"`
	LookupSecret Toggle         `yaml:"lookup_secret"`
	WebAuthn     WebAuthnMethod `yaml:"webauthn"`
	Passkey      PasskeyMethod  `yaml:"passkey"`
	OIDC         OIDCMethod     `yaml:"oidc"`
}

// Toggle is a method without settings.
type Toggle struct {
	Enabled bool `yaml:"enabled"`
}

// PasswordMethod is signing in by password.
type PasswordMethod struct {
	Enabled bool           `yaml:"enabled"`
	Config  PasswordConfig `yaml:"config"`
}

// PasswordConfig is the policy of passwords. Its zero value asks nobody outside
// whether a password is known to be stolen.
type PasswordConfig struct {
	HaveIBeenPwned bool `yaml:"haveibeenpwned_enabled"`
	MinLength      int  `yaml:"min_password_length,omitempty"`
}

// CodeMethod is a code by mail: for recovery and verification where Enabled, to
// sign in with where Passwordless. Kratos refuses Passwordless with MFA.
type CodeMethod struct {
	Enabled      bool `yaml:"enabled"`
	Passwordless bool `yaml:"passwordless_enabled"`
	MFA          bool `yaml:"mfa_enabled"`
}

// LinkMethod is a link by mail, or from the admin API.
type LinkMethod struct {
	Enabled bool        `yaml:"enabled"`
	Config  *LinkConfig `yaml:"config,omitempty"`
}

// LinkConfig says what links are like.
type LinkConfig struct {
	BaseURL  string `yaml:"base_url,omitempty"`
	Lifespan string `yaml:"lifespan,omitempty"` // a Go duration
}

// TOTPMethod is a code from an app.
type TOTPMethod struct {
	Enabled bool        `yaml:"enabled"`
	Config  *TOTPConfig `yaml:"config,omitempty"`
}

// TOTPConfig says what the app shows.
type TOTPConfig struct {
	Issuer string `yaml:"issuer"`
}

// WebAuthnMethod is a security key: the second factor, or the first where
// passwordless. Kratos wants Config where it is enabled.
type WebAuthnMethod struct {
	Enabled bool            `yaml:"enabled"`
	Config  *WebAuthnConfig `yaml:"config,omitempty"`
}

// WebAuthnConfig says what security keys are bound to.
type WebAuthnConfig struct {
	Passwordless bool         `yaml:"passwordless"`
	RP           RelyingParty `yaml:"rp"`
}

// PasskeyMethod is signing in by passkey. Kratos wants Config where it is
// enabled.
type PasskeyMethod struct {
	Enabled bool           `yaml:"enabled"`
	Config  *PasskeyConfig `yaml:"config,omitempty"`
}

// PasskeyConfig says what passkeys are bound to.
type PasskeyConfig struct {
	RP RelyingParty `yaml:"rp"`
}

// RelyingParty is the site that keys are bound to: its domain, and the origins
// (scheme, host, and port where it is not the scheme's) that may ask for them.
type RelyingParty struct {
	ID          string   `yaml:"id"`
	Origins     []string `yaml:"origins,omitempty"`
	DisplayName string   `yaml:"display_name"`
}

// OIDCMethod is signing in by another identity provider.
type OIDCMethod struct {
	Enabled bool        `yaml:"enabled"`
	Config  *OIDCConfig `yaml:"config,omitempty"`
}

// OIDCConfig lists the providers.
type OIDCConfig struct {
	BaseRedirectURI string     `yaml:"base_redirect_uri,omitempty"`
	Providers       []Provider `yaml:"providers"`
}

// Provider is an external identity provider; [CheckProvider] says what must
// hold of it. It reads from JSON under Kratos' names too, which is how the
// ConfigMap of providers has it.
type Provider struct {
	ID           string   `yaml:"id" json:"id"`
	Provider     string   `yaml:"provider" json:"provider"`
	Label        string   `yaml:"label,omitempty" json:"label,omitempty"`
	ClientID     string   `yaml:"client_id,omitempty" json:"client_id,omitempty"`
	ClientSecret Secret   `yaml:"client_secret,omitempty" json:"client_secret,omitempty"`
	Scope        []string `yaml:"scope,omitempty" json:"scope,omitempty"`
	// MapperURL names the jsonnet that makes traits of claims; Kratos refuses a
	// provider without. See [DefaultMapper].
	MapperURL string `yaml:"mapper_url" json:"mapper_url,omitempty"`

	IssuerURL string `yaml:"issuer_url,omitempty" json:"issuer_url,omitempty"` // generic, auth0, gitlab
	AuthURL   string `yaml:"auth_url,omitempty" json:"auth_url,omitempty"`
	TokenURL  string `yaml:"token_url,omitempty" json:"token_url,omitempty"`

	MicrosoftTenant string `yaml:"microsoft_tenant,omitempty" json:"microsoft_tenant,omitempty"`
	SubjectSource   string `yaml:"subject_source,omitempty" json:"subject_source,omitempty"` // of microsoft

	AppleTeamID       string `yaml:"apple_team_id,omitempty" json:"apple_team_id,omitempty"`
	ApplePrivateKeyID string `yaml:"apple_private_key_id,omitempty" json:"apple_private_key_id,omitempty"`
	ApplePrivateKey   Secret `yaml:"apple_private_key,omitempty" json:"apple_private_key,omitempty"`

	RequestedClaims  map[string]any `yaml:"requested_claims,omitempty" json:"requested_claims,omitempty"`
	OrganizationID   string         `yaml:"organization_id,omitempty" json:"organization_id,omitempty"`
	IDTokenAudiences []string       `yaml:"additional_id_token_audiences,omitempty" json:"additional_id_token_audiences,omitempty"`
	ClaimsSource     string         `yaml:"claims_source,omitempty" json:"claims_source,omitempty"`
	PKCE             string         `yaml:"pkce,omitempty" json:"pkce,omitempty"`
}
