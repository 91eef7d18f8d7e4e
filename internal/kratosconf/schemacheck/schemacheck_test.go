package schemacheck_test

import (
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf/schemacheck"
)

func TestBuiltIn(t *testing.T) {
	t.Parallel()
	for _, s := range kratosconf.BuiltInSchemas() {
		if err := schemacheck.Check(t.Context(), s.ID, s.JSON); err != nil {
			t.Error(err)
		}
	}
}

func traits(text string) string { return `{"properties":{"traits":{"properties":{"a":` + text + `}}}}` }

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ schema, want string }{
		"smallest":           {traits(`{"type":"string"}`), ""},
		"its own reference":  {`{"definitions":{"x":{"type":"string"}},"properties":{"traits":{"properties":{"a":{"$ref":"#/definitions/x"}}}}}`, ""},
		"no json":            {`nope`, "not of the form"},
		"a list":             {`[]`, "not of the form"},
		"empty":              {`{}`, "has no properties.traits"},
		"no traits":          {`{"properties":{"traits":{}}}`, "has nothing in"},
		"traits of a type":   {`{"properties":{"traits":{"type":"string","properties":{"a":{}}}}}`, "not of the type object"},
		"unknown type":       {traits(`{"type":"text"}`), "#/properties/traits/properties/a/type"},
		"bad regex":          {traits(`{"pattern":"("}`), "pattern"},
		"dangling":           {traits(`{"$ref":"#/definitions/x"}`), "x"},
		"another document":   {traits(`{"$ref":"http://127.0.0.1:9/x"}`), `another document, "http://127.0.0.1:9/x"`},
		"a file":             {traits(`{"$ref":"file:///etc/passwd"}`), "another document"},
		"unknown draft":      {`{"$schema":"http://example.com/draft",` + traits(`{}`)[1:], "unknown $schema"},
		"unknown extension":  {traits(`{"ory.sh/kratos":{"recover":{}}}`), "recover"},
		"recovery by pigeon": {traits(`{"ory.sh/kratos":{"recovery":{"via":"pigeon"}}}`), "email"},
		"newer credentials":  {traits(`{"ory.sh/kratos":{"credentials":{"saml":{"identifier":true}}}}`), ""},
		"identifier is text": {traits(`{"ory.sh/kratos":{"credentials":{"password":{"identifier":"yes"}}}}`), "expected boolean"},
		"not to be verified": {
			traits(`{"type":"string","format":"uri","ory.sh/kratos":{"verification":{"via":"email"}}}`), "none that Kratos can verify",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := schemacheck.Check(t.Context(), "identity_schemas", []byte(c.schema))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "cannot use identity_schemas: ") {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "base64:") || fault.KindOf(err) != fault.Usage {
				t.Errorf("%v (%s)", err, fault.KindOf(err))
			}
		})
	}
}
