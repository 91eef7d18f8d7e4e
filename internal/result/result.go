// Package result is what an action has to say when it ends, apart from its
// error: results by key, notes for a person, and, where it shows one, the
// identity as Kratos sent it. The doors present it; nothing here prints.
package result

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Field is one result. Value is a string, bool, int, time.Time, []string, or
// json.RawMessage (a piece of the identity that no other type carries).
type Field struct {
	Key   string
	Value any
}

// Text gives the value as Juju carries it: a list one entry a line, a time as
// RFC 3339 in UTC.
func (f Field) Text() string {
	switch v := f.Value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case []string:
		return strings.Join(v, "\n")
	case json.RawMessage:
		return string(v)
	default:
		panic(fmt.Sprintf("result %s has a value of type %T", f.Key, f.Value))
	}
}

// Result collects what an action has done. Its zero value is ready to use. It
// is filled step by step, so that whatever was done is told even when a later
// step fails.
type Result struct {
	// Fields are the results in the order in which they were set.
	Fields []Field
	// Identity is Kratos' document of the identity, without the secrets of
	// its credentials; nil where the action does not show it.
	Identity json.RawMessage
	// IdentityOnly says that by hand the document alone is the output.
	IdentityOnly bool
	// Notes are lines for a person: an action-log under Juju, stderr by hand.
	Notes []string
	// Primary are the keys whose values alone are printed under --quiet.
	Primary []string
	// Changed says that something in Kratos was changed, so that a later
	// failure is a partial one.
	Changed bool
}

// Set adds a result, or replaces that of the same key.
func (r *Result) Set(key string, value any) {
	for i := range r.Fields {
		if r.Fields[i].Key == key {
			r.Fields[i].Value = value
			return
		}
	}
	r.Fields = append(r.Fields, Field{Key: key, Value: value})
}

// Unset takes a result back.
func (r *Result) Unset(key string) {
	r.Fields = slices.DeleteFunc(r.Fields, func(f Field) bool { return f.Key == key })
}

// Get gives the value of a key, or nil.
func (r *Result) Get(key string) any {
	for _, f := range r.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// Note adds a line for a person.
func (r *Result) Note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Flat gives all results as Juju can carry them: the fields, then the
// identity flattened (see [Flatten]) without what a field already says. cut
// tells whether something was too long and shortened.
func (r *Result) Flat() (fields []Field, cut bool) {
	doc, cut := Flatten(r.Identity)
	return r.with(doc), cut
}

// Whole gives all results by the keys of [Result.Flat], but nothing cut.
func (r *Result) Whole() []Field {
	var doc []Field
	top, _ := Members(r.Identity)
	for _, m := range top {
		doc = append(doc, flatten(juju(m.Key), m.Value)...)
	}
	return r.with(doc)
}

func (r *Result) with(doc []Field) (fields []Field) {
	fields = append(fields, r.Fields...)
	for _, f := range doc {
		if r.Get(f.Key) == nil {
			fields = append(fields, f)
		}
	}
	return fields
}
