package cli

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// yamlOf gives a JSON document as YAML: keys in their order, numbers digit for
// digit, and quotes around strings that YAML 1.1 or 1.2 reads as something else.
func yamlOf(doc json.RawMessage) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	node, err := nodeOf(dec)
	if err == nil {
		var b bytes.Buffer
		enc := yaml.NewEncoder(&b)
		enc.SetIndent(2)
		if err = enc.Encode(node); err == nil {
			return b.String(), nil
		}
	}
	return "", fault.New(fault.Internal, "cannot show the result as YAML").Because(err)
}

func nodeOf(dec *json.Decoder) (*yaml.Node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		kind := yaml.SequenceNode
		if t == '{' {
			kind = yaml.MappingNode
		}
		return collection(dec, &yaml.Node{Kind: kind})
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: t.String()}, nil
	case string:
		return stringNode(t)
	case bool, nil:
		node := &yaml.Node{}
		return node, node.Encode(t)
	default:
		return nil, fmt.Errorf("unexpected %v", t)
	}
}

// stringNode quotes where it has to. yaml.v3 itself takes the string "<<" for a
// merge key.
func stringNode(s string) (*yaml.Node, error) {
	node := &yaml.Node{}
	if s == "<<" {
		node.SetString(s)
		node.Style = yaml.DoubleQuotedStyle
		return node, nil
	}
	return node, node.Encode(s)
}

// collection reads the rest of an object or a list; in a mapping node, keys and
// values take turns.
func collection(dec *json.Decoder, node *yaml.Node) (*yaml.Node, error) {
	for dec.More() {
		below, err := nodeOf(dec)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, below)
	}
	if len(node.Content) == 0 {
		node.Style = yaml.FlowStyle
	}
	_, err := dec.Token()
	return node, err
}
