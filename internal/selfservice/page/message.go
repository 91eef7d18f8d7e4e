package page

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Messages of Kratos' that are treated by what they mean.
const (
	messageTOTPSecret = 1050006 // a text node's: the secret itself
	messageLookupList = 1050015 // a text node's: the backup codes
	messageRecovered  = 1060001 // who came by a link or a code is to set a password
	messageLabel      = 1070002 // a label that the identity schema has
)

// A reason that Kratos hands on from a social provider begins and goes on so,
// and then has the provider's error code of OAuth2 (RFC 6749, 4.1.2.1) in quotes.
const (
	reasonOfProvider  = "Unable to complete OpenID Connect flow because the OpenID Provider returned error "
	reasonOfCalledOff = reasonOfProvider + `"access_denied"`
)

// messageWriter puts Kratos' messages into a language.
type messageWriter struct {
	language *language
	now      time.Time
}

// text gives the catalogue's text for a message. Where it has none, or the
// message lacks what the text wants filled in, Kratos' own text stands.
func (w messageWriter) text(m Message) string {
	if m.ID == messageLabel {
		if t := w.title(contextText(m.Context["title"])); t != "" {
			return t
		}
		return m.Text
	}
	text, ok := w.language.lookup(strconv.FormatInt(m.ID, 10))
	if !ok {
		return m.Text
	}
	full := true
	text = placeholder().ReplaceAllStringFunc(text, func(brace string) string {
		name, form, _ := strings.Cut(strings.Trim(brace, "{}"), "|")
		value, ok := w.fill(m.Context[name], form)
		full = full && ok
		return value
	})
	if !full {
		return m.Text
	}
	return text
}

// reason gives the catalogue's text for a reason in Kratos' own words, and those
// where it has none.
func (w messageWriter) reason(text string) string {
	if known, ok := w.knownReason(text); ok {
		return known
	}
	return text
}

// knownReason gives the catalogue's text for a reason, and whether it has one.
func (w messageWriter) knownReason(text string) (string, bool) {
	switch {
	case strings.HasPrefix(text, reasonOfCalledOff):
		return w.language.text("reason.called_off", nil), true
	case strings.HasPrefix(text, reasonOfProvider):
		return w.language.text("reason.provider", nil), true
	}
	return "", false
}

// title gives the common word for a label of a schema, "" where there is none.
func (w messageWriter) title(label string) string {
	t, _ := w.language.lookup("title:" + strings.ToLower(strings.TrimSpace(label)))
	return t
}

// fill writes a value of a message's context: {x|minutes} is the time between a
// Unix time and now, {x|list} is a list, {x|methods} a list of ways to sign in, and
// {x|known} a reason in Kratos' own words, or better ones.
func (w messageWriter) fill(value any, form string) (string, bool) {
	switch form {
	case "minutes":
		return w.minutes(value)
	case "list":
		return w.list(value, func(s string) string { return s })
	case "methods":
		return w.list(value, func(s string) string {
			if t, ok := w.language.lookup("method." + s); ok {
				return t
			}
			return s
		})
	}
	text := contextText(value)
	if form == "known" {
		text = w.reason(text)
	}
	return text, text != ""
}

func (w messageWriter) minutes(value any) (string, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return "", false
	}
	seconds, err := n.Int64()
	if err != nil {
		return "", false
	}
	minutes := int(math.Round(math.Abs(time.Unix(seconds, 0).Sub(w.now).Minutes())))
	if minutes == 1 {
		return w.language.text("minute", nil), true
	}
	return w.language.text("minutes", map[string]string{"n": number(minutes)}), true
}

func (w messageWriter) list(value any, word func(string) string) (string, bool) {
	items, _ := value.([]any)
	var words []string
	for _, item := range items {
		if t := contextText(item); t != "" {
			words = append(words, word(t))
		}
	}
	if len(words) == 0 {
		return "", false
	}
	last := len(words) - 1
	if last == 0 {
		return words[0], true
	}
	return w.language.text("list", map[string]string{"most": strings.Join(words[:last], ", "), "last": words[last]}), true
}

func contextText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}
