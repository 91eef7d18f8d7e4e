package page

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// rendered gives the page, and complains of what is wrong with it.
func rendered(t *testing.T, v View) *html.Node {
	t.Helper()
	var page strings.Builder
	if err := renderer(t, Brand{}).Flow(&page, v); err != nil {
		t.Fatal(err)
	}
	root := parse(t, page.String())
	for _, complaint := range complaints(root) {
		t.Error(complaint)
	}
	return root
}

// links gives what the page leads to, with what it says of that.
func links(page *html.Node) []string {
	var all []string
	for _, n := range elements(page, "a") {
		all = append(all, textOf(n)+" "+attribute(n, "href"))
	}
	return all
}

// without leaves out the nodes of the groups.
func without(f Flow, groups ...string) Flow {
	f.UI.Nodes = slices.DeleteFunc(slices.Clone(f.UI.Nodes), func(n Node) bool { return slices.Contains(groups, n.Group) })
	return f
}

// TestNothingToProveItWith: who is to prove more and has nothing for it is told,
// and led where there is a way on.
func TestNothingToProveItWith(t *testing.T) {
	t.Parallel()
	refresh, second := without(readFlow(t, "login.refresh"), "password"), without(readFlow(t, "login.aal2-totp"), "totp")
	both := second
	both.Refresh = true
	tests := map[string]struct {
		flow               Flow
		links              Links
		language           string
		heading, text, way string
	}{
		"a recovery":       {refresh, Links{Recovery: "/r", Logout: "/logout"}, "en", "We cannot ask who you are", "no password yet", "Sign out and get a new one /r"},
		"an invitation":    {refresh, Links{Logout: "/logout"}, "en", "We cannot ask who you are", "Ask whoever invited you", "Sign out /logout"},
		"abroad":           {refresh, Links{Logout: "/logout"}, "de", "Wir können nicht prüfen, wer Sie sind", "Bitten Sie um eine neue Einladung", "Abmelden /logout"},
		"a recovery there": {refresh, Links{Recovery: "/r"}, "de", "Wir können nicht prüfen, wer Sie sind", "Link oder Code senden", "Abmelden und neu anfordern /r"},
		"second factor":    {second, Links{Settings: "/s", Recovery: "/r"}, "en", "No second factor yet", "your account has none so far", "Account settings /s"},
		"both":             {both, Links{Settings: "/s"}, "de", "Noch kein zweiter Faktor", "bisher keinen", "Kontoeinstellungen /s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := rendered(t, View{Kind: Login, Flow: test.flow, Links: test.links, Languages: []string{test.language}})
			if got := textOf(elements(page, "h1")[0]); got != test.heading {
				t.Errorf("the heading is %q, want %q", got, test.heading)
			}
			text := textOf(elements(page, "main")[0])
			if !strings.Contains(text, test.text) || !slices.Contains(links(page), test.way) {
				t.Errorf("the page does not say %q, or leads to %q:\n%s", test.text, links(page), text)
			}
			if strings.Contains(text, "protected by") || strings.Contains(text, "please confirm that it is you") || len(elements(page, "form")) > 0 {
				t.Errorf("the page asks for what cannot be done:\n%s", text)
			}
		})
	}
}

// TestSomethingToProveItWith: all other pages have their form.
func TestSomethingToProveItWith(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"login.refresh", "login.refresh-everything", "login.aal2-totp", "login.aal2-webauthn", "login.aal2-code", "login.password", "login.privileged"} {
		page := rendered(t, View{Kind: Login, Flow: readFlow(t, name), Links: everywhere})
		if len(elements(page, "form")) == 0 || strings.Contains(textOf(page), "cannot ask who you are") || strings.Contains(textOf(page), "none so far") {
			t.Errorf("%s: the page has no form", name)
		}
	}
}

// TestUsername: a password manager finds the name that a password belongs to,
// once in each form that has one.
func TestUsername(t *testing.T) {
	t.Parallel()
	const signedIn = "grace@example.com"
	tests := map[string]struct {
		kind  Kind
		flow  string
		want  string
		shown bool // the form asks for it
	}{
		"settings":      {Settings, "settings.plain", signedIn, false},
		"refresh":       {Login, "login.refresh", "ada@example.com", false},
		"second step":   {Login, "login.identifier-second", "ada@example.com", false},
		"sign-in":       {Login, "login.password", "", true},
		"registration":  {Registration, "registration.one-step", "", true},
		"its last step": {Registration, "registration.second-step", "ada@example.com", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := View{Kind: test.kind, Flow: readFlow(t, test.flow)}
			if test.kind == Settings {
				v.SignedInAs = signedIn
			}
			page := rendered(t, v)
			for _, form := range elements(page, "form") {
				var names, passwords, unheard int
				for _, n := range elements(form, "input") {
					auto := attribute(n, "autocomplete")
					switch {
					case attribute(n, "type") == "password":
						passwords++
					case attribute(n, "aria-hidden") == "true":
						unheard++
						if got := attribute(n, "value"); got != test.want || auto != "username" {
							t.Errorf("the name is %q for %q, want %q", got, auto, test.want)
						}
						names++
					case strings.HasPrefix(auto, "username") || auto == "email":
						names++
					}
				}
				if passwords == 1 && names != 1 || passwords == 0 && unheard > 0 || test.shown && unheard > 0 {
					t.Errorf("a form with %d passwords has %d names, of which %d are unheard", passwords, names, unheard)
				}
			}
		})
	}
}

// TestHoldSaysWhatLiftsIt: what sets up a second factor stands before what does
// not, with a line between the two.
func TestHoldSaysWhatLiftsIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		flow   string
		hold   bool
		before string // the last heading before the line; "" for no line
	}{
		"held":      {"settings.everything", true, "Backup codes"},
		"recovered": {"settings.recovered", true, "Backup codes"},
		"free":      {"settings.everything", false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := rendered(t, View{Kind: Settings, Flow: readFlow(t, test.flow), Hold: test.hold})
			var last, before string
			for n := range page.Descendants() {
				switch {
				case n.Data == "h2":
					last = textOf(n)
				case attribute(n, "class") == "divider":
					if before != "" || textOf(n) != "Not needed now" {
						t.Errorf("there is a line %q after %q too", textOf(n), before)
					}
					before = last
				}
			}
			if before != test.before {
				t.Errorf("the line comes after %q, want %q", before, test.before)
			}
		})
	}
	page := rendered(t, View{Kind: Settings, Hold: true, Flow: without(readFlow(t, "settings.everything"), "totp", "webauthn", "lookup_secret")})
	if strings.Contains(textOf(page), "Not needed now") {
		t.Error("there is a line where nothing lifts the hold")
	}
}
