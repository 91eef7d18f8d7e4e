package kratosconf

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Schema is an identity schema: a JSON document under a name.
type Schema struct {
	ID   string
	JSON []byte
}

// Inline gives the schema as the configuration has it, the document in the URL.
func (s Schema) Inline() SchemaURL { return SchemaURL{ID: s.ID, URL: Base64URL(s.JSON)} }

// Inline gives the schemas as the configuration has them.
func Inline(schemas []Schema) []SchemaURL {
	all := make([]SchemaURL, len(schemas))
	for i, s := range schemas {
		all[i] = s.Inline()
	}
	return all
}

// Base64URL gives a URL that holds the text itself, as Kratos reads schemas,
// mappers and bodies from.
func Base64URL(text []byte) string {
	return "base64://" + base64.StdEncoding.EncodeToString(text)
}

// ParseSchemas reads the option: a JSON object of schemas by id, in the order in
// which they stand. Each is an object; whether it compiles is asked elsewhere.
func ParseSchemas(field, text string) ([]Schema, error) {
	schemas, err := parseSchemas(text)
	if err != nil {
		return nil, fault.New(fault.Usage, "cannot use %s: %s", field, err)
	}
	ids := make([]string, len(schemas))
	for i, s := range schemas {
		ids[i] = s.ID
	}
	if len(ids) == 0 {
		return nil, fault.New(fault.Usage, "cannot use %s: it holds no schema", field)
	}
	return schemas, CheckUnique(field, ids)
}

// parseSchemas reads token by token, since a map keeps neither the order nor an
// id that is there twice.
func parseSchemas(text string) ([]Schema, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	if t, err := d.Token(); err != nil {
		return nil, notJSON(err)
	} else if t != json.Delim('{') {
		return nil, errors.New("it is no JSON object of schemas by id")
	}
	var schemas []Schema
	for d.More() {
		id, err := d.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		s := Schema{ID: id.(string)} // a key always is
		var doc json.RawMessage
		if err := d.Decode(&doc); err != nil {
			return nil, notJSON(err)
		}
		if doc[0] != '{' {
			return nil, errors.New("the schema " + quote(s.ID) + " is no JSON object")
		}
		s.JSON = doc
		schemas = append(schemas, s)
	}
	if _, err := d.Token(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("it goes on after the JSON object")
	}
	return schemas, nil
}

// notJSON says where the text stops being JSON.
func notJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New("it is not JSON near byte " + strconv.FormatInt(syntax.Offset, 10) + ": " + syntax.Error())
	}
	return errors.New("it is not JSON: it ends too early")
}

func quote(s string) string { return strconv.Quote(s) }

// CheckDefaultSchema refuses a default that is not among the schemas. Kratos
// starts with one, and fails every login.
func CheckDefaultSchema(field, id string, schemas []Schema) error {
	for _, s := range schemas {
		if s.ID == id {
			return nil
		}
	}
	return fault.New(fault.Usage, "cannot use %s %q: no identity schema has this id", field, id)
}

// WithBuiltIn gives the schemas and, behind them, those built in whose id they
// do not use, so that the people who have one stay readable.
func WithBuiltIn(schemas []Schema) []Schema {
	all := slices.Clone(schemas)
	for _, b := range BuiltInSchemas() {
		if CheckDefaultSchema("", b.ID, schemas) != nil {
			all = append(all, b)
		}
	}
	return all
}
