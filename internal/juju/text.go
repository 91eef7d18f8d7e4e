package juju

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxArgument is how many bytes Linux takes as one argument of a process,
// without the NUL at its end (MAX_ARG_STRLEN, 32 pages of 4 KiB).
const maxArgument = 131071

// argument makes a text one that a process argument can hold: NUL bytes are
// shown as U+FFFD, and what is too long is cut, which its end says.
func argument(text string) string { return shorten(text, maxArgument) }

// shorten is argument with another limit, in bytes.
func shorten(text string, limit int) string {
	text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	if len(text) <= limit {
		return text
	}
	note := fmt.Sprintf(" ... [cut from %d bytes]", len(text))
	return clip(text, limit-len(note)) + note
}

// clip gives at most so many bytes of the text's beginning, runes whole.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
