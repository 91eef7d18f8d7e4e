package juju

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// document writes a map as JSON that is YAML too, keys sorted, since Juju reads
// what it is given by file with a YAML parser. Every value arrives as it is. One
// that is no UTF-8 is an error, which names its key and nothing of the value.
func document(values map[string]string) ([]byte, error) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !utf8.ValidString(key) || !utf8.ValidString(values[key]) {
			return nil, fault.New(fault.Internal, "the value of %q is no UTF-8", key)
		}
	}
	text, err := json.Marshal(values)
	return escape(text), err
}

// escape writes the characters that JSON takes as they are, and YAML 1.1 takes
// for line breaks or refuses, as escapes that both know.
func escape(text []byte) []byte {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r >= 0x7f && r <= 0x9f, r == 0xfffe, r == 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return []byte(b.String())
}
