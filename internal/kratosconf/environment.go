package kratosconf

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Environment is the environment of Kratos' processes. It wins over the file,
// and is read at start alone. A zero value is left out of [Environment.Map],
// unless said otherwise.
type Environment struct {
	DSN Secret // of the database
	// The secrets, the one in use first, older ones behind it. Kratos wants 16
	// characters for a cookie or default secret, and exactly 32 for a cipher.
	CookieSecrets, CipherSecrets, DefaultSecrets []Secret

	Courier Courier
	Log     Log
	Serve   Serve
	// CORS lets pages of other origins call the public API.
	CORS bool
	// AllowedReturnURLs, where there are any, win over those of the file.
	AllowedReturnURLs []string
	// RequiredAAL is what a session needs to count; see [HighestAvailable].
	RequiredAAL string
	Tracing     *Tracing
	// OAuth2ProviderURL is the admin API of the OAuth2 server.
	OAuth2ProviderURL string
	Proxies           Proxies
	// CertDir is a directory of CA certificates, in addition to the system's.
	CertDir string
	// Dev is always written: it turns security off, so its absence is said too.
	Dev bool
}

// Courier is what sends mail.
type Courier struct {
	ConnectionURI Secret
	FromAddress   string
	FromName      string
	// TemplatePath is a directory of templates in place of Kratos' own.
	TemplatePath string
	// RecoveryCodeBody is the URL of the template of recovery mails.
	RecoveryCodeBody string
}

// Tracing is where traces go, by OTLP over HTTP.
type Tracing struct {
	Endpoint      string // host:port
	Insecure      bool   // http, not https
	SamplingRatio float64
}

// Proxies are the proxies for calls that Kratos makes. Each is always written,
// so that none is inherited from a container's image.
type Proxies struct {
	HTTP, HTTPS, No string
}

// Map gives the variables. What is a list for Kratos is a JSON array: Kratos
// would split a plain text at its commas.
func (e Environment) Map() map[string]string {
	v := variables{}
	v.text("DSN", string(e.DSN))
	v.list("SECRETS_COOKIE", plain(e.CookieSecrets))
	v.list("SECRETS_CIPHER", plain(e.CipherSecrets))
	v.list("SECRETS_DEFAULT", plain(e.DefaultSecrets))
	v.text("LOG_LEVEL", e.Log.Level)
	v.text("LOG_FORMAT", e.Log.Format)
	v.list("SELFSERVICE_ALLOWED_RETURN_URLS", e.AllowedReturnURLs)
	v.text("SESSION_WHOAMI_REQUIRED_AAL", e.RequiredAAL)
	v.text("OAUTH2_PROVIDER_URL", e.OAuth2ProviderURL)
	v.text("SSL_CERT_DIR", e.CertDir)
	v["HTTP_PROXY"], v["HTTPS_PROXY"], v["NO_PROXY"] = e.Proxies.HTTP, e.Proxies.HTTPS, e.Proxies.No
	v["DEV"] = strconv.FormatBool(e.Dev)
	v.courier(e.Courier)
	v.listener("SERVE_PUBLIC_", e.Serve.Public)
	v.listener("SERVE_ADMIN_", e.Serve.Admin)
	v.flag("SERVE_PUBLIC_CORS_ENABLED", e.CORS)
	v.tracing(e.Tracing)
	return v
}

// variables are names and values of an environment.
type variables map[string]string

func (v variables) text(name, value string) {
	if value != "" {
		v[name] = value
	}
}

func (v variables) flag(name string, value bool) {
	if value {
		v[name] = "true"
	}
}

func (v variables) list(name string, values []string) {
	if len(values) > 0 {
		v[name] = jsonArray(values)
	}
}

func (v variables) courier(c Courier) {
	v.text("COURIER_SMTP_CONNECTION_URI", string(c.ConnectionURI))
	v.text("COURIER_SMTP_FROM_ADDRESS", c.FromAddress)
	v.text("COURIER_SMTP_FROM_NAME", c.FromName)
	v.text("COURIER_TEMPLATE_OVERRIDE_PATH", c.TemplatePath)
	v.text("COURIER_TEMPLATES_RECOVERY_CODE_VALID_EMAIL_BODY_HTML", c.RecoveryCodeBody)
}

func (v variables) listener(prefix string, l *Listener) {
	if l == nil {
		return
	}
	v.text(prefix+"BASE_URL", l.BaseURL)
	v.text(prefix+"HOST", l.Host)
	if l.Port != 0 {
		v[prefix+"PORT"] = strconv.Itoa(l.Port)
	}
}

func (v variables) tracing(t *Tracing) {
	if t == nil {
		return
	}
	v["TRACING_PROVIDER"] = "otel"
	v["TRACING_PROVIDERS_OTLP_SERVER_URL"] = t.Endpoint
	v["TRACING_PROVIDERS_OTLP_INSECURE"] = strconv.FormatBool(t.Insecure)
	v["TRACING_PROVIDERS_OTLP_SAMPLING_SAMPLING_RATIO"] = strconv.FormatFloat(t.SamplingRatio, 'f', -1, 64)
}

func plain(secrets []Secret) []string {
	texts := make([]string, len(secrets))
	for i, s := range secrets {
		texts[i] = string(s)
	}
	return texts
}

// jsonArray writes the values as they are: no HTML escapes, which some readers
// of a log would take for the value.
func jsonArray(values []string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(values) // strings always encode
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
