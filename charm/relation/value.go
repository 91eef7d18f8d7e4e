package relation

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// decode reads a JSON value of the type. json's own errors are dropped: they
// may repeat what they could not read.
func decode[T any](r Relation, key, text, shape string) (T, error) {
	var value T
	if json.Unmarshal([]byte(text), &value) != nil {
		var none T
		return none, r.malformed(key, "it is not "+shape+" in JSON")
	}
	return value, nil
}

// encode writes a value as JSON on one line, its keys in the order of the
// struct or sorted, and nothing escaped for HTML. The values of this package
// are strings, numbers, booleans, lists and maps of them, which JSON holds.
func encode(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic("relation: cannot encode a value of this package as JSON: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// truth reads a boolean as charms write them: Python's True and False mostly.
// What is neither is false, as in the libraries of these interfaces.
func truth(text string) bool {
	switch strings.ToLower(text) {
	case "true", "enabled":
		return true
	}
	return false
}

// notWebURL is what is said of a value that webURL refuses.
const notWebURL = "it is not an http or https URL"

// webURL reads an absolute http or https URL that names a host and nobody's
// password.
func webURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || !isHostPort(u.Host) {
		return nil, false
	}
	return u, true
}

// hostPort takes host, host:port, [v6] or [v6]:port apart; port is empty where
// none is given.
func hostPort(text string) (host, port string, ok bool) {
	if text == "" || strings.ContainsFunc(text, notInHost) {
		return "", "", false
	}
	u, err := url.Parse("tcp://" + text)
	if err != nil || u.Host != text || u.Hostname() == "" || strings.HasSuffix(text, ":") {
		return "", "", false
	}
	if strings.Count(text, ":") > 1 && text[0] != '[' {
		return "", "", false
	}
	if port = u.Port(); port != "" {
		if _, ok := portNumber(port); !ok {
			return "", "", false
		}
	}
	return u.Hostname(), port, true
}

func isHostPort(text string) bool {
	_, _, ok := hostPort(text)
	return ok
}

// notInHost tells the characters that no host has: not only what ends a host
// within a URL, but also what means something to those who get it.
func notInHost(c rune) bool {
	return c > unicode.MaxASCII || unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune("/\\?#@%`'\"<>^{}|,;()$!&*+=~", c)
}

// portNumber reads a TCP port: digits alone, 1 to 65535.
func portNumber(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil && n > 0 && text[0] != '+'
}
