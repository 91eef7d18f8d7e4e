package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Decode checks the given parameters as they are declared, inserts defaults and
// fills the struct that into points to: each field with the tag `param:"name"`
// takes the parameter of that name. Both doors come through here, so that a
// mistake has one text. Values are what encoding/json makes of JSON with
// UseNumber.
//
// A field is a string, bool, map[string]any or json.Number, or, where a missing
// parameter differs from an empty one, a pointer to such; the fields of an
// embedded struct count as the struct's own. Every error is of
// kind usage, and shows the value of no writeOnly parameter.
func (a Action) Decode(given map[string]any, into any) error {
	values := make(map[string]any, len(a.Params))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		p, ok := a.Param(name)
		if !ok {
			return a.unknown(name)
		}
		v, err := p.read(given[name])
		if err != nil {
			return fault.New(fault.Usage, "parameter %s %s", name, err).WithHint("%s", p.hint(given[name]))
		}
		values[name] = v
	}
	for _, p := range a.Params {
		if _, ok := values[p.Name]; ok {
			continue
		}
		if p.Required {
			return fault.New(fault.Usage, "%s needs the parameter %s", a.Name, p.Name)
		}
		if p.Default != nil {
			values[p.Name] = p.Default
		}
	}
	fill(reflect.ValueOf(into).Elem(), values)
	return nil
}

func (a Action) unknown(name string) error {
	names := make([]string, len(a.Params))
	for i, p := range a.Params {
		names[i] = p.Name
	}
	return fault.New(fault.Usage, "%s has no parameter %q", a.Name, name).
		WithHint("its parameters are %s", strings.Join(names, ", "))
}

// check tells whether a value is one that the declaration allows, as a JSON
// Schema validator would.
func (p Param) check(v any) error {
	if !slices.Contains(p.Types, typeOf(v)) {
		return fmt.Errorf("must be %s, not %s", p.want(), describe(v))
	}
	if s, ok := v.(string); ok && p.Enum != nil && !slices.Contains(p.Enum, s) {
		return fmt.Errorf("must be one of %s, not %q", strings.Join(p.Enum, ", "), s)
	}
	return nil
}

// read checks a value and gives it in the parameter's first type.
func (p Param) read(v any) (any, error) {
	if err := p.check(v); err != nil {
		return nil, err
	}
	s, ok := v.(string)
	if !ok || p.Type() == String {
		return v, nil
	}
	converted, err := convert(s, p.Type())
	if err != nil {
		return nil, err
	}
	return converted, nil
}

// convert reads a text as another type: what a caller meant who can only send
// strings.
func convert(s string, t Type) (any, error) {
	s = strings.TrimSpace(s)
	switch t {
	case Boolean:
		switch strings.ToLower(s) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("must be true or false, not %q", s)
	case Number:
		n := json.Number(s)
		if f, err := n.Float64(); err != nil || math.IsInf(f, 0) || math.IsNaN(f) || !json.Valid([]byte(s)) {
			return nil, fmt.Errorf("must be a number, not %q", s)
		}
		return n, nil
	default:
		return object(s)
	}
}

func object(s string) (map[string]any, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var o map[string]any
	if err := dec.Decode(&o); err != nil || o == nil || dec.More() {
		return nil, fmt.Errorf(`must be a JSON object such as {"name": "Alice"}`)
	}
	return o, nil
}

func typeOf(v any) Type {
	switch v.(type) {
	case string:
		return String
	case bool:
		return Boolean
	case json.Number:
		return Number
	case map[string]any:
		return Object
	default:
		return ""
	}
}

// describe names a value's type and, for what YAML typing makes of plain words
// and digits, the value too: it tells the operator what became of the input.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	default:
		return "a map"
	}
}

func (p Param) want() string {
	words := map[Type]string{String: "a string", Boolean: "a boolean", Number: "a number", Object: "an object"}
	list := make([]string, len(p.Types))
	for i, t := range p.Types {
		list[i] = words[t]
	}
	return strings.Join(list, " or ")
}

// hint says what to do when YAML typing made something else of a text.
func (p Param) hint(v any) string {
	if p.Type() != String || typeOf(v) == String {
		return ""
	}
	return "juju run types its values as YAML: add --string-args to keep them as typed"
}

// fill sets the fields of a struct. A field whose type does not fit its
// parameter panics: a test holds the two together.
func fill(into reflect.Value, values map[string]any) {
	for i := range into.NumField() {
		if into.Type().Field(i).Anonymous {
			fill(into.Field(i), values)
			continue
		}
		name := into.Type().Field(i).Tag.Get("param")
		v, ok := values[name]
		if !ok {
			continue
		}
		field, value := into.Field(i), reflect.ValueOf(v)
		if field.Kind() == reflect.Pointer {
			p := reflect.New(field.Type().Elem())
			p.Elem().Set(value)
			value = p
		}
		field.Set(value)
	}
}
