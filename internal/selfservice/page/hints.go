package page

import (
	"slices"
	"strings"
)

// inputTypes are the types of input that are written as they are. Any other is
// a line of text.
var inputTypes = []string{"text", "password", "number", "email", "tel", "date", "url"}

var autocompleteTokens = lazily(`^[a-z0-9]+([ -][a-z0-9]+)*$`)

// digits are the only patterns that a browser is told. Kratos checks every
// pattern itself, and its are Go's: a browser reads some of them in another way,
// and complains of others.
var digits = []string{"[0-9]+", "^[0-9]+$"}

// hints says what browsers and password managers can make use of.
func (b builder) hints(p *part, a Attributes) {
	if !slices.Contains(inputTypes, p.Type) {
		p.Type = "text"
	}
	if a.Type == "datetime-local" {
		// Kratos wants a time zone, which browsers leave out of such an input.
		p.Hint = b.text("hint.datetime")
	}
	if slices.Contains(digits, a.Pattern) {
		p.Pattern = "[0-9]*"
	}
	if autocompleteTokens().MatchString(a.Autocomplete) {
		p.Autocomplete = a.Autocomplete
	}
	switch {
	case isCode(p.Name):
		p.Autocomplete, p.InputMode, p.Class = "one-time-code", "numeric", "code"
	case p.Name == "lookup_secret":
		p.Autocomplete, p.Class, p.Plain = "off", "code", true
	case p.Type == "password":
		b.passwordHints(p)
	case p.Type == "email" && p.Name == "email":
		p.Autocomplete = firstOf(p.Autocomplete, "email")
	case p.Name == confirmAddress, p.Name == "recovery_address":
		p.Plain = true
		p.Autocomplete = firstOf(p.Autocomplete, addressHints[p.Type], "username")
	case p.Type == "number":
		p.InputMode = "decimal"
	case p.Name == "identifier":
		p.Plain = true
		p.Autocomplete = firstOf(p.Autocomplete, "username")
		if b.offersPasskeys() && !strings.Contains(p.Autocomplete, "webauthn") {
			p.Autocomplete += " webauthn"
		}
	case strings.HasPrefix(p.Name, "traits."):
		p.Autocomplete = firstOf(p.Autocomplete, traitHint(p.Name))
		p.Plain = p.Autocomplete == "username"
	}
}

// offersPasskeys tells whether the browser is to list passkeys in the input for
// the name. It does so only where that input says so, which Kratos leaves out of
// the first step of identifier_first.
func (b builder) offersPasskeys() bool {
	return b.any("passkey", func(n Node) bool { return n.Attributes.OnLoadTrigger != "" })
}

// isCode tells whether an input is for a code of digits that changes each time.
func isCode(name string) bool { return name == "code" || name == "totp_code" }

func (b builder) passwordHints(p *part) {
	if p.Autocomplete == "" && b.view.Kind == Login {
		p.Autocomplete = "current-password"
	}
	p.Autocomplete = firstOf(p.Autocomplete, "new-password")
	if p.Autocomplete == "new-password" && !p.Invalid {
		p.Hint = b.text("hint.password")
	}
}

// addressHints are those of an address that codes are sent to, by the input's type.
var addressHints = map[string]string{"email": "email", "tel": "tel"}

// traitHints are the names by which traits are commonly known.
var traitHints = map[string]string{
	"email": "email", "emailaddress": "email", "mail": "email",
	"username": "username", "name": "name", "fullname": "name",
	"givenname": "given-name", "firstname": "given-name", "first": "given-name",
	"familyname": "family-name", "lastname": "family-name", "last": "family-name",
	"phone": "tel", "phonenumber": "tel", "website": "url", "organization": "organization", "company": "organization",
	"birthdate": "bday", "country": "country-name", "city": "address-level2", "postalcode": "postal-code",
}

func traitHint(name string) string {
	name = name[strings.LastIndex(name, ".")+1:]
	return traitHints[strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))]
}
