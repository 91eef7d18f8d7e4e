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
		return rows(r.Whole()), nil
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
		if v := r.Get(key); v != nil {
			if text := (result.Field{Value: v}).Text(); text != "" {
				b.WriteString(text + "\n")
			}
		}
	}
	return b.String()
}

// document gives a result as JSON: Kratos' own document where that is all there
// is to show, else the results in their order and behind them the members of the
// document, as Kratos has them.
func document(r result.Result) (json.RawMessage, error) {
	if r.IdentityOnly && r.Identity != nil {
		return r.Identity, nil
	}
	members, _ := result.Members(r.Identity)
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range r.Fields {
		value, err := valueOf(f.Value)
		if err != nil {
			return nil, err
		}
		writeMember(&b, i == 0, f.Key, value)
	}
	for i, m := range members {
		if r.Get(m.Key) == nil {
			writeMember(&b, i == 0 && len(r.Fields) == 0, m.Key, m.Value)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func writeMember(b *bytes.Buffer, first bool, key string, value json.RawMessage) {
	if !first {
		b.WriteByte(',')
	}
	name, _ := json.Marshal(key)
	b.Write(name)
	b.WriteByte(':')
	b.Write(value)
}

// valueOf gives a result's value as JSON, of its own type.
func valueOf(value any) (json.RawMessage, error) {
	switch v := value.(type) {
	case time.Time:
		value = v.UTC().Format(time.RFC3339)
	case []string:
		if v == nil {
			value = []string{}
		}
	}
	var b bytes.Buffer
	err := encode(&b, value)
	return b.Bytes(), err
}

// encode writes JSON, and "&" as such: links are full of it.
func encode(b *bytes.Buffer, value any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
