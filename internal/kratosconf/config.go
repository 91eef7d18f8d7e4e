package kratosconf

import (
	"bytes"
	"errors"
	"reflect"

	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Config is the configuration file. A nil pointer leaves the part to Kratos'
// defaults; the environment of the process wins over the file (see
// [Environment]), and is where secrets belong that Kratos reads at start alone.
type Config struct {
	// DSN may stand here for a trial without an environment.
	DSN         Secret      `yaml:"dsn,omitempty"`
	Identity    Identity    `yaml:"identity"`
	SelfService SelfService `yaml:"selfservice"`
	Ciphers     *Ciphers    `yaml:"ciphers,omitempty"`
	Session     *Session    `yaml:"session,omitempty"`
	Serve       *Serve      `yaml:"serve,omitempty"`
	Log         *Log        `yaml:"log,omitempty"`
}

// Identity names the identity schemas. Kratos wants one at least, and does not
// check that the default is among them: [CheckDefaultSchema] does.
type Identity struct {
	DefaultSchemaID string      `yaml:"default_schema_id"`
	Schemas         []SchemaURL `yaml:"schemas"`
}

// SchemaURL is where Kratos finds an identity schema: see [Schema.Inline].
type SchemaURL struct {
	ID  string `yaml:"id"`
	URL string `yaml:"url"`
}

// SelfService is what people do by themselves.
type SelfService struct {
	// DefaultReturnURL is required by Kratos.
	DefaultReturnURL  string   `yaml:"default_browser_return_url"`
	AllowedReturnURLs []string `yaml:"allowed_return_urls,omitempty"`
	Flows             Flows    `yaml:"flows"`
	Methods           Methods  `yaml:"methods"`
}

// Ciphers says how tokens of external providers are stored. Another algorithm
// than "noop" needs a cipher secret, and must not be set over tokens that were
// stored in clear: they would read as empty, or break reads.
type Ciphers struct {
	Algorithm string `yaml:"algorithm"`
}

// The cipher algorithms that Kratos knows.
const (
	CipherNoop      = "noop"
	CipherAES       = "aes"
	CipherXChaCha20 = "xchacha20-poly1305"
)

// Session is what holds of sessions.
type Session struct {
	Lifespan string  `yaml:"lifespan,omitempty"` // a Go duration: 24h
	Whoami   *Whoami `yaml:"whoami,omitempty"`
}

// Whoami says which sessions count when Kratos is asked who someone is.
type Whoami struct {
	RequiredAAL string `yaml:"required_aal"`
}

// The authenticator assurance that Kratos can be told to require.
const (
	AAL1             = "aal1"
	HighestAvailable = "highest_available" // the second factor too, of whoever has one
)

// Serve says where Kratos listens.
type Serve struct {
	Public *Listener `yaml:"public,omitempty"`
	Admin  *Listener `yaml:"admin,omitempty"`
}

// Listener is one of Kratos' two servers.
type Listener struct {
	BaseURL string `yaml:"base_url,omitempty"`
	Host    string `yaml:"host,omitempty"`
	Port    int    `yaml:"port,omitempty"`
}

// Log says what Kratos writes. The level is one that [LogLevel] gives.
type Log struct {
	Level  string `yaml:"level,omitempty"`
	Format string `yaml:"format,omitempty"`
}

// Secret is a string that fmt and slog print as [hidden]. It marshals as itself.
type Secret string

const hidden = "[hidden]"

// String hides the secret.
func (Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return hidden }

// YAML gives the text of the configuration file. The same value gives the same
// bytes. Every string comes back from it as it was.
func (c Config) YAML() ([]byte, error) {
	root, err := toNode(reflect.ValueOf(c))
	if err != nil {
		return nil, fault.New(fault.Internal, "cannot marshal the configuration").Because(err)
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(root), e.Close()); err != nil {
		return nil, fault.New(fault.Internal, "cannot marshal the configuration").Because(err)
	}
	return b.Bytes(), nil
}
