package page

import (
	"slices"
	"strings"
)

// Orders of the groups. A group that is in none of them comes last.
var (
	groupOrder    = []string{"default", "identifier_first", "profile", "password", "code", "link", "totp", "webauthn", "passkey", "lookup_secret", "oidc", "saml"}
	settingsOrder = []string{"default", "profile", "password", "oidc", "saml", "totp", "lookup_secret", "webauthn", "passkey"}
	holdOrder     = []string{"default", "totp", "webauthn", "lookup_secret", "passkey", "password", "profile", "oidc", "saml"}
)

// recoveredFirst are the groups that come before all others where a person came
// by a link or a code: the message there asks for a password.
var recoveredFirst = []string{"default", "password"}

// builder makes the sections of a page of its nodes.
type builder struct {
	*document
	view View
}

func (b builder) order() []string {
	order := groupOrder
	switch {
	case b.view.Kind == Settings && b.view.Hold:
		order = holdOrder
	case b.view.Kind == Settings:
		order = settingsOrder
	}
	if b.view.Kind == Settings && b.view.Flow.Has(messageRecovered) {
		return slices.Concat(recoveredFirst, order)
	}
	return order
}

// sections gives one section for each group that has something to show or to do.
func (b builder) sections() []*section {
	var all []*section
	for _, group := range b.groups() {
		s := b.section(group)
		if len(s.Parts) > 0 || len(s.Buttons) > 0 || s.startsItself() {
			all = append(all, s)
		}
	}
	if b.view.Kind == Settings {
		return b.stack(all)
	}
	return b.arrange(all)
}

// stack shows all forms of the settings under their headings: codes that were
// just asked for first, and the cursor in what was refused, since either may be
// far down the page.
func (b builder) stack(all []*section) []*section {
	for _, s := range all {
		s.Headed = true
		if s.invalid {
			s.focus()
		}
	}
	slices.SortStableFunc(all, func(x, y *section) int { return y.codes() - x.codes() })
	if b.view.Hold {
		b.setLaterApart(all)
	}
	return all
}

// secondFactors are the groups of the settings that set up what Kratos asks for
// as a second factor.
var secondFactors = []string{"totp", "webauthn", "lookup_secret"}

// setLaterApart says where the forms begin that do not lift the hold.
func (b builder) setLaterApart(all []*section) {
	var lifts bool
	for _, s := range all {
		switch {
		case slices.Contains(secondFactors, s.group):
			lifts = true
		case lifts:
			s.Divider = b.text("settings.hold.later")
			return
		}
	}
}

// codes is 1 for a form that shows backup codes.
func (s *section) codes() int {
	if slices.ContainsFunc(s.Parts, func(p part) bool { return p.Kind == "codes" }) {
		return 1
	}
	return 0
}

// groups gives the groups that get a form, in order. The default group gets one
// where it can be sent by itself, or where there is no other.
func (b builder) groups() []string {
	var all []string
	for _, n := range b.view.Flow.UI.Nodes {
		if n.Type != "script" && !slices.Contains(all, n.Group) {
			all = append(all, n.Group)
		}
	}
	order := b.order()
	slices.SortStableFunc(all, func(x, y string) int { return position(order, x) - position(order, y) })
	if slices.ContainsFunc(all, b.canBeSent) {
		all = slices.DeleteFunc(all, func(g string) bool { return !b.canBeSent(g) && !b.stands(g) })
	}
	return all
}

// canBeSent tells whether a group has a button.
func (b builder) canBeSent(group string) bool {
	return b.any(group, Node.isButton)
}

// stands tells whether a group without a button has its place on the page: it
// shows something that is no input, or a script of Kratos' sends it.
func (b builder) stands(group string) bool {
	return b.any(group, func(n Node) bool {
		return n.Type == "a" || n.Type == "text" || n.Type == "img" || n.Attributes.OnLoadTrigger != ""
	})
}

func (b builder) any(group string, is func(Node) bool) bool {
	return slices.ContainsFunc(b.view.Flow.UI.Nodes, func(n Node) bool { return n.Group == group && is(n) })
}

// Sends tells whether there is anything to send: what only shows something, or
// leads on by a link, is no form.
func (s *section) Sends() bool {
	return len(s.Buttons) > 0 || slices.ContainsFunc(s.Parts, part.asks) || s.startsItself()
}

// startsItself tells whether a form that shows nothing is sent by a script: the
// passkeys that a browser offers in the input for the name.
func (s *section) startsItself() bool {
	return slices.ContainsFunc(s.Hidden, func(h hidden) bool { return h.LoadTrigger != "" })
}

// Unseen tells whether there is nothing to see of the form, which then takes no
// room either.
func (s *section) Unseen() bool {
	return !s.Headed && len(s.Lead)+len(s.Notes)+len(s.Parts)+len(s.Buttons)+len(s.Removals) == 0
}

// section makes the form of one group.
func (b builder) section(group string) *section {
	s := &section{
		ID: b.ids.take("section", group), group: group, Heading: b.heading(group),
		Action: b.view.Flow.UI.Action, Method: b.method(),
	}
	if b.view.Kind == Settings {
		s.Lead = b.lines("settings." + group + b.state(group) + ".lead")
	}
	for _, n := range b.nodes(group) {
		b.add(s, n)
		if n.isHidden() && n.isShared() {
			s.Shared = slices.Clone(s.Hidden)
		}
	}
	s.order()
	if s.Username = b.username(s); s.Username != "" {
		s.UsernameID = b.ids.take("username", group)
	}
	return s
}

