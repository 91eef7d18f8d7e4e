package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// What one run of action-set can carry. Linux takes 131,071 bytes an argument
// and 2 MiB for all of them and the environment; Juju stores results in one
// document. Both limits leave room for keys and for the other results.
const (
	maxValue = 100_000
	maxTotal = 1_000_000
)

// segment is what Juju takes between the dots of a result's key
// (juju/juju cmd/jujuc action-set).
var segment = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)

// reserved are the key segments that Juju keeps for itself.
var reserved = map[string]bool{
	"stdout": true, "stdout-encoding": true, "stderr": true, "stderr-encoding": true,
}

// Flatten turns a JSON object into results for Juju, in the object's order:
// nested keys joined with dots, "_" as "-", null left out, numbers digit for
// digit. Lists, empty maps, and any map with a key that Juju cannot carry or
// with two that become one, are JSON text. What an argument cannot hold is cut,
// with a note in its place; cut tells so. A document that is no object gives
// nothing; one whose own keys Juju cannot carry is one result, "document".
func Flatten(doc json.RawMessage) (fields []Field, cut bool) {
	top, _ := Members(doc)
	if !carriable(top) {
		top = []Member{{Key: "document", Value: doc}}
	}
	left := maxTotal
	for _, m := range top {
		part := flatten(juju(m.Key), m.Value)
		if size(part) > min(left, maxValue) && len(part) > 1 {
			part = []Field{{Key: juju(m.Key), Value: compact(m.Value)}}
		}
		for _, f := range part {
			f.Value = carry(f.Value.(string))
			if v := f.Value.(string); len(v) > min(left, maxValue) {
				f.Value, cut = shorten(v, min(left, maxValue)), true
			}
			left = max(0, left-len(f.Key)-len(f.Value.(string)))
			fields = append(fields, f)
		}
	}
	return fields, cut
}

func flatten(key string, value json.RawMessage) []Field {
	if members, ok := Members(value); ok && len(members) > 0 && carriable(members) {
		var fields []Field
		for _, m := range members {
			fields = append(fields, flatten(key+"."+juju(m.Key), m.Value)...)
		}
		return fields
	}
	var s string
	switch {
	case bytes.Equal(value, []byte("null")):
		return nil
	case json.Unmarshal(value, &s) == nil:
		return []Field{{Key: key, Value: s}}
	default:
		return []Field{{Key: key, Value: compact(value)}}
	}
}

// Member is one key of a JSON object with its value as it was sent.
type Member struct {
	Key   string
	Value json.RawMessage
}

// Members gives the members of a JSON object in their order, or that it is no
// object.
func Members(doc json.RawMessage) ([]Member, bool) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var members []Member
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, false
		}
		m := Member{Key: t.(string)}
		if err := dec.Decode(&m.Value); err != nil {
			return nil, false
		}
		members = append(members, m)
	}
	return members, true
}

// carriable tells whether Juju can hold every key of the map, each apart.
func carriable(members []Member) bool {
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		k := juju(m.Key)
		if !segment.MatchString(k) || reserved[k] || seen[k] {
			return false
		}
		seen[k] = true
	}
	return true
}

func juju(key string) string { return strings.ReplaceAll(key, "_", "-") }

func compact(value json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return string(value)
	}
	return b.String()
}

// carry makes a value one that a process argument can hold, which ends at the
// first NUL byte: such a value is given as JSON text.
func carry(v string) string {
	if !strings.ContainsRune(v, 0) {
		return v
	}
	text, _ := json.Marshal(v)
	return string(text)
}

func size(fields []Field) (n int) {
	for _, f := range fields {
		n += len(f.Key) + len(f.Value.(string))
	}
	return n
}

func shorten(v string, limit int) string {
	note := fmt.Sprintf(" ... [cut from %d bytes; kratos-agent get-identity ID --format json, on the unit, shows all]", len(v))
	end := max(0, limit-len(note))
	for end > 0 && !utf8.RuneStart(v[end]) {
		end--
	}
	return v[:end] + note
}
