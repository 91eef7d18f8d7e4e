package kratosconf

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// toNode gives the YAML of a value, by its yaml tags (names, omitempty, inline
// maps). yaml.v3 does that by itself, but writes a string of several lines as a
// block, and such a block does not always read back: one that begins with a line
// end is no YAML, and some line ends are lost. Here the style is chosen.
func toNode(v reflect.Value) (*yaml.Node, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
		}
		return toNode(v.Elem())
	case reflect.String:
		return stringNode(v.String()), nil
	case reflect.Slice:
		return sequenceNode(v)
	case reflect.Struct:
		return structNode(v)
	case reflect.Map:
		m := &yaml.Node{Kind: yaml.MappingNode}
		return m, addMap(m, v)
	default:
		n := &yaml.Node{}
		return n, n.Encode(v.Interface())
	}
}

// stringNode writes a string with anything but letters and signs in double
// quotes, with escapes; on the others yaml.v3 decides whether quotes are needed.
func stringNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if n.Tag == "!!str" {
		n.Style = 0
		if strings.ContainsFunc(s, isControl) {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	return n
}

// isControl tells what is no visible character, or ends a line for someone.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0xa0 || r >= 0x2000 && r <= 0x206f || r == 0xfeff
}

func sequenceNode(v reflect.Value) (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if v.Len() == 0 {
		list.Style = yaml.FlowStyle
	}
	for i := range v.Len() {
		n, err := toNode(v.Index(i))
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, n)
	}
	return list, nil
}

func structNode(v reflect.Value) (*yaml.Node, error) {
	if a, ok := v.Interface().(After); ok {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		field := v.Field(i)
		switch {
		case option == "inline":
			if err := addMap(m, field); err != nil {
				return nil, err
			}
			continue
		case option == "omitempty" && isEmpty(field):
			continue
		}
		if err := add(m, name, field); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// isEmpty is what omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// addMap adds the entries of a map with keys of string, in their order.
func addMap(m *yaml.Node, v reflect.Value) error {
	keys := slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if err := add(m, key.String(), v.MapIndex(key)); err != nil {
			return err
		}
	}
	return nil
}

func add(m *yaml.Node, key string, v reflect.Value) error {
	n, err := toNode(v)
	if err != nil {
		return err
	}
	m.Content = append(m.Content, stringNode(key), n)
	return nil
}
