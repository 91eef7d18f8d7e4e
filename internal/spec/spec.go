// Package spec reads the declared actions and checks parameters against them.
// What it takes is a small, strict subset of what Juju takes (JSON Schema
// draft 4 below each action's params): whatever it does not know, it refuses,
// so that nothing is declared that nobody enforces.
package spec

import "slices"

// Type is a JSON type that a parameter may have.
type Type string

// The types of parameters.
const (
	String  Type = "string"
	Boolean Type = "boolean"
	Number  Type = "number"
	Object  Type = "object"
)

// Action is a declared action.
type Action struct {
	Name        string
	Description string // sentences, one or more a line
	Params      []Param
	Results     []Result
}

// Result is a declared key of an action's results. The name "*" stands for
// those of an identity.
type Result struct{ Name, Description string }

// Param is a declared parameter of an action.
type Param struct {
	Name        string
	Description string
	// Types are those that Juju lets through. A parameter that is no string by
	// its first type may be a string too, for callers that can send nothing
	// else; it is read as the first type then.
	Types     []Type
	Enum      []string
	Default   any // string, bool or json.Number; nil for none
	Required  bool
	WriteOnly bool // a secret: never a flag of its own
}

// Type is what the parameter is read as.
func (p Param) Type() Type { return p.Types[0] }

// Param gives the parameter of that name.
func (a Action) Param(name string) (Param, bool) {
	i := slices.IndexFunc(a.Params, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return Param{}, false
	}
	return a.Params[i], true
}

// Find gives the action of that name.
func Find(actions []Action, name string) (Action, bool) {
	i := slices.IndexFunc(actions, func(a Action) bool { return a.Name == name })
	if i < 0 {
		return Action{}, false
	}
	return actions[i], true
}
