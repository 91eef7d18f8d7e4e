package kratos

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

var errForeign = errors.New("not what Kratos sends")

// decodeIdentity reads an identity. Whatever is no identity is an error.
func decodeIdentity(doc json.RawMessage) (Identity, error) {
	var read struct {
		ID          string          `json:"id"`
		SchemaID    string          `json:"schema_id"`
		State       string          `json:"state"`
		Traits      json.RawMessage `json:"traits"`
		Credentials map[string]struct {
			Identifiers []string `json:"identifiers"`
		} `json:"credentials"`
	}
	if err := json.Unmarshal(doc, &read); err != nil {
		return Identity{}, err
	}
	if read.ID == "" || read.SchemaID == "" {
		return Identity{}, errForeign
	}
	open, err := withoutConfig(doc)
	if err != nil {
		return Identity{}, err
	}
	i := Identity{ID: read.ID, SchemaID: read.SchemaID, State: read.State, Traits: read.Traits, Document: open}
	for kind, c := range read.Credentials {
		if i.Identifiers == nil {
			i.Identifiers = map[string][]string{}
		}
		i.Identifiers[kind] = c.Identifiers
	}
	return i, nil
}

// withoutConfig removes the config of every credential, where the secrets are.
// All else stays as sent. Names are compared as encoding/json does, in any letter
// case.
func withoutConfig(doc json.RawMessage) (json.RawMessage, error) {
	return mapMembers(doc, func(key string, credentials json.RawMessage) (json.RawMessage, error) {
		if !strings.EqualFold(key, "credentials") {
			return credentials, nil
		}
		return mapMembers(credentials, func(_ string, credential json.RawMessage) (json.RawMessage, error) {
			return mapMembers(credential, func(key string, value json.RawMessage) (json.RawMessage, error) {
				if strings.EqualFold(key, "config") {
					return nil, nil
				}
				return value, nil
			})
		})
	})
}

// mapMembers gives the JSON object with what change makes of each member; nil
// drops the member. What is no object stays as it is.
func mapMembers(object json.RawMessage, change func(key string, value json.RawMessage) (json.RawMessage, error)) (json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return object, err
	}
	var out bytes.Buffer
	separator := byte('{')
	for dec.More() {
		key, value, err := nextMember(dec)
		if err != nil {
			return nil, err
		}
		if value, err = change(key, value); err != nil {
			return nil, err
		}
		if value == nil {
			continue
		}
		out.WriteByte(separator)
		writeMember(&out, key, value)
		separator = ','
	}
	if _, err := dec.Token(); err != nil {
		return nil, err // not closed
	}
	if separator == '{' {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func nextMember(dec *json.Decoder) (key string, value json.RawMessage, err error) {
	token, err := dec.Token()
	if err != nil {
		return "", nil, err
	}
	key, _ = token.(string) // a member begins with a string, or Token fails
	err = dec.Decode(&value)
	return key, value, err
}

func writeMember(out *bytes.Buffer, key string, value json.RawMessage) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	// A string can always be written to memory.
	_ = enc.Encode(key)
	out.Truncate(out.Len() - 1) // Encode ends with a line feed
	out.WriteByte(':')
	out.Write(value)
}
