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
	messageLabel      = 1070002 // a label that the identity schema has
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

// title gives the common word for a label of a schema, "" where there is none.
func (w messageWriter) title(label string) string {
	t, _ := w.language.lookup("title:" + strings.ToLower(strings.TrimSpace(label)))
	return t
}

// fill writes a value of a message's context: {x|minutes} is the time between a
// Unix time and now, {x|list} is a list, {x|methods} a list of ways to sign in.
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
