package relation

import (
	"fmt"
	"strings"
)

// SecretRef is a secret that a remote databag names. It is read by its ID; a
// Label that is not empty is attached to it in the same call.
type SecretRef struct{ ID, Label string }

// Secrets are the contents of the secrets that were handed out, by the ID of
// their [SecretRef]. One that Juju refused is not in it.
type Secrets map[string]map[string]string

// SecretRefs lists the secrets that a relation names, whatever its endpoint. A
// name that is no secret's ID is left out: the reader of the interface says so.
func SecretRefs(r Relation) []SecretRef {
	var refs []SecretRef
	for _, named := range secretKeys(r) {
		if id := r.RemoteApp[named.key]; isSecretID(id) {
			refs = append(refs, SecretRef{ID: id, Label: named.label})
		}
	}
	return refs
}

type secretKey struct{ key, label string }

// secretKeys are the keys of the remote application's databag that name
// secrets, and the labels under which this charm's predecessor keeps them.
func secretKeys(r Relation) []secretKey {
	switch r.Endpoint {
	case DatabaseEndpoint:
		label := func(group string) string { return fmt.Sprintf("%s.%d.%s.secret", r.Endpoint, r.ID, group) }
		return []secretKey{{keySecretUser, label("user")}, {keySecretTLS, label("tls")}}
	case SMTPEndpoint:
		return []secretKey{{keyPasswordID, ""}}
	case RegistrationWebhookEndpoint, LoginWebhookEndpoint:
		return []secretKey{{keyAuthSecret, ""}}
	}
	return nil
}

// content gives the content of the secret that the remote application's databag
// names under the key; nil where it names none.
func (s Secrets) content(r Relation, key string) (map[string]string, error) {
	id := r.RemoteApp[key]
	if id == "" {
		return nil, nil
	}
	if !isSecretID(id) {
		return nil, r.malformed(key, "it is not the id of a secret")
	}
	content, ok := s[id]
	if !ok {
		return nil, &Error{Relation: r.String(), Key: key, Reason: "it is not granted, or not there", kind: ErrSecret}
	}
	return content, nil
}

// isSecretID tells whether secret-get takes the text as an id: secret:ID, ID,
// or secret://UUID/ID (juju/juju core/secrets/secret.go).
func isSecretID(text string) bool {
	const idLength, uuidLength = 20, 36
	rest, marked := strings.CutPrefix(text, "secret:")
	if uuid, slashed := strings.CutPrefix(rest, "//"); marked && slashed {
		if len(uuid) != uuidLength+1+idLength || uuid[uuidLength] != '/' || !allOf(uuid[:uuidLength], isUUIDByte) {
			return false
		}
		rest = uuid[uuidLength+1:]
	}
	return len(rest) == idLength && allOf(rest, isIDByte)
}

func allOf(text string, is func(byte) bool) bool {
	for i := range len(text) {
		if !is(text[i]) {
			return false
		}
	}
	return true
}

func isIDByte(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' }

func isUUIDByte(c byte) bool { return c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }
