package spec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

const sample = `
greet:
  description: |
    Greet somebody.
  required: [who]
  additionalProperties: false
  params:
    who: &who
      type: string
      description: Whom to greet.
    loud:
      type: [boolean, string]
      default: false
      description: Shout it.
    tone:
      type: string
      enum: [warm, cold]
      default: warm
      description: How.
    times:
      type: [number, string]
      default: 2.50
      description: How often.
    token:
      type: string
      writeOnly: true
      description: A secret.
    extra:
      type: [object, string]
      description: More.
    whom: *who
  results:
    said: What was said.
    "*": More.
`

func parse(t *testing.T, doc string) spec.Action {
	t.Helper()
	actions, err := spec.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return actions[0]
}

func TestParse(t *testing.T) {
	t.Parallel()
	want := spec.Action{Name: "greet", Description: "Greet somebody.", Params: []spec.Param{
		{Name: "who", Description: "Whom to greet.", Types: []spec.Type{"string"}, Required: true},
		{Name: "loud", Description: "Shout it.", Types: []spec.Type{"boolean", "string"}, Default: false},
		{Name: "tone", Description: "How.", Types: []spec.Type{"string"}, Enum: []string{"warm", "cold"}, Default: "warm"},
		{Name: "times", Description: "How often.", Types: []spec.Type{"number", "string"}, Default: json.Number("2.50")},
		{Name: "token", Description: "A secret.", Types: []spec.Type{"string"}, WriteOnly: true},
		{Name: "extra", Description: "More.", Types: []spec.Type{"object", "string"}},
		{Name: "whom", Description: "Whom to greet.", Types: []spec.Type{"string"}},
	}, Results: []spec.Result{{Name: "said", Description: "What was said."}, {Name: "*", Description: "More."}}}
	if diff := cmp.Diff(want, parse(t, sample)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	// Each case changes the sample so that one thing is wrong.
	cases := map[string]struct{ old, new, want string }{
		"unknown key of an action":    {"required: [who]", "requires: [who]", `unknown key "requires"`},
		"unknown key of a parameter":  {"enum: [warm, cold]", "pattern: warm", `parameter tone: unknown key "pattern"`},
		"result twice":                {"    \"*\": More.", "    said: Again.", `"said" is there twice`},
		"key twice":                   {"    loud:", "    who:", `"who" is there twice`},
		"action twice":                {"\ngreet:", "\ngreet:\n  description: x\n  additionalProperties: false\ngreet:", `greet`},
		"open to other parameters":    {"additionalProperties: false", "additionalProperties: true", "must say additionalProperties: false"},
		"no such required parameter":  {"required: [who]", "required: [whose]", `requires "whose"`},
		"no description of an action": {"    Greet somebody.\n", "", "action greet has no description"},
		"no description":              {"      description: Whom to greet.\n", "", "parameter who has no description"},
		"no type":                     {"      type: [number, string]\n", "", "parameter times has no type"},
		"unsupported type":            {"[number, string]", "array", `type "array" is not supported`},
		"two types of their own":      {"[number, string]", "[string, number]", "the second type can only be string"},
		"default of another type":     {"default: false", "default: 1", "parameter loud: default: must be a boolean or a string"},
		"default outside the enum":    {"default: warm", "default: hot", "must be one of warm, cold"},
		"secret with a default":       {"writeOnly: true", "writeOnly: true\n      default: x", "a writeOnly one is a plain string"},
		"name that Juju refuses":      {"    loud:", "    Loud:", `"Loud" cannot be the name of a parameter`},
		"reserved action name":        {"greet:", "juju-greet:", `"juju-greet" cannot be the name of an action`},
		"enum that is no text":        {"enum: [warm, cold]", "enum: [warm, 1]", "must be a text"},
		"required that is no list":    {"required: [who]", "required: who", "must be a list of texts"},
		"description that is no text": {"description: How.", "description: 7", "must be a text"},
		"no map":                      {sample, "- greet", "must be a map"},
		"nothing":                     {sample, "# nothing", "there are none"},
		"no YAML":                     {sample, "\tgreet: {", "cannot parse"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := strings.Replace(sample, c.old, c.new, 1)
			if doc == sample {
				t.Fatalf("%q is not in the sample", c.old)
			}
			_, err := spec.Parse([]byte(doc))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestDeclaredActions(t *testing.T) {
	t.Parallel()
	actions, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actions {
		for _, p := range a.Params {
			if p.WriteOnly || p.Type() != spec.String || p.Enum != nil || p.Default != nil || p.Name == "schema-id" || p.Name == "password-secret-id" {
				continue
			}
			for _, word := range []string{"--string-args", `" #"`} {
				if !strings.Contains(p.Description, word) {
					t.Errorf("%s: %s takes free text, and its description does not name %s", a.Name, p.Name, word)
				}
			}
		}
	}
}
