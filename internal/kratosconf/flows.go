package kratosconf

import (
	"slices"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Flows are the self-service flows. A nil flow is left to Kratos' defaults:
// registration is then on, recovery and verification are off.
type Flows struct {
	Error        *ErrorFlow        `yaml:"error,omitempty"`
	Login        *LoginFlow        `yaml:"login,omitempty"`
	Settings     *SettingsFlow     `yaml:"settings,omitempty"`
	Recovery     *RecoveryFlow     `yaml:"recovery,omitempty"`
	Verification *VerificationFlow `yaml:"verification,omitempty"`
	Registration *RegistrationFlow `yaml:"registration,omitempty"`
}

// The keys of the maps of methods in what comes after a flow. Login knows all
// but profile; settings all but code; registration the first five.
const (
	MethodPassword     = "password"
	MethodOIDC         = "oidc"
	MethodCode         = "code"
	MethodWebAuthn     = "webauthn"
	MethodPasskey      = "passkey"
	MethodTOTP         = "totp"
	MethodLookupSecret = "lookup_secret"
	MethodProfile      = "profile"
)

// ErrorFlow is the page that shows errors.
type ErrorFlow struct {
	UIURL string `yaml:"ui_url"`
}

// LoginFlow is signing in.
type LoginFlow struct {
	UIURL  string  `yaml:"ui_url,omitempty"`
	Style  string  `yaml:"style,omitempty"`
	Before *Before `yaml:"before,omitempty"`
	After  *After  `yaml:"after,omitempty"`
}

// The styles of the login flow.
const (
	StyleUnified         = "unified"
	StyleIdentifierFirst = "identifier_first"
)

// SettingsFlow is a person changing the own account.
type SettingsFlow struct {
	UIURL            string `yaml:"ui_url,omitempty"`
	RequiredAAL      string `yaml:"required_aal,omitempty"`
	PrivilegedMaxAge string `yaml:"privileged_session_max_age,omitempty"` // a Go duration
	After            *After `yaml:"after,omitempty"`
}

// RecoveryFlow is getting back into an account.
type RecoveryFlow struct {
	Enabled bool   `yaml:"enabled"`
	UIURL   string `yaml:"ui_url,omitempty"`
	Use     string `yaml:"use,omitempty"`
	After   *After `yaml:"after,omitempty"`
}

// VerificationFlow is proving that an address is one's own.
type VerificationFlow struct {
	Enabled bool   `yaml:"enabled"`
	UIURL   string `yaml:"ui_url,omitempty"`
	Use     string `yaml:"use,omitempty"`
	After   *After `yaml:"after,omitempty"`
}

// What recovery and verification can use.
const (
	UseCode = "code"
	UseLink = "link"
)

// RegistrationFlow is signing up.
type RegistrationFlow struct {
	Enabled bool    `yaml:"enabled"`
	UIURL   string  `yaml:"ui_url,omitempty"`
	Before  *Before `yaml:"before,omitempty"`
	After   *After  `yaml:"after,omitempty"`
}

// Before is what happens before a flow. Kratos takes web hooks alone here.
type Before struct {
	Hooks []Hook `yaml:"hooks,omitempty"`
}

// After is what happens after a flow. Methods are keyed by the Method constants.
// A method with hooks of its own does not run those of all methods: what should
// run for every method is written into each of them.
type After struct {
	ReturnURL string                 `yaml:"default_browser_return_url,omitempty"`
	Hooks     []Hook                 `yaml:"hooks,omitempty"`
	Methods   map[string]AfterMethod `yaml:",inline"`
}

// check refuses a method that no flow knows, which would be a key of any kind.
func (a After) check() error {
	known := []string{
		MethodPassword, MethodOIDC, MethodCode, MethodWebAuthn, MethodPasskey, MethodTOTP, MethodLookupSecret, MethodProfile,
	}
	for method := range a.Methods {
		if !slices.Contains(known, method) {
			return fault.New(fault.Internal, "no flow knows the method %q", method)
		}
	}
	return nil
}

// AfterMethod is what happens after a flow that used one method.
type AfterMethod struct {
	ReturnURL string `yaml:"default_browser_return_url,omitempty"`
	Hooks     []Hook `yaml:"hooks,omitempty"`
}

// Hook is one step: [RunWebHook], or one of Kratos' own below. Kratos runs a
// list in its order, and refuses one that has the same step twice.
type Hook struct {
	Name   string   `yaml:"hook"`
	Config *WebHook `yaml:"config,omitempty"`
}

// IssueSession signs in whoever has just registered. After registration alone.
func IssueSession() Hook { return Hook{Name: "session"} }

// ShowVerificationUI leads to the verification page. After login and
// registration.
func ShowVerificationUI() Hook { return Hook{Name: "show_verification_ui"} }

// RevokeActiveSessions ends the person's other sessions. After login, settings
// and recovery.
func RevokeActiveSessions() Hook { return Hook{Name: "revoke_active_sessions"} }

// RunWebHook calls a server.
func RunWebHook(w WebHook) Hook { return Hook{Name: "web_hook", Config: &w} }

// WebHook is the call of a server.
type WebHook struct {
	URL    string `yaml:"url"`
	Method string `yaml:"method"`
	// Body is the URL of a jsonnet template, base64:// included.
	Body string `yaml:"body,omitempty"`
	// EmitEvents has tracing told of each call.
	EmitEvents bool         `yaml:"emit_analytics_event"`
	Response   Response     `yaml:"response"`
	Auth       *WebHookAuth `yaml:"auth,omitempty"`
}

// Response says what is done with a web hook's answer. Kratos refuses both at
// once: one that is ignored cannot be parsed.
type Response struct {
	Ignore bool `yaml:"ignore"`
	Parse  bool `yaml:"parse"`
}

// WebHookAuth is how a web hook says who calls; make it with [APIKey].
type WebHookAuth struct {
	Type   string           `yaml:"type"`
	Config WebHookAuthValue `yaml:"config"`
}

// WebHookAuthValue is a secret and where it is sent.
type WebHookAuthValue struct {
	Name  string `yaml:"name"`
	Value Secret `yaml:"value"`
	In    string `yaml:"in"`
}

// Where an API key can be sent.
const (
	InHeader = "header"
	InCookie = "cookie"
)

// APIKey has the value sent under the name, in one of [InHeader] and [InCookie].
func APIKey(name string, value Secret, in string) *WebHookAuth {
	return &WebHookAuth{Type: "api_key", Config: WebHookAuthValue{Name: name, Value: value, In: in}}
}
