package spec_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

type common struct {
	Who  string  `param:"who"`
	Whom *string `param:"whom"`
}

type params struct {
	common
	Loud  bool           `param:"loud"`
	Tone  string         `param:"tone"`
	Times json.Number    `param:"times"`
	Token *string        `param:"token"`
	Extra map[string]any `param:"extra"`
}

// given reads parameters as both doors do.
func given(t testing.TB, doc string) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func ptr(s string) *string { return &s }

func TestDecode(t *testing.T) {
	t.Parallel()
	defaults := params{common: common{Who: "a"}, Tone: "warm", Times: "2.50"}
	with := func(change func(*params)) params {
		p := defaults
		change(&p)
		return p
	}
	cases := map[string]struct {
		given string
		want  params
	}{
		"defaults":              {`{"who": "a"}`, defaults},
		"empty is not missing":  {`{"who": "a", "whom": ""}`, with(func(p *params) { p.Whom = ptr("") })},
		"boolean":               {`{"who": "a", "loud": true}`, with(func(p *params) { p.Loud = true })},
		"boolean as text":       {`{"who": "a", "loud": " True "}`, with(func(p *params) { p.Loud = true })},
		"number":                {`{"who": "a", "times": 12345678901234567890}`, with(func(p *params) { p.Times = "12345678901234567890" })},
		"number as text":        {`{"who": "a", "times": "7"}`, with(func(p *params) { p.Times = "7" })},
		"object":                {`{"who": "a", "extra": {"n": 1.50}}`, with(func(p *params) { p.Extra = map[string]any{"n": json.Number("1.50")} })},
		"object as text":        {`{"who": "a", "extra": "{\"n\": 1.50}"}`, with(func(p *params) { p.Extra = map[string]any{"n": json.Number("1.50")} })},
		"text that looks typed": {`{"who": "true", "tone": "cold"}`, with(func(p *params) { p.Who, p.Tone = "true", "cold" })},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got params
			if err := parse(t, sample).Decode(given(t, c.given), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(params{}, common{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ given, want, hint string }{
		"missing":         {`{}`, `greet needs the parameter who`, ""},
		"unknown":         {`{"who": "a", "whose": "b"}`, `greet has no parameter "whose"`, "its parameters are who, loud,"},
		"number for text": {`{"who": 7}`, `parameter who must be a string, not a number`, "--string-args"},
		"bool for text":   {`{"who": true}`, `parameter who must be a string, not the boolean true`, "--string-args"},
		"null":            {`{"who": null}`, `parameter who must be a string, not null`, "--string-args"},
		"list":            {`{"who": ["a"]}`, `parameter who must be a string, not a list`, "--string-args"},
		"map":             {`{"who": {"a": "b"}}`, `parameter who must be a string, not a map`, "--string-args"},
		"enum":            {`{"who": "a", "tone": "hot"}`, `parameter tone must be one of warm, cold, not "hot"`, ""},
		"no boolean":      {`{"who": "a", "loud": "yes"}`, `parameter loud must be true or false, not "yes"`, ""},
		"number as bool":  {`{"who": "a", "loud": 1}`, `parameter loud must be a boolean or a string, not a number`, ""},
		"no number":       {`{"who": "a", "times": "0x10"}`, `parameter times must be a number, not "0x10"`, ""},
		"no object":       {`{"who": "a", "extra": "[1]"}`, `parameter extra must be a JSON object`, ""},
		"two objects":     {`{"who": "a", "extra": "{} {}"}`, `parameter extra must be a JSON object`, ""},
		"null object":     {`{"who": "a", "extra": "null"}`, `parameter extra must be a JSON object`, ""},
		"secret's type":   {`{"who": "a", "token": 12345678}`, `parameter token must be a string, not a number`, "--string-args"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got params
			err := parse(t, sample).Decode(given(t, c.given), &got)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if fault.KindOf(err) != fault.Usage || !strings.Contains(fault.HintOf(err), c.hint) {
				t.Errorf("kind %s, hint %q", fault.KindOf(err), fault.HintOf(err))
			}
			if strings.Contains(err.Error(), "12345678") {
				t.Error("the error shows the value of a secret")
			}
		})
	}
}

// oracle is the sample's schema, in the hands of a validator that is not ours.
func oracle(t testing.TB) *jsonschema.Schema {
	t.Helper()
	var doc map[string]map[string]any
	if err := yaml.Unmarshal([]byte(sample), &doc); err != nil {
		t.Fatal(err)
	}
	schema := doc["greet"]
	schema["type"], schema["properties"] = "object", schema["params"]
	delete(schema, "params")
	delete(schema, "results")
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	if err := c.AddResource("schema.json", value); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// unreadable are the errors of texts that stand for another type.
var unreadable = regexp.MustCompile(`must be true or false, not "|must be a number, not "|must be a JSON object`)

// FuzzDecode holds the decoder to a JSON Schema validator: what that refuses,
// Decode refuses. The reverse does not hold, since a text may be no boolean.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"who": "a"}`, `{}`, `{"who": 1}`, `{"who": "a", "loud": "true", "times": "1e3"}`, `{"who": "a", "extra": {"a": [1]}}`,
		`{"who": null}`, `{"who": "a", "tone": "hot"}`, `{"who": "a", "x": 1}`, `{"who": "a", "times": 1e400}`,
	} {
		f.Add(seed)
	}
	schema := oracle(f)
	actions, err := spec.Parse([]byte(sample))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		dec := json.NewDecoder(strings.NewReader(doc))
		dec.UseNumber()
		var m map[string]any
		if dec.Decode(&m) != nil || m == nil {
			return // no JSON: no such input reaches it
		}
		var p params
		ours, theirs := actions[0].Decode(m, &p), schema.Validate(map[string]any(m))
		if theirs != nil && ours == nil {
			t.Errorf("accepted what the schema refuses: %v", theirs)
		}
		if theirs == nil && ours != nil && !unreadable.MatchString(ours.Error()) {
			t.Errorf("refused what the schema accepts: %v", ours)
		}
	})
}
