package jujutest

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Secret is a secret of the model.
type Secret struct {
	ID string `yaml:"id"`
	// Owner is "model" for those that juju add-secret makes, else an
	// application's or a unit's name.
	Owner string `yaml:"owner"`
	// Label is the owner's name for it: the secret's name where the model owns it.
	Label       string `yaml:"label,omitempty"`
	Description string `yaml:"description,omitempty"`
	// Revisions hold the contents, oldest first; revision 1 is the first.
	Revisions []map[string]string `yaml:"revisions,flow"`
	// Grants are the applications that may read it.
	Grants []string `yaml:"grants,omitempty"`
	// Consumers are those that have read it, by unit.
	Consumers map[string]*Consumer `yaml:"consumers,omitempty"`
	Created   time.Time            `yaml:"created"`
	Updated   time.Time            `yaml:"updated"`
}

// Consumer is what Juju keeps of a unit that has read a secret.
type Consumer struct {
	// Revision is the one that the unit reads until it refreshes.
	Revision int    `yaml:"revision"`
	Label    string `yaml:"label,omitempty"`
}

// modelOwner owns the secrets that an administrator makes.
const modelOwner = "model"

// URI gives the form of the id that others pass on.
func (s *Secret) URI() string { return "secret:" + s.ID }

// readable tells whether the state's unit may read the secret.
func (s *Secret) readable(st *State) bool {
	return s.own(st) || slices.Contains(s.Grants, st.application())
}

// errNotValid is Juju's kind of error for what has the wrong form.
var errNotValid = errors.New("not valid")

// The forms of a secret's URI, and of an id in it: 20 digits of base 32, of
// which the last has one bit (juju/juju core/secrets/secret.go, rs/xid).
var (
	secretPath = regexp.MustCompile(`^(?:[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}/)?([0-9a-v]{19}[0g])$`)
	uuid       = regexp.MustCompile(`^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$`)
)

// parseSecretURI gives the id in secret:ID, ID or secret://UUID/ID.
func parseSecretURI(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if (u.Scheme != "" && u.Scheme != "secret") || (u.Host != "" && !uuid.MatchString(u.Host)) {
		return "", fmt.Errorf("secret URI %q %w", text, errNotValid)
	}
	path := strings.TrimLeft(u.Path, "/")
	if path == "" {
		path = u.Opaque
	}
	found := secretPath.FindStringSubmatch(path)
	if found == nil {
		return "", fmt.Errorf("secret URI %q %w", text, errNotValid)
	}
	return found[1], nil
}

// newSecretID makes up an id, unless the test wants one of its own.
func newSecretID(w *world) (string, error) {
	if id := w.getenv(EnvNextSecret); id != "" {
		return parseSecretURI(id)
	}
	return madeUpID(), nil
}

func madeUpID() string {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	random := make([]byte, 19)
	_, _ = rand.Read(random) // it never fails
	for i, b := range random {
		random[i] = digits[b%32]
	}
	return string(random) + "0"
}

// AddSecret adds a secret with its first revision. Its owner is another
// application, or the test's own; what the model owns juju add-secret makes.
func (st *State) AddSecret(owner, label string, content map[string]string) *Secret {
	made := &Secret{
		ID: madeUpID(), Owner: owner, Label: label,
		Revisions: []map[string]string{content}, Created: now(), Updated: now(),
	}
	st.Secrets = append(st.Secrets, made)
	return made
}

// Secret gives the secret of that id, in any of its forms, or nil.
func (st *State) Secret(ref string) *Secret {
	id, err := parseSecretURI(ref)
	if err != nil {
		return nil
	}
	return st.secretByID(id)
}

// Owned gives the secret of that label that the application owns, or nil.
func (st *State) Owned(label string) *Secret {
	for _, s := range st.Secrets {
		if s.Label == label && s.Owner == st.application() {
			return s
		}
	}
	return nil
}

// What the content of a secret has to obey (juju/juju core/secrets/createsecret.go).
var secretKey = regexp.MustCompile(`^([a-z](?:-?[a-z0-9]){2,})$`)

const maxSecret = 1000 * 1000

// secretData reads key=value, key#base64=value and key#file=path.
func secretData(w *world, args []string) (map[string]string, error) {
	data := map[string]string{}
	for _, arg := range args {
		i := strings.Index(strings.TrimRight(arg, "="), "=")
		if i < 1 {
			return nil, fmt.Errorf("key value %q %w", arg, errNotValid)
		}
		key, value := arg[:i], arg[i+1:]
		if bare, fromFile := strings.CutSuffix(key, "#file"); fromFile {
			content, err := os.ReadFile(w.path(value))
			if err != nil {
				return nil, fmt.Errorf("reading content for secret key %q: %w", bare, err)
			}
			key, value = bare, string(content)
		}
		data[key] = value
	}
	return checkSecret(data)
}

// checkSecret gives the content as it is stored, decoded.
func checkSecret(data map[string]string) (map[string]string, error) {
	content := map[string]string{}
	total := 0
	for _, key := range slices.Sorted(maps.Keys(data)) {
		value := data[key]
		encoded := base64.StdEncoding.EncodeToString([]byte(value))
		if bare, is := strings.CutSuffix(key, "#base64"); is {
			decoded, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return nil, err
			}
			key, value, encoded = bare, string(decoded), value
		}
		if !secretKey.MatchString(key) {
			return nil, fmt.Errorf("key %q %w", key, errNotValid)
		}
		if len(encoded) > maxSecret {
			return nil, fmt.Errorf("base64 encoded secret content for key %q too large: %d bytes", key, len(encoded))
		}
		content[key] = value
		total += len(encoded)
	}
	if total > maxSecret {
		return nil, fmt.Errorf("base64 encoded secret content too large: %d bytes", total)
	}
	return content, nil
}

// secretByID gives the secret of that id, or nil.
func (st *State) secretByID(id string) *Secret {
	i := slices.IndexFunc(st.Secrets, func(s *Secret) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return st.Secrets[i]
}
