package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// The formats of a result.
const (
	table      = "table"
	jsonFormat = "json"
	yamlFormat = "yaml"
)

var formats = []string{table, jsonFormat, yamlFormat}

// present gives a result as it is printed.
func present(s settings, r result.Result) (string, error) {
	if s.quiet {
		return primary(r), nil
	}
	if s.format == table {
		return rows(whole(r)), nil
	}
	doc, err := document(r)
	if err == nil && s.format == yamlFormat {
		return yamlOf(doc)
	}
	var pretty bytes.Buffer
	if err == nil {
		err = json.Indent(&pretty, doc, "", "  ")
	}
	if err != nil {
		return "", fault.New(fault.Internal, "cannot show the result").Because(err)
	}
	return pretty.String() + "\n", nil
}

// primary gives the values that a script wants, one a line.
func primary(r result.Result) string {
	var b strings.Builder
	for _, key := range r.Primary {
		if v := r.Get(key); v != nil && text(v) != "" {
			b.WriteString(text(v) + "\n")
		}
	}
	return b.String()
}

// whole gives all results by the keys that Juju shows them by, but uncut and in
// their own types: a piece of the identity as the JSON that Kratos sent.
func whole(r result.Result) []result.Field {
	fields, _ := r.Flat()
	doc := branch{raw: r.Identity}
	for i := len(r.Fields); i < len(fields); i++ {
		fields[i].Value = doc.descend(strings.Split(fields[i].Key, "."))
	}
	return fields
}

// branch is a JSON value; its members are read when they are first asked for.
type branch struct {
	raw     json.RawMessage
	members map[string]*branch // by the keys that [result.Flatten] makes
}

// descend gives the value at a path of keys.
func (b *branch) descend(path []string) json.RawMessage {
	if len(path) == 0 {
		return b.raw
	}
	if b.members == nil {
		var members map[string]json.RawMessage
		if json.Unmarshal(b.raw, &members) != nil {
			return nil
		}
		b.members = make(map[string]*branch, len(members))
		for key, value := range members {
			b.members[strings.ReplaceAll(key, "_", "-")] = &branch{raw: value}
		}
	}
	below, ok := b.members[path[0]]
	if !ok {
		return nil
	}
	return below.descend(path[1:])
}

// document gives a result as JSON: Kratos' own document where that is all there
// is to show, else the results by their keys, nested at the dots.
func document(r result.Result) (json.RawMessage, error) {
	if r.IdentityOnly && r.Identity != nil {
		return r.Identity, nil
	}
	var root tree
	for _, f := range whole(r) {
		root.put(strings.Split(f.Key, "."), f.Value)
	}
	var b bytes.Buffer
	err := root.write(&b)
	return b.Bytes(), err
}

// tree is a JSON object whose keys have an order.
type tree struct{ members []member }

type member struct {
	key   string
	value any // of a result, or *tree
}

func (t *tree) put(path []string, value any) {
	if len(path) == 1 {
		t.members = append(t.members, member{path[0], value})
		return
	}
	for _, m := range t.members {
		if below, ok := m.value.(*tree); ok && m.key == path[0] {
			below.put(path[1:], value)
			return
		}
	}
	below := &tree{}
	t.members = append(t.members, member{path[0], below})
	below.put(path[1:], value)
}

func (t *tree) write(b *bytes.Buffer) error {
	b.WriteByte('{')
	for i, m := range t.members {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encode(b, m.key); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := writeValue(b, m.value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeValue(b *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case *tree:
		return v.write(b)
	case time.Time:
		return encode(b, v.UTC().Format(time.RFC3339))
	case []string:
		if len(v) == 0 {
			value = []string{}
		}
	}
	return encode(b, value)
}

// encode writes JSON, and "&" as such: links are full of it.
func encode(b *bytes.Buffer, value any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// text gives a value as a person reads it.
func text(value any) string {
	if raw, ok := value.(json.RawMessage); ok {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			return b.String()
		}
	}
	return result.Field{Value: value}.Text()
}
