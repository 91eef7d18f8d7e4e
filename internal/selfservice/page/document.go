package page

import (
	"html/template"
	"slices"
	"strings"
)

// document is a page as the templates want it: every text is in the person's
// language, every decision is made.
type document struct {
	Lang, Title, Heading string
	Lead                 []string
	Brand                Brand
	Logo                 template.URL
	Assets               assetNames
	Scripts              []kratosScript
	Scripted             bool // wants our script
	Printing             bool // shows codes that stand alone on paper
	Wide                 bool // a card for each section, not one for all
	Account              account
	Notes                []note
	Sections             []*section
	Nav                  []link
	Details              []string // small print of a notice
	Next                 *link    // the button of a notice

	language *language
	messages messageWriter
	ids      idSet
}

// kratosScript is the script of Kratos' own for security keys and passkeys.
type kratosScript struct{ Src, Integrity string }

type link struct{ Href, Label string }

// account says who is signed in, and leads out.
type account struct {
	Text string
	Link *link
}

// note is a message on the whole form.
type note struct{ Kind, Role, Text string }

// section is one form, with what is said around it.
type section struct {
	ID, Heading    string
	Headed         bool // shows the heading as such
	Folded, Open   bool // is behind its heading, which opens it; is opened already
	Divider        string
	Lead           []string
	Notes          []note
	Action, Method string
	Hidden         []hidden
	// Username is for password managers, which keep a password by it; "" where the
	// form asks for it, or has no password.
	Username   string
	UsernameID string
	Parts      []part
	Buttons    []button
	// Removals are sent from a form of their own, with what all forms share: in
	// one with an input the first button is what the Enter key presses.
	Removals []button
	Shared   []hidden
	Printed  bool
	NoScript string // said where scripts are off

	group   string
	invalid bool // something in it was refused
}

type hidden struct{ Name, Value, LoadTrigger string }

// described is what an input and a button have to say about them below.
type described struct {
	Invalid bool
	Remarks []remark
	Hint    string
	HintID  string
}

// DescribedBy gives the ids of all that describes the input.
func (d described) DescribedBy() string {
	var ids []string
	for _, r := range d.Remarks {
		ids = append(ids, r.ID)
	}
	if d.Hint != "" {
		ids = append(ids, d.HintID)
	}
	return strings.Join(ids, " ")
}

// remark is a message on one input.
type remark struct{ ID, Class, Role, Text string }

// part is one thing in a form, between its hidden inputs and its buttons. Kind
// is "field", "check", "select", "image", "text", "codes" or "link".
type part struct {
	described
	Kind, ID, Label string

	// field, check, select
	Name, Type, Value, Class, Autocomplete, InputMode, Pattern string
	MaxLength                                                  int
	Required, Disabled, Checked, Plain, Focus                  bool
	Options                                                    []choice

	// image, link
	Src           template.URL
	Width, Height int
	Href          string

	// codes
	Codes               []code
	Copy, Copied, Print string
}

type choice struct {
	Value, Label string
	Selected     bool
}

type code struct {
	Text string
	Used bool
}

type button struct {
	described
	Type, Name, Value, Label, Class, Trigger string
	NoValidate, Disabled                     bool
}

// document begins a page.
func (r *Renderer) document(tags []string) *document {
	l := choose(r.languages, tags)
	return &document{
		Lang: l.tag, Brand: r.brand, Logo: r.brand.logo(), Assets: r.assets,
		language: l, messages: messageWriter{language: l, now: r.now()}, ids: idSet{},
	}
}

// text gives a text of the catalogue.
func (d *document) text(key string) string { return d.language.text(key, nil) }

// lines gives those texts of the catalogue that it has.
func (d *document) lines(keys ...string) []string {
	var all []string
	for _, k := range keys {
		if d.language.has(k) {
			all = append(all, d.text(k))
		}
	}
	return all
}

// name sets the heading, and the title by it.
func (d *document) name(heading string) {
	d.Heading, d.Title = heading, heading
	if d.Brand.Name != "" {
		d.Title += " · " + d.Brand.Name
	}
}

// lead adds a link below the page, where there is one.
func (d *document) leadTo(href, key string) {
	if href != "" {
		d.Nav = append(d.Nav, link{href, d.text(key)})
	}
}

// noteOf is a message on the whole form: errors are read out at once.
func (d *document) noteOf(m Message) note {
	n := note{Kind: "info", Role: "status", Text: d.messages.text(m)}
	switch m.Type {
	case "error":
		n.Kind, n.Role = "error", "alert"
	case "success":
		n.Kind = "success"
	}
	return n
}

// idSet gives out ids that no other element of the page has.
type idSet map[string]bool

func (s idSet) take(words ...string) string {
	base := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.Join(words, "-"))
	id := base
	for n := 2; s[id]; n++ {
		id = base + "-" + number(n)
	}
	s[id] = true
	return id
}

// position is where a word stands in an order; after all others where it does not.
func position(order []string, word string) int {
	if i := slices.Index(order, word); i >= 0 {
		return i
	}
	return len(order)
}
