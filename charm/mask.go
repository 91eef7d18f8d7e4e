package charm

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	masked = "[hidden]"
	// minSecret is the length of the shortest secret that is looked for: what is
	// shorter occurs in any text.
	minSecret = 4
)

// mask gives the text without the secrets: each place of one, in any of the
// forms that programs write strings in, becomes [hidden]. Secrets that overlap
// in the text are hidden together, so that none leaves a part behind.
func mask(text string, secrets []string) string {
	hide := make([]bool, len(text))
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			cover(hide, text, form)
		}
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !hide[i]:
			b.WriteByte(text[i])
		case i == 0 || !hide[i-1]:
			b.WriteString(masked)
		}
	}
	return b.String()
}

// cover marks all places of the form, those that overlap included.
func cover(hide []bool, text, form string) {
	for from := 0; ; {
		at := strings.Index(text[from:], form)
		if at < 0 {
			return
		}
		at += from
		for i := at; i < at+len(form); i++ {
			hide[i] = true
		}
		from = at + 1
	}
}

// forms gives the ways in which a secret can be written. One of several lines,
// such as a private key, is also looked for line by line: logs indent them.
func forms(secret string) []string {
	var all []string
	parts := []string{secret}
	for line := range strings.Lines(secret) {
		parts = append(parts, strings.TrimSpace(line))
	}
	for _, part := range parts {
		if len(part) < minSecret {
			continue
		}
		all = append(all, part, url.QueryEscape(part), url.PathEscape(part), userinfo(part), inner(strconv.Quote(part)),
			inner(strconv.QuoteToASCII(part)), inner(jsonText(part, true)), inner(jsonText(part, false)),
			base64.RawStdEncoding.EncodeToString([]byte(part)), base64.RawURLEncoding.EncodeToString([]byte(part)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// userinfo gives the form of a password in a URL.
func userinfo(s string) string {
	return strings.TrimPrefix(url.UserPassword("", s).String(), ":")
}

// jsonText gives the text as JSON, with or without the escapes for HTML.
func jsonText(s string, html bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	_ = e.Encode(s) // strings always encode
	return strings.TrimSuffix(b.String(), "\n")
}

// inner gives what stands between the quotes.
func inner(quoted string) string { return quoted[1 : len(quoted)-1] }
