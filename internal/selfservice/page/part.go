package page

import (
	"encoding/json"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// add puts a node into a form. One that cannot be shown is left out.
func (b builder) add(s *section, n Node) {
	switch n.Type {
	case "input":
		b.addInput(s, n)
	case "img":
		b.addImage(s, n)
	case "text":
		b.addText(s, n)
	case "a":
		b.addLink(s, n)
	}
}

func (b builder) addInput(s *section, n Node) {
	a := n.Attributes
	switch {
	case a.Name == "":
	case a.Type == "hidden":
		s.Hidden = append(s.Hidden, hidden{a.Name, b.hiddenValue(a), trigger(a.OnLoadTrigger)})
		for _, m := range n.Messages {
			s.invalid = s.invalid || m.Type == "error"
			s.Notes = append(s.Notes, b.noteOf(m))
		}
	case a.Type == "submit", a.Type == "button":
		b.addButton(s, n)
	default:
		b.addField(s, n)
	}
}

// known are Kratos' functions that a page may start.
var known = lazily(`^ory(WebAuthn|Passkey)[A-Za-z]{1,60}$`)

func trigger(name string) string {
	if known().MatchString(name) {
		return name
	}
	return ""
}

// addButton leaves a button out that does nothing but by a script which is not
// Kratos' own.
func (b builder) addButton(s *section, n Node) {
	a := n.Attributes
	t := trigger(a.OnClickTrigger)
	if a.Type == "button" && t == "" {
		return
	}
	x := button{
		described: b.describe(s, n),
		Type:      a.Type, Name: a.Name, Value: valueText(a.Value), Label: b.label(n), Trigger: t, Disabled: a.Disabled,
		Class: buttonClass(a.Name), NoValidate: sendsAnyway(a.Name),
	}
	if b.sendsAgain(n) {
		x.Class = "plain"
	}
	s.Buttons = append(s.Buttons, x)
}

// buttonClass marks what takes something away, and what is not the way on.
func buttonClass(name string) string {
	switch name {
	case "unlink", "totp_unlink", "webauthn_remove", "passkey_remove", "lookup_secret_disable":
		return "danger"
	case "email", "screen", "resend", confirmAddress, "lookup_secret_reveal", "lookup_secret_regenerate", "link":
		return "plain"
	}
	return ""
}

// sendsAnyway tells whether a button is to work while the form is not filled in:
// the ways back, and another code.
func sendsAnyway(name string) bool {
	return name == "email" || name == "screen" || name == "resend" || name == confirmAddress
}

// describe gives the messages on a node, each with an id.
func (b builder) describe(s *section, n Node) described {
	var d described
	for _, m := range n.Messages {
		r := remark{ID: b.ids.take("about", s.group, n.Attributes.Name), Class: "remark", Text: b.messages.text(m)}
		if m.Type == "error" {
			r.Class, r.Role = "complaint", "alert"
			d.Invalid, s.invalid = true, true
		}
		d.Remarks = append(d.Remarks, r)
	}
	return d
}

func (b builder) addField(s *section, n Node) {
	a := n.Attributes
	p := part{
		described: b.describe(s, n), Kind: "field",
		ID: b.ids.take(s.group, a.Name), Label: b.label(n), Name: a.Name, Type: a.Type, Value: valueText(a.Value),
		MaxLength: max(a.MaxLength, 0), Required: a.Required, Disabled: a.Disabled,
	}
	switch {
	case a.Type == "checkbox":
		p.Kind = "check"
		p.Checked = a.Value == true || a.Value == "true"
	case len(a.Options) > 0:
		p.Kind = "select"
		p.Options = b.choices(a)
	default:
		b.hints(&p, a)
	}
	if p.Hint != "" {
		p.HintID = b.ids.take("hint", s.group, a.Name)
	}
	s.Parts = append(s.Parts, p)
}

func (b builder) choices(a Attributes) []choice {
	var all []choice
	for _, o := range a.Options {
		c := choice{Value: valueText(o.Value), Selected: valueText(o.Value) == valueText(a.Value)}
		c.Label = c.Value
		if o.Label != nil {
			c.Label = b.messages.text(*o.Label)
		}
		all = append(all, c)
	}
	return all
}

// label names an input or a button: by Kratos' label, or by its name.
func (b builder) label(n Node) string {
	switch {
	case b.sendsAgain(n):
		return b.text("resend.link")
	case b.isFirstStep(n):
		return b.text("continue")
	}
	m := n.Meta.Label
	if m == nil {
		m = n.Attributes.Label
	}
	if m != nil {
		if t := strings.TrimSpace(b.messages.text(*m)); t != "" {
			return t
		}
	}
	if n.isButton() {
		return b.text("continue")
	}
	name := n.Attributes.Name[strings.LastIndex(n.Attributes.Name, ".")+1:]
	if t := b.messages.title(name); t != "" {
		return t
	}
	return humanise(name)
}

// sendsAgain tells whether a button that Kratos labels as the way on sends the
// link once more.
func (b builder) sendsAgain(n Node) bool {
	return n.isButton() && n.Group == "link" && b.view.Flow.State == "sent_email"
}

// isFirstStep tells whether a button that Kratos labels as the end of a
// registration leads to its second step, where the way to sign in is chosen.
func (b builder) isFirstStep(n Node) bool {
	return b.view.Kind == Registration && n.isButton() && n.Group == "profile" && n.Attributes.Name == "method"
}

// humanise makes a label of a name.
func humanise(name string) string {
	name = strings.TrimSpace(strings.NewReplacer("_", " ", "-", " ").Replace(name))
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return "–"
	}
	return string(unicode.ToUpper(first)) + name[size:]
}

