package page

import (
	"slices"
	"strconv"
	"strings"
)

func number(n int) string { return strconv.Itoa(n) }

// describeFlow makes the page of a flow.
func (d *document) describeFlow(v View) {
	b := builder{d, v}
	sections := b.sections()
	variant := d.variant(v)
	barred := v.barred(sections)
	if barred {
		variant, sections = variant+".none", nil
	}
	d.name(d.text(variant + ".title"))
	d.Lead = d.lines(variant + ".lead")
	if barred {
		d.leadOut(v)
	}
	if v.Flow.ClientName != "" && v.Kind == Login {
		d.Lead = append(d.Lead, d.language.text("login.client", map[string]string{"client": v.Flow.ClientName}))
	}
	d.Wide = v.Kind == Settings
	if v.Kind == Settings && v.Hold {
		d.Notes = append(d.Notes, note{"info", "status", d.text("settings.hold")})
	}
	for _, m := range v.Flow.UI.Messages {
		if !barred || m.Type == "error" {
			d.Notes = append(d.Notes, d.noteOf(m))
		}
	}
	d.Sections = sections
	d.Scripts = b.scripts()
	d.introduce(v)
	d.navigate(v)
	d.settle()
}

// variant is the name under which the catalogue has the page's heading.
func (d *document) variant(v View) string {
	f, name := v.Flow, string(v.Kind)
	sends := v.Kind == Recovery || v.Kind == Verification
	switch {
	case f.hasInput("code") && d.language.has(name+".code.title"):
		return name + ".code"
	case v.Kind == Recovery && f.hasInput(selectAddress):
		return "recovery.select"
	case v.Kind == Recovery && f.hasInput(confirmAddress):
		return "recovery.confirm"
	case v.Kind == Login && f.RequestedAAL == "aal2":
		return "login.aal2"
	case v.Kind == Login && f.Refresh:
		return "login.refresh"
	case sends && f.State == "sent_email":
		return name + ".sent"
	case v.Kind == Verification && f.State == "passed_challenge":
		return name + ".done"
	}
	if d.language.has(name + ".title") {
		return name
	}
	return "flow"
}

// The inputs of a recovery that knows several addresses of a person, which newer
// Kratos has: the choice of one, and the whole of the one that was chosen. As a
// button the latter sends another code.
const (
	selectAddress  = "recovery_select_address"
	confirmAddress = "recovery_confirm_address"
)

// barred tells whether a person who is signed in is to prove more, and the page
// has no form for that: the account has neither a password nor anything else to
// do it with.
func (v View) barred(sections []*section) bool {
	if v.Kind != Login || !v.Flow.Refresh && v.Flow.RequestedAAL != "aal2" {
		return false
	}
	return !slices.ContainsFunc(sections, func(s *section) bool { return len(s.Buttons) > 0 || s.startsItself() })
}

// leadOut leads from a page whose flow cannot go on: to the settings, where a
// second factor is set up, or to a recovery, after which a password can be set
// without proving more.
func (d *document) leadOut(v View) {
	switch {
	case v.Flow.RequestedAAL == "aal2":
		d.leadOn(v.Links.Settings, "link.settings")
	case v.Links.Recovery != "":
		d.Lead = append(d.Lead, d.text("login.refresh.none.recovery"))
		d.leadOn(v.Links.Recovery, "login.refresh.none.next")
	default:
		d.Lead = append(d.Lead, d.text("login.refresh.none.invitation"))
	}
}

func (d *document) leadOn(href, key string) {
	if href != "" {
		d.Next = &link{href, d.text(key)}
	}
}

// hasInput tells whether the flow asks for the input.
func (f Flow) hasInput(name string) bool {
	for _, n := range f.UI.Nodes {
		if n.Attributes.Name == name && n.Attributes.Type != "hidden" {
			return true
		}
	}
	return false
}

// introduce says who is signed in, where that is known, or for whom the way to
// sign in is to be chosen.
func (d *document) introduce(v View) {
	if name := v.signingIn(); name != "" {
		d.Account.Text = d.language.text("account.signing_in", map[string]string{"name": name})
		if v.Links.Login != "" {
			d.Account.Link = &link{v.Links.Login, d.text("link.login.other")}
		}
		return
	}
	if v.SignedInAs == "" {
		return
	}
	d.Account.Text = d.language.text("account", map[string]string{"name": v.SignedInAs})
	if v.Links.Logout != "" {
		d.Account.Link = &link{v.Links.Logout, d.text("link.logout")}
	}
}

