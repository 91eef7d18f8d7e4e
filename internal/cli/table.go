package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kratos-agent/kratos-agent/internal/result"
)

// rows gives results in two columns. A value of several lines, such as a list,
// goes on below itself.
func rows(fields []result.Field) string {
	width := 0
	for _, f := range fields {
		width = max(width, utf8.RuneCountInString(f.Key))
	}
	var b strings.Builder
	for _, f := range fields {
		key := f.Key
		for line := range strings.SplitSeq(f.Text(), "\n") {
			b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s  %s", width, key, visible(line)), " ") + "\n")
			key = ""
		}
	}
	return b.String()
}

// visible escapes what would steer a terminal instead of being shown on it:
// control characters, and those that turn the direction of a text.
func visible(s string) string {
	if !strings.ContainsFunc(s, steers) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if steers(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func steers(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}