// valueText gives the value of an input as a browser sends it back.
func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

var pngImage = lazily(`^data:image/png;base64,[A-Za-z0-9+/]+=*$`)

// addImage shows an image that is in the page itself, and no other: pages load
// nothing from elsewhere.
func (b builder) addImage(s *section, n Node) {
	a := n.Attributes
	if !pngImage().MatchString(a.Src) {
		return
	}
	p := part{Kind: "image", Src: template.URL(a.Src), Width: max(a.Width, 0), Height: max(a.Height, 0), Label: b.text("image")}
	if n.Meta.Label != nil {
		p.Label = b.messages.text(*n.Meta.Label)
	}
	s.Parts = append(s.Parts, p)
}

func (b builder) addText(s *section, n Node) {
	if n.Attributes.Text == nil {
		return
	}
	p := part{Kind: "text", Value: n.Attributes.Text.Text}
	if n.Meta.Label != nil {
		p.Label = b.messages.text(*n.Meta.Label)
	}
	if n.Attributes.Text.ID == messageLookupList || n.Attributes.ID == "lookup_secret_codes" {
		p.Kind, p.ID = "codes", b.ids.take("codes")
		p.Codes = backupCodes(*n.Attributes.Text)
		p.Copy, p.Copied, p.Print = b.text("codes.copy"), b.text("codes.copied"), b.text("codes.print")
	} else if n.Attributes.Text.ID != messageTOTPSecret {
		p.Value = b.messages.text(*n.Attributes.Text)
	}
	s.Parts = append(s.Parts, p)
}

// backupCodes reads the list of codes. A used one is shown as such.
func backupCodes(m Message) []code {
	secrets, _ := m.Context["secrets"].([]any)
	var all []code
	for _, one := range secrets {
		entry, _ := one.(map[string]any)
		text, _ := entry["text"].(string)
		context, _ := entry["context"].(map[string]any)
		if _, used := context["used_at"]; used {
			all = append(all, code{"••••••••", true})
		} else if text != "" {
			all = append(all, code{text, false})
		}
	}
	if all != nil {
		return all
	}
	for t := range strings.SplitSeq(m.Text, ", ") {
		if t != "" {
			all = append(all, code{t, false})
		}
	}
	return all
}

// addLink leaves out what leads elsewhere than to a page.
func (b builder) addLink(s *section, n Node) {
	if to, err := url.Parse(n.Attributes.Href); err != nil || n.Attributes.Href == "" || !slices.Contains([]string{"", "http", "https"}, to.Scheme) {
		return
	}
	p := part{Kind: "link", Href: n.Attributes.Href, Label: b.text("continue")}
	if m := n.Attributes.Title; m != nil {
		if t := b.messages.text(*m); t != "" {
			p.Label = t
		}
	}
	s.Parts = append(s.Parts, p)
}
