package kratos

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// What an error of a Client can be, for errors.Is. Which method gives which is
// said there.
var (
	ErrNoIdentity      = errors.New("no such identity")
	ErrNone            = errors.New("none of these")
	ErrDisabled        = errors.New("disabled on this server")
	ErrConflict        = errors.New("something else holds this")
	ErrLastFirstFactor = errors.New("last first factor")
	// ErrUncertain: a write of which no answer came, and that may have been
	// carried out.
	ErrUncertain = errors.New("it may have been done all the same")
)

// problem is what went wrong with a request. Its zero value says that nothing is
// known.
type problem struct {
	kind fault.Kind
	text string
	hint string
	is   error // nil, or what errors.Is is to find
}

func (p problem) known() bool { return p.kind != "" }

// fault makes the error of the request.
func (p problem) fault(r request) error {
	return &fault.Error{
		Kind: p.kind, Text: "cannot " + fold(r.doing), Hint: p.hint,
		Cause: &cause{text: fold(hide(place(p.text), r.secret)), is: p.is},
	}
}

// cause is the part of an error behind the colon. It shows its text alone and
// leads on to what it is.
type cause struct {
	text string
	is   error
}

// Error gives the text.
func (c *cause) Error() string { return c.text }

// Unwrap gives what the cause is.
func (c *cause) Unwrap() error { return c.is }

// textLimit bounds, in bytes, what is shown of another's words.
const textLimit = 600

// fold makes one line of what may be many, each said once, without the headings
// that Kratos puts over its schema errors and without control characters.
func fold(text string) string {
	var lines []string
	seen := map[string]bool{}
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(strings.Map(printable, line))
		if line != "" && !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	if len(lines) > 1 && strings.HasSuffix(lines[0], "validation failed") {
		lines = lines[1:]
	}
	return shorten(strings.Join(lines, "; "))
}

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

func shorten(text string) string {
	if len(text) <= textLimit {
		return text
	}
	return strings.ToValidUTF8(text[:textLimit], "") + " ..."
}

// hashes is the notation that all of Kratos' password hashes have: $2a$12$...,
// $argon2id$v=.... schemaError is what Kratos' schema errors begin with:
// I[#/traits/email] S[#/properties/...]. Both are compiled when they are needed,
// which most runs never do.
var (
	hashes      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$[0-9a-zA-Z-]+\$[^\s"']+`) })
	schemaError = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`I\[#/?([^\]]*)\] S\[[^\]]*\] *`) })
)

// place names where in the identity a schema error is, as traits.email.
func place(text string) string {
	return schemaError().ReplaceAllStringFunc(text, func(found string) string {
		pointer := schemaError().FindStringSubmatch(found)[1]
		if pointer == "" {
			return ""
		}
		return strings.ReplaceAll(pointer, "/", ".") + ": "
	})
}

// hide removes the secret of a request, and whatever looks like a password hash.
func hide(text, secret string) string {
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "[hidden]")
	}
	return hashes().ReplaceAllString(text, "[hidden]")
}
