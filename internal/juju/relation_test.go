package juju_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
)

const relations = `
relations:
- id: smtp:5
  app: mailer
  app-data: {host: mail.example.com, text: "-x"}
  units: {mailer/0: {ready: "yes"}, mailer/10: {}, mailer/2: {}}
  own-app-data: {from: us}
- {id: db:7, app: pg}
- {id: db:12, app: pg-two}
- {id: peers:0, own-app-data: {version: "1"}, own-units: {kratos/1: {theirs: "2"}}}
`

// texts are values that a careless way to Juju and back would change.
var texts = map[string]string{
	"dash": "-x", "dashes": "--", "file": "@x", "equals": "a=b=", "lines": "a\n\n b\n", "windows": "a\r\nb\r", "tab": "\t",
	"template": "{{ .Identity }} {% if %}", "json": `{"a": ["b\\"]}`, "yaml": "a: b # c\n- d", "quotes": `'"'`,
	"true": "true", "null": "null", "tilde": "~", "number": "007", "float": "1e3", "octal": "0o7", "date": "2001-01-01", "yes": "yes",
	"unicode": "Zoë 🎉 日本", "separators": "a\u0085b\u2028c\u2029d", "bom": "\ufeffx", "controls": "\x01\x1b[0m\x7f\u009f", "nbsp": "\u00a0",
	"noncharacters": "\ufffe\uffff", "html": "<a href='&amp;'>", "spaces": "  x  ", "merge": "<<", "anchor": "&a *b", "percent": "%x `y`",
	"long": strings.Repeat("long ", 40<<10), "mark": "s3cr3t-mark",
}

