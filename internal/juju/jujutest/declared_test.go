package jujutest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	kratosagent "github.com/kratos-agent/kratos-agent"
)

func TestReadActions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ doc, want string }{
		"all that may be":   {`{a1: {description: d, title: t, parallel: true, execution-group: g, required: [p], writeOnly: true, params: {p: {type: [string, integer], pattern: "^x", format: email, const: 1}}}}`, ""},
		"upper case":        {`{Greet: {}}`, "bad action name Greet"},
		"underscore":        {`{a_b: {}}`, "bad action name a_b"},
		"juju":              {`{juju: {}}`, `cannot use action name juju: "juju" is a reserved name`},
		"juju-":             {`{juju-greet: {}}`, `cannot use action name juju-greet: the "juju-" prefix is reserved`},
		"description":       {`{a: {description: 1}}`, `value for schema key "description" must be a string`},
		"required":          {`{a: {required: p}}`, `value for schema key "required" must be a YAML list`},
		"parallel":          {`{a: {parallel: 1}}`, `value for schema key "parallel" must be a bool`},
		"params without":    {`{a: {params: }}`, "params failed to parse as a map"},
		"a bool for a key":  {`{a: {params: {on: {type: string}}}}`, "map keyed with non-string value"},
		"a reference":       {`{a: {params: {p: {$ref: "#/x"}}}}`, `schema key "$ref" not compatible with this version of juju`},
		"an unknown type":   {`{a: {params: {p: {type: text}}}}`, "invalid params schema for action schema a: text is not a valid type"},
		"a lookahead":       {`{a: {params: {p: {pattern: "(?=x)"}}}}`, "invalid params schema for action schema a: pattern must be a valid regex"},
		"beyond the double": {`{a: {params: {p: {oneOf: []}}}}`, "invalid params schema for action schema a: jujutest: the double does not know oneOf"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readActions([]byte(test.doc))
			if got := text(err); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}

func TestTheAgentsOwnActions(t *testing.T) {
	t.Parallel()
	actions, err := readActions(kratosagent.Actions)
	if err != nil || actions["get-identity"] == nil {
		t.Fatalf("%v %v", err, actions)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	actions, err := readActions([]byte(`
a:
  required: [username]
  params:
    username: {type: string, minLength: 2, maxLength: 4, pattern: "^[a-z]+$"}
    mail: {type: string, format: email}
    choice: {type: string, enum: [link, code]}
    many: {type: [string, integer]}
    count: {type: integer, minimum: 1, maximum: 9}
    between: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 1.5, exclusiveMaximum: true}
    map: {type: object, required: [k], additionalProperties: {type: integer}, properties: {k: {}}, maxProperties: 2}
    list: {type: array, items: {type: string}, minItems: 1, maxItems: 2}
`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ params, want string }{
		"all right":      {`{"username":"bob","mail":"no mail","choice":"link","many":3,"count":1,"map":{"k":null,"l":1},"list":["a"]}`, ""},
		"an int":         {`{"username":12345}`, `(root).username : must be of type string, given 12345`},
		"null":           {`{"username":null}`, `(root).username : must be of type string, given null`},
		"short":          {`{"username":"b"}`, `(root).username : string length must be greater or equal to 2, given "b"`},
		"long":           {`{"username":"bobby"}`, `(root).username : string length must be lower or equal to 4, given "bobby"`},
		"pattern":        {`{"username":"BOB"}`, `(root).username : does not match pattern '^[a-z]+$', given "BOB"`},
		"enum":           {`{"username":"bob","choice":"x"}`, `(root).choice : must match one of the enum values ["link","code"], given "x"`},
		"two types":      {`{"username":"bob","many":true}`, `(root).many : must be of type [string,integer], given true`},
		"beyond 2^53":    {`{"username":"bob","many":9007199254740993}`, `(root).many : must be of type [string,integer], given 9007199254740992`},
		"missing":        {`{"mail":"x"}`, `(root) : "username" property is missing and required, given {"mail":"x"}`},
		"not declared":   {`{"username":"bob","extra":1}`, `(root) : additional property "extra" is not allowed, given {"extra":1,"username":"bob"}`},
		"too small":      {`{"username":"bob","count":0}`, `(root).count : must be greater than 1, given "0"`},
		"too big":        {`{"username":"bob","count":10}`, `(root).count : must be lower than 9, given "10"`},
		"no integer":     {`{"username":"bob","count":1.5}`, `(root).count : must be of type integer, given 1.5`},
		"at the minimum": {`{"username":"bob","between":0}`, `(root).between : must be greater than or equal to 0, given "0"`},
		"at the maximum": {`{"username":"bob","between":1.5}`, `(root).between : must be lower than or equal to 1.5, given "1.5"`},
		"within a map":   {`{"username":"bob","map":{"k":1,"l":"x"}}`, `(root).map : must be of type integer, given "x"`},
		"within a list":  {`{"username":"bob","list":["a",1]}`, `(root).list.1 : must be of type string, given 1`},
		"an empty list":  {`{"username":"bob","list":[]}`, `(root).list : array must have at least 1 items, given []`},
		"a long list":    {`{"username":"bob","list":["a","b","c"]}`, `(root).list : array must have at the most 2 items, given ["a","b","c"]`},
		"a big map":      {`{"username":"bob","map":{"k":1,"l":2,"m":3}}`, `(root).map : must have at the most 2 properties, given {"k":1,"l":2,"m":3}`},
		"several":        {`{"extra":1,"mail":2}`, `(root) : "username" property is missing and required, given {"extra":1,"mail":2}; (root) : additional property "extra" is not allowed, given {"extra":1,"mail":2}; (root).mail : must be of type string, given 2`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var params map[string]any
			if err := json.Unmarshal([]byte(test.params), &params); err != nil {
				t.Fatal(err)
			}
			got := strings.TrimPrefix(text(validate(actions["a"], params)), "validation failed: ")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInsertDefaults(t *testing.T) {
	t.Parallel()
	actions, err := readActions([]byte(`
a:
  params:
    one: {type: string, default: 1}
    deep: {type: object, properties: {two: {default: x}, three: {}}}
    none: {type: object, properties: {four: {}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ given, want map[string]any }{
		"nothing given": {map[string]any{}, map[string]any{"one": 1, "deep": map[string]any{"two": "x"}}},
		"what is given stays": {
			map[string]any{"one": "mine", "deep": map[string]any{"three": 3}},
			map[string]any{"one": "mine", "deep": map[string]any{"three": 3, "two": "x"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insertDefaults(test.given, actions["a"])
			if diff := cmp.Diff(test.want, test.given); diff != "" {
				t.Error(diff)
			}
		})
	}
}