// signingIn gives the name that a step before this one of a sign-in asked for;
// "" where none did. Of a person who is signed in it is not asked.
func (v View) signingIn() string {
	if v.Kind != Login || v.Flow.Refresh || v.Flow.RequestedAAL == "aal2" {
		return ""
	}
	for _, n := range v.Flow.UI.Nodes {
		if n.Attributes.Name == "identifier" && n.isHidden() {
			return valueText(n.Attributes.Value)
		}
	}
	return ""
}

// navigate adds the links below the page.
func (d *document) navigate(v View) {
	known := v.SignedInAs != "" || v.Flow.Refresh || v.Flow.RequestedAAL == "aal2"
	switch v.Kind {
	case Login:
		if !known {
			d.leadTo(v.Links.Recovery, "link.recovery")
			d.leadTo(v.Links.Registration, "link.registration")
		}
	case Registration:
		d.leadTo(v.Links.Login, "link.login.have")
	case Recovery:
		d.leadTo(v.Links.Login, "link.login.back")
	case Verification:
		if !known {
			d.leadTo(v.Links.Login, "link.login")
		} else {
			d.leadTo(v.Links.Settings, "link.settings")
		}
	case Settings:
		if !v.Hold {
			d.leadTo(v.Links.Home, "link.home")
		}
	}
	if v.Links.Logout != "" && d.Account.Link == nil && (v.Kind == Settings || v.Flow.RequestedAAL == "aal2" || v.Flow.Refresh) {
		d.leadTo(v.Links.Logout, "link.logout")
	}
}

// settle works out what the page as a whole needs from its sections.
func (d *document) settle() {
	for _, s := range d.Sections {
		for _, p := range s.Parts {
			if p.Kind == "codes" {
				d.Scripted, d.Printing, s.Printed = true, true, true
			}
		}
		for _, b := range s.Buttons {
			if b.Trigger != "" {
				d.Scripted = true
				s.NoScript = d.text("noscript")
			}
		}
	}
	d.Scripted = d.Scripted || len(d.Scripts) > 0
}

// describeNotice makes a page that says one thing.
func (d *document) describeNotice(n Notice) {
	d.name(d.language.text(n.Title, n.Detail))
	if n.Text != "" {
		d.Lead = append(d.Lead, d.language.text(n.Text, n.Detail))
	}
	d.addRequest(n.RequestID)
	d.introduce(View{SignedInAs: n.SignedInAs, Links: Links{Logout: n.Links.Logout}})
	if n.SignedInAs != "" {
		n.Links.Logout = ""
	}
	if n.Next != "" {
		d.Next = &link{n.Next, d.text(d.nextLabel(n))}
	}
	d.leadTo(n.Links.Login, "link.login")
	d.leadTo(n.Links.Registration, "link.registration")
	d.leadTo(n.Links.Recovery, "link.recovery")
	d.leadTo(n.Links.Settings, "link.settings")
	d.leadTo(n.Links.Home, "link.home")
	d.leadTo(n.Links.Logout, "link.logout")
}

// nextLabel gives the key of what a notice's button says: what the notice asks
// for, or what its title goes with.
func (d *document) nextLabel(n Notice) string {
	if n.NextLabel != "" {
		return n.NextLabel
	}
	if key := strings.TrimSuffix(n.Title, ".title") + ".next"; d.language.has(key) {
		return key
	}
	return "continue"
}

// describeError makes the page of a failure. What is Kratos' own fault is not
// spelled out: it would help nobody who can read it here. The request's id is
// shown where the people who run the site are to be told.
func (d *document) describeError(e Error, v View) {
	key := "error." + e.ID
	if e.ID == "" || !d.language.has(key+".title") {
		key = "error"
	}
	d.name(d.text(key + ".title"))
	d.Lead = d.lines(key + ".lead")
	if key == "error" {
		d.explain(e)
		d.addRequest(v.RequestID)
	}
	next := link{v.Links.Login, d.text("link.login")}
	if v.Links.Home != "" {
		next = link{v.Links.Home, d.text("link.home")}
	}
	if next.Href != "" {
		d.Next = &next
	}
}

// explain adds the reason of a failure, if it is one of those that the catalogue
// has better words for. Kratos' own words are not shown: many repeat what the
// address of a link holds, which anybody can write.
func (d *document) explain(e Error) {
	if reason, known := d.messages.knownReason(firstOf(e.Reason, e.Message)); known && e.Code < 500 {
		d.Details = append(d.Details, reason)
	}
}

func (d *document) addRequest(id string) {
	if id != "" {
		d.Details = append(d.Details, d.language.text("request", map[string]string{"id": id}))
	}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
