package page

import (
	"strconv"
	"strings"
)

func number(n int) string { return strconv.Itoa(n) }

// describeFlow makes the page of a flow.
func (d *document) describeFlow(v View) {
	variant := d.variant(v)
	d.name(d.text(variant + ".title"))
	d.Lead = d.lines(variant + ".lead")
	if v.Flow.ClientName != "" && v.Kind == Login {
		d.Lead = append(d.Lead, d.language.text("login.client", map[string]string{"client": v.Flow.ClientName}))
	}
	d.Wide = v.Kind == Settings
	if v.Kind == Settings && v.Hold {
		d.Notes = append(d.Notes, note{"info", "status", d.text("settings.hold")})
	}
	for _, m := range v.Flow.UI.Messages {
		d.Notes = append(d.Notes, d.noteOf(m))
	}
	b := builder{d, v}
	d.Sections = b.sections()
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
	case f.State == "sent_email" && f.hasInput("code") && d.language.has(name+".code.title"):
		return name + ".code"
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

// hasInput tells whether the flow asks for the input.
func (f Flow) hasInput(name string) bool {
	for _, n := range f.UI.Nodes {
		if n.Attributes.Name == name && n.Attributes.Type != "hidden" {
			return true
		}
	}
	return false
}

// introduce says who is signed in, where that is known.
func (d *document) introduce(v View) {
	if v.SignedInAs == "" {
		return
	}
	d.Account.Text = d.language.text("account", map[string]string{"name": v.SignedInAs})
	if v.Links.Logout != "" {
		d.Account.Link = &link{v.Links.Logout, d.text("link.logout")}
	}
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
// spelled out: it would help nobody who can read it here.
func (d *document) describeError(e Error, v View) {
	key := "error." + e.ID
	if e.ID == "" || !d.language.has(key+".title") {
		key = "error"
	}
	d.name(d.text(key + ".title"))
	d.Lead = d.lines(key + ".lead")
	if key == "error" && e.Code < 500 {
		if reason := strings.TrimSpace(firstOf(e.Reason, e.Message)); reason != "" {
			d.Details = append(d.Details, reason)
		}
	}
	d.addRequest(v.RequestID)
	next := link{v.Links.Login, d.text("link.login")}
	if v.Links.Home != "" {
		next = link{v.Links.Home, d.text("link.home")}
	}
	if next.Href != "" {
		d.Next = &next
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
