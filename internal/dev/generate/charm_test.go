package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/charm"
	"github.com/kratos-agent/kratos-agent/internal/juju"
)

func TestOptionsReference(t *testing.T) {
	t.Parallel()
	options, err := parseOptions([]byte(`
options:
  b_name:
    type: string
    default: some
    description: |
      First a_b.
      {"a": 1,
      "b_c": 2}
  a_switch: {type: boolean, default: false, description: A switch.}
  a_limit: {type: string, description: A limit.}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := newPage("Options", optionsIntro).String() + `
## b_name

string, by default ` + "`some`" + `

First a\_b.

` + "```json" + `
{"a": 1,
"b_c": 2}
` + "```" + `

## a_switch

boolean, by default ` + "`false`" + `

A switch.

## a_limit

string, empty by default

A limit.
`
	if diff := cmp.Diff(want, optionsReference(options)); diff != "" {
		t.Error(diff)
	}
}

func TestRelationsReference(t *testing.T) {
	t.Parallel()
	endpoints, err := parseEndpoints([]byte(`
name: thing
peers:
  others: {interface: thing_peers}
provides:
  out: {interface: o_i, optional: true, description: What goes out.}
requires:
  base: {interface: b_i, limit: 1, optional: false, description: "What it | stands on."}
`))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(relationsReference(endpoints), "| --- |\n")
	want := "| `base` | requires | `b_i` | 1 | **Needed.** What it \\| stands on. |\n" +
		"| `out` | provides | `o_i` | none | What goes out. |\n" +
		"| `others` | peers | `thing_peers` | none | "
	if !strings.HasPrefix(table, want) {
		t.Error(cmp.Diff(want, table))
	}
}

func TestStatusesReference(t *testing.T) {
	t.Parallel()
	page := statusesReference([]charm.StatusNote{
		{Status: juju.Blocked, Text: "Run `it` a_b", When: "When a_b.", Next: "Do `juju x a_b|c`, a_b."},
		{Status: juju.Active, Text: "", When: "W.", Next: "N."},
	})
	_, table, _ := strings.Cut(page, "| --- |\n")
	want := "| blocked | `` Run `it` a_b `` | When a\\_b. | Do `juju x a_b\\|c`, a\\_b. |\n| active | (no text) | W. | N. |\n"
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
}

func TestMalformedDeclarations(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{"no YAML": "a: [", "a list": "options: {a: [1]}\nrequires: {a: [1]}"} {
		if _, err := parseOptions([]byte(doc)); err == nil {
			t.Errorf("%s: options were read", name)
		}
		if _, err := parseEndpoints([]byte(doc)); err == nil {
			t.Errorf("%s: endpoints were read", name)
		}
	}
}

// TestDeclared finds a page that has lost what is declared.
func TestDeclared(t *testing.T) {
	t.Parallel()
	d, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.options) < 17 || len(d.endpoints) < 16 || len(d.statuses) < 20 {
		t.Errorf("%d options, %d endpoints, %d statuses", len(d.options), len(d.endpoints), len(d.statuses))
	}
	for _, o := range d.options {
		if o.Type == "" || o.Description == "" {
			t.Errorf("option %+v is not whole", o)
		}
	}
	if !strings.Contains(string(kratosagent.Config), "\n  "+d.options[0].name+":") {
		t.Errorf("%s is no option", d.options[0].name)
	}
}
