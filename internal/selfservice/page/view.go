package page

// Kind is the kind of a page.
type Kind string

// The pages that there are. All but the last are flows of Kratos'.
const (
	Login        Kind = "login"
	Registration Kind = "registration"
	Recovery     Kind = "recovery"
	Verification Kind = "verification"
	Settings     Kind = "settings"
	Failure      Kind = "error"
)

// Links are the pages that a page leads to; "" where it does not.
type Links struct {
	Login, Registration, Recovery, Verification, Settings, Logout, Home string
}

// View is one page of a flow.
type View struct {
	Kind       Kind
	Flow       Flow
	Links      Links
	Languages  []string // language tags of Accept-Language, best first
	RequestID  string   // shown on pages of failures that have no text of their own; "" for none
	SignedInAs string   // "" where nobody is, or it is not known
	// Hold: the person has to set up a second factor before going on. The
	// settings page says so, shows the ways to do it first, and leads nowhere
	// else but out.
	Hold bool
}

// Notice is a page that says one thing. Title and Text are keys of the
// catalogue ("notice.expired.title"); a key that it lacks is shown as it is.
type Notice struct {
	// Status is the answer's HTTP status. The page does not show it.
	Status      int
	Title, Text string
	Detail      map[string]string // what the texts have in {braces}
	Links       Links
	Next        string // URL of the button; "" for none
	// NextLabel is the key of what the button says; "" for what the catalogue has
	// for the title ("notice.expired.next" with "notice.expired.title"), or else
	// "Continue".
	NextLabel string
	Languages []string
	RequestID string
	// SignedInAs is who is signed in, where the notice says so; "" for none. Then
	// the link to sign out stands beside it.
	SignedInAs string
}