func TestRelationReading(t *testing.T) {
	t.Parallel()
	_, tools := hooked(t, relations)
	ctx := t.Context()
	address := map[string]string{"egress-subnets": "10.1.0.10/32", "ingress-address": "10.1.0.10", "private-address": "10.1.0.10"}
	tests := map[string]struct {
		read func() (any, error)
		want any
	}{
		"ids, oldest first":       {func() (any, error) { return tools.RelationIDs(ctx, "db") }, []string{"db:7", "db:12"}},
		"no ids":                  {func() (any, error) { return tools.RelationIDs(ctx, "info") }, []string{}},
		"units, by their numbers": {func() (any, error) { return tools.RelationUnits(ctx, "smtp:5") }, []string{"mailer/0", "mailer/2", "mailer/10"}},
		"no units":                {func() (any, error) { return tools.RelationUnits(ctx, "db:7") }, []string{}},
		"peers":                   {func() (any, error) { return tools.RelationUnits(ctx, "peers:0") }, []string{"kratos/1"}},
		"the application":         {func() (any, error) { return tools.RelationApp(ctx, "smtp:5") }, "mailer"},
		"the peers' application":  {func() (any, error) { return tools.RelationApp(ctx, "peers:0") }, "kratos"},
		"what it says":            {func() (any, error) { return tools.RelationGetApp(ctx, "smtp:5", "mailer") }, map[string]string{"host": "mail.example.com", "text": "-x"}},
		"what we say":             {func() (any, error) { return tools.RelationGetApp(ctx, "smtp:5", "kratos") }, map[string]string{"from": "us"}},
		"nothing said":            {func() (any, error) { return tools.RelationGetApp(ctx, "db:7", "pg") }, map[string]string{}},
		"what the unit says":      {func() (any, error) { return tools.RelationGet(ctx, "smtp:5", "kratos/0") }, address},
		"an address":              {func() (any, error) { return tools.BindAddress(ctx, "smtp") }, "10.1.0.10"},
	}
	for name, test := range tests {
		got, err := test.read()
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
	theirs, err := tools.RelationGet(ctx, "smtp:5", "mailer/0")
	if theirs["ready"] != "yes" || err != nil {
		t.Error(theirs, err)
	}
}

func TestRelationsOfAnotherShape(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	null := juju.Tools{Runner: canned{stdout: "null\n"}}
	if app, err := null.RelationApp(ctx, "smtp:5"); app != "" || err != nil {
		t.Error(app, err)
	}
	if bag, err := null.RelationGet(ctx, "smtp:5", "mailer/0"); bag == nil || len(bag) > 0 || err != nil {
		t.Error(bag, err)
	}
	mixed := juju.Tools{Runner: canned{stdout: `["b:x", "b:2", "a:10", "b", "b:1"]`}}
	ids, err := mixed.RelationIDs(ctx, "smtp")
	if diff := cmp.Diff([]string{"a:10", "b", "b:1", "b:2", "b:x"}, ids); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestBindAddress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer canned
		want   string
	}{
		"one":                  {canned{stdout: `{"bind-addresses":[{"addresses":[{"value":"10.1.2.3"}]}],"ingress-addresses":["10.9.9.9"]}`}, "10.1.2.3"},
		"IPv6":                 {canned{stdout: `{"bind-addresses":[{"addresses":[{"value":"fd00::1"},{"value":"10.1.2.3"}]}]}`}, "fd00::1"},
		"of the second device": {canned{stdout: `{"bind-addresses":[{"addresses":[]},{"addresses":[{"value":""},{"value":"10.1.2.3"}]}]}`}, "10.1.2.3"},
		"none":                 {canned{stdout: `{"bind-addresses":[],"egress-subnets":[]}`}, ""},
		"null":                 {canned{stdout: "null"}, ""},
		"no network yet":       {canned{code: 1, stderr: `ERROR no network config found for binding "smtp"`}, ""},
	}
	for name, test := range tests {
		got, err := juju.Tools{Runner: test.answer}.BindAddress(t.Context(), "smtp")
		if got != test.want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	u, tools := hooked(t, "address: none")
	if got, err := tools.BindAddress(t.Context(), "smtp"); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if diff := cmp.Diff([][]string{{"network-get", "smtp", "--format=json"}}, u.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestRelationRefusals(t *testing.T) {
	t.Parallel()
	_, tools := hooked(t, "leader: false\n"+relations)
	ctx := t.Context()
	second := func(_ any, err error) error { return err }
	some := map[string]string{"a": "s3cr3t-mark"}
	const unknown = `: invalid value "smtp:9" for option -r: relation not found`
	for name, test := range map[string]struct {
		err  error
		want told
	}{
		"units of none":       {second(tools.RelationUnits(ctx, "smtp:9")), told{fault.NotFound, "cannot list the units of relation smtp:9: relation-list" + unknown, ""}},
		"application of none": {second(tools.RelationApp(ctx, "smtp:9")), told{fault.NotFound, "cannot tell the application of relation smtp:9: relation-list" + unknown, ""}},
		"databag of none":     {second(tools.RelationGet(ctx, "smtp:9", "mailer/0")), told{fault.NotFound, "cannot read what mailer/0 says in relation smtp:9: relation-get" + unknown, ""}},
		"write to none":       {tools.RelationSet(ctx, "smtp:9", some, nil), told{fault.NotFound, "cannot write to relation smtp:9: relation-set" + unknown, ""}},
		"write as another":    {tools.RelationSetApp(ctx, "smtp:5", some, nil), told{fault.Precondition, "cannot write to relation smtp:5: relation-set: cannot write relation settings", ""}},
		"read as another":     {second(tools.RelationGetApp(ctx, "smtp:5", "kratos")), told{fault.Precondition, "cannot read what kratos says in relation smtp:5: relation-get: permission denied", ""}},
		"no text":             {tools.RelationSet(ctx, "smtp:5", map[string]string{"good": "x", "k": "s3cr3t-mark\xff"}, nil), told{fault.Internal, `cannot write to relation smtp:5: the value of "k" is no UTF-8`, ""}},
		"no text in a key":    {tools.RelationSet(ctx, "smtp:5", map[string]string{"k\xff": "x"}, nil), told{fault.Internal, `cannot write to relation smtp:5: the value of "k\xff" is no UTF-8`, ""}},
		"a unit that is gone": {second(tools.RelationGet(ctx, "smtp:5", "mailer/7")), told{fault.NotFound, `cannot read what mailer/7 says in relation smtp:5: relation-get: cannot read settings for unit "mailer/7" in relation "kratos:smtp mailer:smtp": unit "mailer/7": settings not found`, ""}},
	} {
		if diff := cmp.Diff(test.want, tell(test.err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRelationSet(t *testing.T) {
	t.Parallel()
	sets := map[string]struct {
		set   func(juju.Tools, map[string]string, []string) error
		flags []string
		kept  func(*jujutest.Relation) map[string]string
	}{
		"the unit's": {
			func(tools juju.Tools, set map[string]string, remove []string) error {
				return tools.RelationSet(t.Context(), "smtp:5", set, remove)
			}, []string{"--file", "-"},
			func(r *jujutest.Relation) map[string]string { return r.OwnUnits["kratos/0"] },
		},
		"the application's": {
			func(tools juju.Tools, set map[string]string, remove []string) error {
				return tools.RelationSetApp(t.Context(), "smtp:5", set, remove)
			}, []string{"--app", "--file", "-"},
			func(r *jujutest.Relation) map[string]string { return r.OwnAppData },
		},
	}
	for name, test := range sets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, tools := hooked(t, relations)
			change := func(set map[string]string, remove ...string) {
				t.Helper()
				if err := test.set(tools, set, remove); err != nil {
					t.Fatal(err)
				}
			}
			change(texts, "from")
			u.End(0)
			if diff := cmp.Diff(texts, test.kept(u.State().Relation("smtp:5"))); diff != "" {
				t.Errorf("what was given is not what was kept: %s", diff)
			}
			if diff := cmp.Diff([][]string{append([]string{"relation-set", "-r", "smtp:5"}, test.flags...)}, u.Calls()); diff != "" {
				t.Error(diff)
			}
			u.BeginHook("update-status")
			change(map[string]string{"dash": "", "tab": "set", "new": "\n"}, "mark", "tab", "never-there")
			change(nil)
			change(map[string]string{})
			u.End(0)
			want := maps.Clone(texts)
			delete(want, "dash")
			delete(want, "mark")
			want["tab"], want["new"] = "set", "\n"
			if diff := cmp.Diff(want, test.kept(u.State().Relation("smtp:5"))); diff != "" {
				t.Error(diff)
			}
			if len(u.Calls()) != 2 {
				t.Errorf("nothing to write is no call, got %d calls", len(u.Calls()))
			}
			nowhere(t, u)
		})
	}
}

// What was written comes back as it was, through Juju's JSON.
func TestRelationSetIsReadBack(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, relations)
	if err := tools.RelationSetApp(t.Context(), "db:7", texts, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := tools.RelationGetApp(t.Context(), "db:7", "kratos")
		if diff := cmp.Diff(texts, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
		u.End(0)
		u.BeginHook("update-status")
	}
	nowhere(t, u)
}