// username gives the name that a form's password belongs to, where the form does
// not show it.
func (b builder) username(s *section) string {
	shows := func(p part) bool { return strings.HasPrefix(p.Autocomplete, "username") || p.Autocomplete == "email" }
	if slices.ContainsFunc(s.Parts, shows) || !slices.ContainsFunc(s.Parts, func(p part) bool { return p.Type == "password" }) {
		return ""
	}
	name := b.view.SignedInAs
	for _, h := range s.Hidden {
		if h.Name == "identifier" {
			return h.Value
		}
		if hint := traitHint(h.Name); strings.HasPrefix(h.Name, "traits.") && (hint == "username" || hint == "email") {
			name = firstOf(name, h.Value)
		}
	}
	return name
}

func (b builder) method() string {
	if strings.EqualFold(b.view.Flow.UI.Method, "get") {
		return "get"
	}
	return "post"
}

// nodes gives what belongs into a group's form: the nodes that all forms have,
// then its own. Visible ones of the default group are left out where the group
// is sent without them, since a browser would want them filled in first.
func (b builder) nodes(group string) []Node {
	var shared, own []Node
	for _, n := range b.view.Flow.UI.Nodes {
		switch {
		case n.Group == group:
			own = append(own, n)
		case n.isShared() && (n.isHidden() || b.wantsShared(group)):
			shared = append(shared, n)
		}
	}
	return append(shared, own...)
}

// wantsShared tells whether a group is sent with what the person wrote into the
// nodes of the default group: the social providers and passkeys know who comes,
// but a new passkey is named by them.
func (b builder) wantsShared(group string) bool {
	switch group {
	case "oidc", "saml":
		return false
	case "passkey":
		return b.view.Kind == Registration
	}
	return b.view.Kind != Settings
}

// isShared tells whether a node goes into every form: the default group does,
// and what identifier_first hides once it is known.
func (n Node) isShared() bool {
	return n.Group == "default" && !n.isButton() || n.Group == "identifier_first" && n.isHidden()
}

func (n Node) isHidden() bool { return n.Type == "input" && n.Attributes.Type == "hidden" }

func (n Node) isButton() bool {
	return n.Type == "input" && (n.Attributes.Type == "submit" || n.Attributes.Type == "button")
}

// heading names a group.
func (b builder) heading(group string) string {
	for _, key := range []string{string(b.view.Kind) + "." + group, "group." + group} {
		if b.language.has(key) {
			return b.text(key)
		}
	}
	return humanise(group)
}

// state tells apart what a group of the settings says before and after it is set
// up: by the buttons that are there.
func (b builder) state(group string) string {
	for _, n := range b.view.Flow.UI.Nodes {
		if n.Group != group {
			continue
		}
		switch n.Attributes.Name {
		case "totp_unlink", "lookup_secret_reveal", "lookup_secret_disable":
			return ".on"
		case "lookup_secret_confirm":
			return ".new"
		}
	}
	return ""
}

// order puts passwords behind the other inputs, and the way on before the other
// buttons, since that is what the Enter key is to press.
func (s *section) order() {
	slices.SortStableFunc(s.Parts, func(x, y part) int { return rank(x) - rank(y) })
	if s.group == "oidc" || s.group == "saml" || s.offersAddresses() {
		return
	}
	s.setRemovalsApart()
	i := slices.IndexFunc(s.Buttons, func(x button) bool { return x.Class == "" })
	if i < 0 {
		return
	}
	s.Buttons[i].Class = "primary"
	first := s.Buttons[i]
	s.Buttons = slices.Insert(slices.Delete(s.Buttons, i, i+1), 0, first)
}

// offersAddresses tells whether the buttons are addresses, of which none is the
// first.
func (s *section) offersAddresses() bool {
	return slices.ContainsFunc(s.Buttons, func(x button) bool { return x.Name == selectAddress })
}

func (s *section) setRemovalsApart() {
	var stay []button
	for _, x := range s.Buttons {
		if x.Class == "danger" {
			s.Removals = append(s.Removals, x)
		} else {
			stay = append(stay, x)
		}
	}
	s.Buttons = stay
	if len(s.Buttons) == 0 && !slices.ContainsFunc(s.Parts, part.asks) {
		s.Buttons, s.Removals = s.Removals, nil
	}
}

func rank(p part) int {
	if p.Type == "password" {
		return 1
	}
	return 0
}

func (p part) asks() bool { return p.Kind == "field" || p.Kind == "check" || p.Kind == "select" }

// focus puts the cursor into the first input that was refused, or that is empty.
func (s *section) focus() {
	best := -1
	for i, p := range s.Parts {
		if p.Kind != "field" || p.Disabled {
			continue
		}
		if p.Invalid {
			best = i
			break
		}
		if best < 0 && p.Value == "" {
			best = i
		}
	}
	if best >= 0 {
		s.Parts[best].Focus = true
	}
}

var kratosPath = lazily(`^/\.well-known/ory/[A-Za-z0-9._-]+\.js$`)

// scripts gives Kratos' own scripts, from this origin whatever host Kratos names:
// it serves them at a path that the pages' origin hands on, and a page of another
// host could not load them. Any other script is left out.
func (b builder) scripts() []kratosScript {
	var all []kratosScript
	for _, n := range b.view.Flow.UI.Nodes {
		at := strings.Index(n.Attributes.Src, "/.well-known/ory/")
		if n.Type != "script" || at < 0 || !kratosPath().MatchString(n.Attributes.Src[at:]) {
			continue
		}
		s := kratosScript{n.Attributes.Src[at:], n.Attributes.Integrity}
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
