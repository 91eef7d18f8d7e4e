package page

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// made renders a flow whose nodes are written here.
func made(t *testing.T, kind Kind, nodes ...string) *html.Node {
	t.Helper()
	f, err := ParseFlow([]byte(`{"id":"made","state":"choose_method","ui":{"action":"http://localhost:4455/self-service/login?flow=made","method":"POST","nodes":[` + strings.Join(nodes, ",") + `]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := renderer(t, Brand{}).Flow(&page, View{Kind: kind, Flow: f}); err != nil {
		t.Fatal(err)
	}
	root := parse(t, page.String())
	for _, complaint := range complaints(root) {
		t.Error(complaint)
	}
	return root
}

// input writes an input node of the profile group; more are members of its
// attributes.
func input(name, kind, more string) string {
	return fmt.Sprintf(`{"type":"input","group":"profile","attributes":{"name":%q,"type":%q%s},"messages":[],"meta":{}}`, name, kind, more)
}

var save = input("method", "submit", `,"value":"profile"`)

// the gives the one input, select or button of the name that is no hidden twin.
func the(t *testing.T, page *html.Node, name string) *html.Node {
	t.Helper()
	for _, n := range elements(page, "input", "select", "button") {
		if attribute(n, "name") == name && attribute(n, "type") != "hidden" {
			return n
		}
	}
	t.Fatalf("the page has no %s", name)
	return nil
}

func TestInputs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		node string
		want map[string]string
	}{
		"number":            {input("x", "number", `,"value":12345678901234567890`), map[string]string{"type": "number", "value": "12345678901234567890", "step": "any"}},
		"date":              {input("x", "date", `,"value":"2026-01-31"`), map[string]string{"type": "date", "value": "2026-01-31"}},
		"moment":            {input("x", "datetime-local", `,"value":"2026-01-31T09:30:00Z"`), map[string]string{"type": "text", "value": "2026-01-31T09:30:00Z", "aria-describedby": "hint-profile-x"}},
		"telephone":         {input("x", "tel", `,"autocomplete":"tel"`), map[string]string{"type": "tel", "autocomplete": "tel"}},
		"unknown type":      {input("x", "hologram", ``), map[string]string{"type": "text"}},
		"code":              {input("code", "text", `,"pattern":"[0-9]+","maxlength":6`), map[string]string{"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9]*", "maxlength": "6"}},
		"pattern of Go's":   {input("x", "text", `,"pattern":"^(?i)[a-z_-]+$"`), map[string]string{"pattern": ""}},
		"odd autocomplete":  {input("x", "text", `,"autocomplete":"\" onfocus=\"x"`), map[string]string{"autocomplete": "", "onfocus": ""}},
		"address":           {input("email", "email", ``), map[string]string{"autocomplete": "email"}},
		"trait by its name": {input("traits.name.first", "text", ``), map[string]string{"autocomplete": "given-name"}},
		"ticked":            {input("x", "checkbox", `,"value":true`), map[string]string{"type": "checkbox", "value": "true", "checked": ""}},
		"value that is none": {
			input("x", "text", `,"value":{"a":1}`), map[string]string{"value": ""},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var named struct{ Attributes struct{ Name string } }
			if err := json.Unmarshal([]byte(test.node), &named); err != nil {
				t.Fatal(err)
			}
			n := the(t, made(t, Settings, test.node, save), named.Attributes.Name)
			got := map[string]string{}
			for key := range test.want {
				got[key] = attribute(n, key)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the input is another (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCheckbox: Kratos takes the last value of a name, so an empty box sends
// false and a ticked one true.
func TestCheckbox(t *testing.T) {
	t.Parallel()
	page := made(t, Settings, input("traits.newsletter", "checkbox", `,"required":true`), save)
	box := the(t, page, "traits.newsletter")
	if has(box, "checked") || !has(box, "required") {
		t.Error("the box is ticked, or may stay empty")
	}
	for n := box.PrevSibling; n != nil; n = n.PrevSibling {
		if attribute(n, "name") == "traits.newsletter" && attribute(n, "type") == "hidden" && attribute(n, "value") == "false" {
			return
		}
	}
	t.Error("an empty box sends nothing")
}

func TestSelect(t *testing.T) {
	t.Parallel()
	page := made(t, Settings, input("traits.size", "text", `,"value":"m","options":[{"value":"s","label":{"id":1,"text":"Small"}},{"value":"m"}]`), save)
	var got []string
	for _, o := range elements(the(t, page, "traits.size"), "option") {
		got = append(got, fmt.Sprint(attribute(o, "value"), "|", textOf(o), "|", has(o, "selected")))
	}
	if diff := cmp.Diff([]string{"||false", "s|Small|false", "m|m|true"}, got); diff != "" {
		t.Errorf("the choices are others (-want +got):\n%s", diff)
	}
}

// TestOddNodes: what is unknown or not to be trusted is left out, and the rest
// of the page stands.
func TestOddNodes(t *testing.T) {
	t.Parallel()
	page := made(t, Settings,
		`{"type":"div","group":"captcha","attributes":{"id":"captcha"}}`,
		`{"type":"input","group":"profile","attributes":"none"}`,
		`7`, `null`,
		`{"type":"img","group":"totp","attributes":{"src":"https://evil.example/x.png","id":"x"}}`,
		`{"type":"img","group":"totp","attributes":{"src":"data:image/svg+xml;base64,AAAA","id":"x"}}`,
		`{"type":"script","group":"webauthn","attributes":{"src":"https://evil.example/x.js"}}`,
		`{"type":"script","group":"webauthn","attributes":{"src":"https://evil.example/.well-known/ory/../../x.js"}}`,
		`{"type":"a","group":"link","attributes":{"href":"javascript:alert(1)","title":{"text":"Go"}}}`,
		input("evil", "button", `,"onclickTrigger":"alert","onclick":"alert(1)"`),
		input("", "text", ``),
		input("traits.name", "text", ``), save,
	)
	the(t, page, "traits.name")
	for _, n := range elements(page, "img", "script") {
		t.Errorf("the page loads %s", attribute(n, "src"))
	}
	for _, n := range elements(page, "a") {
		if strings.Contains(attribute(n, "href"), "javascript") {
			t.Errorf("the page leads to %s", attribute(n, "href"))
		}
	}
	for _, n := range elements(page, "button") {
		if attribute(n, "name") == "evil" {
			t.Error("the page starts a function that is not Kratos'")
		}
	}
}

// TestUnknownGroup: a method that is not known here has its form all the same.
func TestUnknownGroup(t *testing.T) {
	t.Parallel()
	page := made(t, Login,
		`{"type":"input","group":"default","attributes":{"name":"csrf_token","type":"hidden","value":"s3cr3t-mark"}}`,
		`{"type":"input","group":"telepathy","attributes":{"name":"thought","type":"text"}}`,
		`{"type":"input","group":"telepathy","attributes":{"name":"method","type":"submit","value":"telepathy"}}`)
	form := the(t, page, "thought")
	for form.Data != "form" {
		form = form.Parent
	}
	if !slices.ContainsFunc(elements(form, "input"), func(n *html.Node) bool { return attribute(n, "name") == "csrf_token" }) {
		t.Error("the form lacks the shared input")
	}
}

// TestPasskeyName: Kratos' script reads the trait that names the passkey, so it
// has to be in the form, and filled in.
func TestPasskeyName(t *testing.T) {
	t.Parallel()
	const data = `{"type":"input","group":"passkey","attributes":{"name":"passkey_create_data","type":"hidden","value":"{\"credentialOptions\":{\"a\":1},\"displayNameFieldName\":\"traits.nick\"}"}},
		{"type":"input","group":"passkey","attributes":{"name":"passkey_register_trigger","type":"button","onclickTrigger":"oryPasskeyRegistration"}}`
	shared := func(name, more string) string {
		return fmt.Sprintf(`{"type":"input","group":"default","attributes":{"name":%q,"type":"text"%s}}`, name, more)
	}
	tests := map[string]struct{ trait, want string }{
		"absent":        {shared("traits.email", `,"required":true`), "traits.email"},
		"may be empty":  {shared("traits.nick", ``) + "," + shared("traits.email", `,"value":"a"`), "traits.email"},
		"filled in":     {shared("traits.email", `,"required":true`) + "," + shared("traits.nick", `,"value":"a"`), "traits.nick"},
		"nothing fits":  {shared("traits.email", ``), "traits.nick"},
		"has to be fit": {shared("traits.nick", `,"required":true`), "traits.nick"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, n := range elements(made(t, Registration, test.trait, data), "input") {
				if attribute(n, "name") == "passkey_create_data" {
					var got struct{ DisplayNameFieldName string }
					if err := json.Unmarshal([]byte(attribute(n, "value")), &got); err != nil || got.DisplayNameFieldName != test.want {
						t.Errorf("the passkey is named by %q (%v), want %q", got.DisplayNameFieldName, err, test.want)
					}
				}
			}
		})
	}
}

func readFlow(t testing.TB, name string) Flow {
	t.Helper()
	text, err := os.ReadFile(flowDir + "/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseFlow(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func headings(t *testing.T, v View) []string {
	t.Helper()
	var page strings.Builder
	if err := renderer(t, Brand{}).Flow(&page, v); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range elements(parse(t, page.String()), "h2") {
		all = append(all, textOf(n))
	}
	return all
}

func TestSettingsOrder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		flow string
		hold bool
		want []string
	}{
		"everything":        {"settings.everything", false, []string{"Your details", "Password", "Social sign-in", "Authenticator app", "Backup codes", "Security keys", "Passkeys"}},
		"recovered":         {"settings.recovered", false, []string{"Password", "Your details", "Authenticator app", "Backup codes"}},
		"recovered on hold": {"settings.recovered", true, []string{"Password", "Authenticator app", "Backup codes", "Your details"}},
		"on hold":           {"settings.everything", true, []string{"Authenticator app", "Security keys", "Backup codes", "Passkeys", "Password", "Your details", "Social sign-in"}},
		"new codes":         {"settings.codes-new", false, []string{"Backup codes", "Your details", "Password", "Authenticator app"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := headings(t, View{Kind: Settings, Flow: readFlow(t, test.flow), Hold: test.hold})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the sections are others (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameIDs: inputs whose names differ in what an id cannot hold, or do not
// differ at all, have ids of their own. The checks of made find the rest.
func TestSameIDs(t *testing.T) {
	t.Parallel()
	page := made(t, Settings, input("traits.a.b", "text", ``), input("traits.a-b", "text", ``), input("traits.a.b", "text", ``), save)
	if n := len(elements(page, "label")); n != 3 {
		t.Errorf("%d of 3 inputs are there", n)
	}
}

// TestFolded: of several ways the first is shown and the others are behind their
// names, but for one that was tried and refused.
func TestFolded(t *testing.T) {
	t.Parallel()
	way := func(group, messages string) string {
		return fmt.Sprintf(`{"type":"input","group":%q,"attributes":{"name":"x_%s","type":"text"},"messages":[%s]},
			{"type":"input","group":%q,"attributes":{"name":"method","type":"submit","value":%q}}`, group, group, messages, group, group)
	}
	tests := map[string]struct {
		messages string
		open     bool
	}{
		"untried": {``, false},
		"hint":    {`{"id":1,"type":"info","text":"t"}`, false},
		"refused": {`{"id":1,"type":"error","text":"t"}`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folded := elements(made(t, Login, way("lookup_secret", test.messages), way("totp", ``)), "details")
			if len(folded) != 1 || has(folded[0], "open") != test.open {
				t.Fatalf("%d ways are folded", len(folded))
			}
			if n := elements(folded[0], "input")[0]; attribute(n, "name") != "x_lookup_secret" {
				t.Errorf("%s is folded", attribute(n, "name"))
			}
		})
	}
}

// TestEnterKey: in a form with an input the Enter key presses the first button
// that sends it, which must not be one that takes something away, or goes back.
func TestEnterKey(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		var page strings.Builder
		g.write(t, &page)
		for _, form := range elements(parse(t, page.String()), "form") {
			visible := slices.ContainsFunc(elements(form, "input"), func(n *html.Node) bool { return attribute(n, "type") != "hidden" })
			for _, n := range elements(form, "button") {
				if attribute(n, "type") != "submit" {
					continue
				}
				if class := attribute(n, "class"); visible && (class == "danger" || has(n, "formnovalidate")) {
					t.Errorf("%s: the Enter key presses %s", g.name, textOf(n))
				}
				break
			}
		}
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"login.password": "Sign in", "login.refresh": "Confirm that it is you", "login.aal2-totp": "Second step",
		"login.code-sent": "Enter your code", "login.aal2-code-sent": "Enter your code", "registration.code-sent": "Enter your code",
		"recovery.email": "Recover your account", "recovery.code-sent": "Enter your code", "recovery.link-sent": "Look into your mailbox",
		"recovery.addresses-code": "Enter your code", "recovery.addresses-select": "Choose an address", "recovery.addresses-confirm": "Enter the whole address",
		"verification.link-sent": "Look into your mailbox", "verification.code-done": "All done", "registration.first-step": "Create an account",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, _, _ := strings.Cut(name, ".")
			var page strings.Builder
			if err := renderer(t, Brand{Name: "Ada"}).Flow(&page, View{Kind: Kind(kind), Flow: readFlow(t, name)}); err != nil {
				t.Fatal(err)
			}
			root := parse(t, page.String())
			if got := textOf(elements(root, "h1")[0]); got != want {
				t.Errorf("the heading is %q, want %q", got, want)
			}
			if got := textOf(elements(root, "title")[0]); got != want+" · Ada" {
				t.Errorf("the title is %q", got)
			}
		})
	}
}

// TestPasskeyAutofill: the first step of identifier_first has no button for
// passkeys, but browsers offer them in the input.
func TestPasskeyAutofill(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	if err := renderer(t, Brand{}).Flow(&page, View{Kind: Login, Flow: readFlow(t, "login.identifier-first")}); err != nil {
		t.Fatal(err)
	}
	root := parse(t, page.String())
	if got := attribute(the(t, root, "identifier"), "autocomplete"); got != "username webauthn" {
		t.Errorf("the input offers %q", got)
	}
	triggers := 0
	for _, n := range elements(root, "input") {
		if attribute(n, "data-load-trigger") == "oryPasskeyLoginAutocompleteInit" && attribute(n, "name") == "passkey_login" {
			triggers++
		}
	}
	if triggers != 1 {
		t.Errorf("%d inputs start it", triggers)
	}
}

// TestSigningIn: the step after the one that asks for the name says whose it is,
// and leads back with what the flow is for.
func TestSigningIn(t *testing.T) {
	t.Parallel()
	const back = "/login?return_to=x"
	for name, want := range map[string]string{
		"login.identifier-first": "", "login.password": "", "login.refresh": "", "login.privileged": "", "login.aal2-code-sent": "",
		"login.identifier-second": "Signing in as ada@example.com", "login.identifier-wrong": "Signing in as ada@example.com",
		"login.passwordless-key": "Signing in as ada@example.com", "login.code-sent": "Signing in as ada@example.com",
	} {
		var page strings.Builder
		if err := renderer(t, Brand{}).Flow(&page, View{Kind: Login, Flow: readFlow(t, name), Links: Links{Login: back}}); err != nil {
			t.Fatal(err)
		}
		root := parse(t, page.String())
		if got := strings.Contains(page.String(), "Signing in as "); got != (want != "") || !strings.Contains(page.String(), want) {
			t.Errorf("%s: the page says who is signing in: %t", name, got)
		}
		var links []string
		for _, n := range elements(root, "a") {
			links = append(links, textOf(n)+" "+attribute(n, "href"))
		}
		if got := slices.Contains(links, "Not you? Change "+back); got != (want != "") {
			t.Errorf("%s: the page leads to %q", name, links)
		}
	}
}

// TestUnseenForm: a form that a script sends takes no room, unless it has
// something to say.
func TestUnseenForm(t *testing.T) {
	t.Parallel()
	const form = `{"type":"input","group":"passkey","attributes":{"name":"passkey_login","type":"hidden","onloadTrigger":"oryPasskeyLoginAutocompleteInit"},"messages":[%s]}`
	for messages, want := range map[string]int{``: 1, `{"id":1,"type":"error","text":"t"}`: 0} {
		hidden := 0
		for _, n := range elements(made(t, Login, fmt.Sprintf(form, messages), input("x", "text", ``), save), "div") {
			if has(n, "hidden") {
				hidden++
			}
		}
		if hidden != want {
			t.Errorf("%d forms are hidden with the messages [%s], want %d", hidden, messages, want)
		}
	}
}

// TestErrorReason: what Kratos says of its own faults helps nobody here, and what
// it says of others may be the words of whoever made up the link.
func TestErrorReason(t *testing.T) {
	t.Parallel()
	const words = "Your account is locked, call 555"
	for name, test := range map[string]struct {
		e    Error
		want string
	}{
		"of a link's making":  {Error{Code: 400, Reason: words, Message: words}, ""},
		"with an unknown id":  {Error{Code: 400, ID: words, Reason: words}, ""},
		"a provider's":        {Error{Code: 400, Reason: reasonOfCalledOff + " " + words}, "You called off the sign-in"},
		"a fault of Kratos'":  {Error{Code: 500, Reason: reasonOfCalledOff}, ""},
		"with a message only": {Error{Code: 400, Message: reasonOfProvider + words}, "The sign-in at the other service did not work"},
	} {
		var page strings.Builder
		if err := renderer(t, Brand{}).Error(&page, test.e, View{Kind: Failure, RequestID: "request-1", Links: Links{Login: "/login"}}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.String(), words) || !strings.Contains(page.String(), test.want) {
			t.Errorf("%s: the page shows it, or does not say %q:\n%s", name, test.want, page.String())
		}
		if test.want == "" && strings.Count(page.String(), `class="detail"`) != 1 {
			t.Errorf("%s: the page gives a reason:\n%s", name, page.String())
		}
		if !strings.Contains(page.String(), "request-1") {
			t.Error("the page does not name the request")
		}
	}
}
