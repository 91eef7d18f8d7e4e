package main

import (
	"encoding/json"
	"fmt"
	"go/format"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// declaredGo is the declaration as Go: to parse its YAML would take a tenth of
// the time of a short command, at every start.
func declaredGo(actions []spec.Action) (string, error) {
	var b strings.Builder
	b.WriteString(`// Code generated from actions.yaml by make generate. DO NOT EDIT.

package agent

import (
	"encoding/json"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// declared gives the declared actions, as spec.Parse reads them.
func declared() []spec.Action {
	return []spec.Action{
`)
	for _, a := range actions {
		fmt.Fprintf(&b, "{Name: %q, Description: %s", a.Name, quote(a.Description))
		if len(a.Params) > 0 {
			b.WriteString(", Params: []spec.Param{\n")
			for _, p := range a.Params {
				writeParam(&b, p)
			}
			b.WriteString("}")
		}
		b.WriteString(", Results: []spec.Result{\n")
		for _, r := range a.Results {
			fmt.Fprintf(&b, "{Name: %q, Description: %s},\n", r.Name, quote(r.Description))
		}
		b.WriteString("}},\n")
	}
	b.WriteString("}\n}\n")
	text, err := format.Source([]byte(b.String()))
	return string(text), err
}

func writeParam(b *strings.Builder, p spec.Param) {
	fmt.Fprintf(b, "{Name: %q, Description: %s, Types: %#v", p.Name, quote(p.Description), p.Types)
	if p.Enum != nil {
		fmt.Fprintf(b, ", Enum: %#v", p.Enum)
	}
	switch d := p.Default.(type) {
	case nil:
	case json.Number:
		fmt.Fprintf(b, ", Default: json.Number(%q)", d)
	default:
		fmt.Fprintf(b, ", Default: %#v", d)
	}
	if p.Required {
		b.WriteString(", Required: true")
	}
	if p.WriteOnly {
		b.WriteString(", WriteOnly: true")
	}
	b.WriteString("},\n")
}

// quote gives a Go string, a line of text a line of source.
func quote(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i < len(lines)-1 {
			line += "\n"
		}
		lines[i] = fmt.Sprintf("%q", line)
	}
	return strings.Join(lines, " +\n")
}
