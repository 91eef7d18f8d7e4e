package spec

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// name is what Juju takes as the name of an action or a parameter
// (juju/charm actions.go).
var name = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`) })

// Parse reads the text of an actions.yaml. Unknown and repeated keys, and
// whatever Juju would refuse, are errors that name the line.
func Parse(doc []byte) ([]Action, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(doc, &root); err != nil {
		return nil, fmt.Errorf("cannot parse the declared actions: %w", err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("cannot parse the declared actions: there are none")
	}
	var actions []Action
	err := eachKey(root.Content[0], func(key string, value *yaml.Node) error {
		if !name().MatchString(key) || key == "juju" || strings.HasPrefix(key, "juju-") {
			return at(value, "%q cannot be the name of an action", key)
		}
		a, err := parseAction(key, value)
		actions = append(actions, a)
		return err
	})
	return actions, err
}

func parseAction(key string, n *yaml.Node) (Action, error) {
	a := Action{Name: key}
	var required []string
	closed := false
	err := eachKey(n, func(key string, v *yaml.Node) error {
		switch key {
		case "description":
			return text(v, &a.Description)
		case "required":
			return texts(v, &required)
		case "additionalProperties":
			closed = v.Tag == "!!bool" && v.Value == "false"
			return nil
		case "params":
			return eachKey(v, func(key string, v *yaml.Node) error {
				p, err := parseParam(key, v)
				a.Params = append(a.Params, p)
				return err
			})
		case "results":
			return eachKey(v, func(key string, v *yaml.Node) error {
				r := Result{Name: key}
				err := text(v, &r.Description)
				a.Results = append(a.Results, r)
				return err
			})
		}
		return at(v, "action %s: unknown key %q", a.Name, key)
	})
	switch {
	case err != nil:
		return a, err
	case a.Description == "":
		return a, at(n, "action %s has no description", a.Name)
	case !closed:
		return a, at(n, "action %s must say additionalProperties: false, since Juju 3 and 4 differ without it", a.Name)
	}
	return a, a.require(n, required)
}

func (a *Action) require(n *yaml.Node, required []string) error {
	for _, want := range required {
		i := slices.IndexFunc(a.Params, func(p Param) bool { return p.Name == want })
		if i < 0 {
			return at(n, "action %s requires %q, which is not among its params", a.Name, want)
		}
		a.Params[i].Required = true
	}
	return nil
}

func parseParam(key string, n *yaml.Node) (Param, error) {
	p := Param{Name: key}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if !name().MatchString(key) {
		return p, at(n, "%q cannot be the name of a parameter", key)
	}
	var def *yaml.Node
	err := eachKey(n, func(key string, v *yaml.Node) error {
		switch key {
		case "description":
			return text(v, &p.Description)
		case "type":
			return p.types(v)
		case "enum":
			return texts(v, &p.Enum)
		case "writeOnly":
			return v.Decode(&p.WriteOnly)
		case "default":
			def = v
			return nil
		}
		return at(v, "parameter %s: unknown key %q", p.Name, key)
	})
	switch {
	case err != nil:
		return p, err
	case p.Description == "":
		return p, at(n, "parameter %s has no description", p.Name)
	case len(p.Types) == 0:
		return p, at(n, "parameter %s has no type", p.Name)
	case p.WriteOnly && (len(p.Types) > 1 || p.Type() != String || p.Enum != nil || def != nil):
		return p, at(n, "parameter %s: a writeOnly one is a plain string without enum or default", p.Name)
	case def != nil:
		return p, p.setDefault(def)
	}
	return p, nil
}

func (p *Param) types(v *yaml.Node) error {
	var names []string
	if v.Kind == yaml.ScalarNode {
		names = []string{v.Value}
	} else if err := texts(v, &names); err != nil {
		return err
	}
	for i, t := range names {
		switch Type(t) {
		case String, Boolean, Number, Object:
			if i > 0 && Type(t) != String {
				return at(v, "parameter %s: the second type can only be string", p.Name)
			}
			p.Types = append(p.Types, Type(t))
		default:
			return at(v, "parameter %s: type %q is not supported", p.Name, t)
		}
	}
	return nil
}

func (p *Param) setDefault(v *yaml.Node) error {
	var raw any
	if err := v.Decode(&raw); err != nil {
		return err
	}
	if v.Tag == "!!int" || v.Tag == "!!float" {
		raw = json.Number(v.Value)
	}
	if err := p.check(raw); err != nil {
		return at(v, "parameter %s: default: %s", p.Name, err)
	}
	p.Default = raw
	return nil
}

// eachKey visits a mapping in its order and refuses a repeated key.
func eachKey(n *yaml.Node, visit func(key string, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "must be a map")
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if seen[key.Value] {
			return at(key, "%q is there twice", key.Value)
		}
		seen[key.Value] = true
		if err := visit(key.Value, value); err != nil {
			return err
		}
	}
	return nil
}

// text reads a string from its node, which costs every start of the agent much
// less than yaml's own decoding.
func text(n *yaml.Node, into *string) error {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		return at(n, "must be a text")
	}
	*into = strings.TrimSpace(n.Value)
	return nil
}

func texts(n *yaml.Node, into *[]string) error {
	if n.Kind != yaml.SequenceNode {
		return at(n, "must be a list of texts")
	}
	for _, item := range n.Content {
		var s string
		if err := text(item, &s); err != nil {
			return err
		}
		*into = append(*into, s)
	}
	return nil
}

func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", n.Line, fmt.Sprintf(format, args...))
}
