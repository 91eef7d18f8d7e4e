package kratosconf

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Refusal tells from what Kratos wrote to stderr why it would not start: pointer
// and rule, such as
//
//	selfservice.methods.oidc.config.providers.0: additional property typo_key
//
// Kratos prints the refused values beside them, secrets included: none of them
// is in what this gives. It is empty where Kratos gave no reason known here.
func Refusal(stderr []byte) string {
	reason := lastError(string(stderr))
	if reason == "" {
		return ""
	}
	var found []string
	// Pointers into an identity schema look like those into the configuration.
	prefix := ""
	if strings.Contains(reason, `doesn't validate with "http://json-schema.org/`) {
		prefix = "identity.schemas: "
	}
	for _, n := range parseViolations(reason) {
		for _, leaf := range n.leaves() {
			if text := prefix + leaf.text(); !slices.Contains(found, text) {
				found = append(found, text)
			}
		}
	}
	if len(found) == 0 {
		return otherRefusal(reason)
	}
	const most = 3
	if more := len(found) - most; more > 0 {
		found = append(found[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(found, "; ")
}

// PortTaken tells that Kratos ended because another process had its port.
func PortTaken(stderr []byte) bool {
	return strings.Contains(lastError(string(stderr)), "bind: address already in use")
}

// lastError gives what stands behind the last "Error: " at the begin of a line,
// up to the usage. What is printed before has values with line ends in them;
// here each value is quoted.
func lastError(stderr string) string {
	const start = "\nError: "
	i := strings.LastIndex("\n"+stderr, start)
	if i < 0 {
		return ""
	}
	text, _, _ := strings.Cut(stderr[i+len(start)-1:], "\nUsage:")
	return text
}

// otherRefusal knows the reasons that name no pointer, by their fixed words.
func otherRefusal(reason string) string {
	for _, r := range []struct{ words, text string }{
		{"bind: address already in use", "a port is taken"},
		{"dsn value requested an unknown driver", "dsn: unknown driver"},
		{"looking for beginning of", "identity.schemas: a schema is not JSON"},
		{"unexpected end of JSON input", "identity.schemas: a schema is not JSON"},
		{"base64 string", "identity.schemas: a schema is not base64"},
		{"giving up after", "identity.schemas: a schema cannot be fetched"},
		{"no such file or directory", "a file is not there"},
		{"yaml: ", "the file is not YAML"},
	} {
		if strings.Contains(reason, r.words) {
			return r.text
		}
	}
	return ""
}

// violation is a line of Kratos' report, and the lines below that explain it.
type violation struct {
	depth            int
	pointer, keyword string
	message          string
	causes           []*violation
}

// The expressions are compiled where they are used first: every start of the
// program would pay for them.
var violationLine = lazily(`^( *)I\[#([^\]]*)\] S\[#([^\]]*)\] (.*)$`)

func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// parseViolations reads a tree that is written by indentation.
func parseViolations(text string) []*violation {
	root := &violation{depth: -1}
	path := []*violation{root}
	for line := range strings.Lines(text) {
		part := violationLine().FindStringSubmatch(strings.TrimRight(line, "\n"))
		if part == nil {
			continue
		}
		n := &violation{depth: len(part[1]), pointer: part[2], keyword: part[3][strings.LastIndexByte(part[3], '/')+1:], message: part[4]}
		for path[len(path)-1].depth >= n.depth {
			path = path[:len(path)-1]
		}
		above := path[len(path)-1]
		above.causes = append(above.causes, n)
		path = append(path, n)
	}
	return root.causes
}

// leaves gives the violations that need no explaining. Of alternatives it gives
// the one that was meant, if that can be told.
func (n *violation) leaves() []*violation {
	if len(n.causes) == 0 {
		return []*violation{n}
	}
	if n.keyword == "anyOf" || n.keyword == "oneOf" {
		return n.meant()
	}
	var all []*violation
	for _, c := range n.causes {
		all = append(all, c.leaves()...)
	}
	return all
}

// meant leaves out the alternatives that are told apart by a constant which is
// another one. Where not exactly one is left, nobody can tell.
func (n *violation) meant() []*violation {
	var left [][]*violation
	for _, c := range n.causes {
		leaves := c.leaves()
		if !slices.ContainsFunc(leaves, func(l *violation) bool { return l.keyword == "const" }) {
			left = append(left, leaves)
		}
	}
	if len(left) != 1 {
		return []*violation{{pointer: n.pointer, keyword: n.keyword}}
	}
	return left[0]
}

func (n *violation) text() string {
	return n.dotted() + ": " + n.rule()
}

// dotted gives the pointer with dots. What does not look like a key of Kratos'
// is a star: in a map, keys are the user's.
func (n *violation) dotted() string {
	if n.pointer == "" {
		return "(root)"
	}
	segments := strings.Split(strings.TrimPrefix(n.pointer, "/"), "/")
	for i, s := range segments {
		if !key().MatchString(s) {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, ".")
}

var (
	key      = lazily(`^[a-z0-9_]{1,40}$`)
	word     = lazily(`^[A-Za-z0-9_.-]{1,40}$`)
	typeRule = lazily(`^expected ([a-z]+(?: or [a-z]+)*), but got ([a-z]+)$`)
	sizeRule = lazily(`^(length must be [<>]= [0-9]+|m(?:in|ax)imum [0-9]+ (?:items|properties) allowed)`)
	format   = lazily(` is not valid "([a-z-]+)"$`)
	quoted   = lazily(`"(?:[^"\\]|\\.)*"`)
)

// rule says what was violated in words of Kratos' schema, never of the document.
func (n *violation) rule() string {
	switch n.keyword {
	case "additionalProperties":
		// A key of the document, unlike all other names here.
		return "additional property " + names(key, n.message)
	case "required":
		return "missing property " + names(word, n.message)
	case "enum", "const":
		return "must be one of " + names(word, n.message)
	case "anyOf", "oneOf":
		return "fits none of the forms it can have"
	case "pattern":
		if _, pattern, ok := strings.Cut(n.message, "does not match pattern "); ok {
			if p, err := strconv.Unquote(pattern); err == nil {
				return "does not match " + p
			}
		}
	case "format":
		if m := format().FindStringSubmatch(n.message); m != nil {
			return "is no valid " + m[1]
		}
	}
	for _, known := range []func() *regexp.Regexp{typeRule, sizeRule} {
		if m := known().FindString(n.message); m != "" {
			return m
		}
	}
	return "breaks the rule " + names(word, strconv.Quote(n.keyword))
}

// names gives the quoted names of a message, a star for what is none.
func names(name func() *regexp.Regexp, message string) string {
	var all []string
	for _, q := range quoted().FindAllString(message, -1) {
		text, err := strconv.Unquote(q)
		if err != nil || !name().MatchString(text) {
			text = "*"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
