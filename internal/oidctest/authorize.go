package oidctest

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed login.html login.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "login.html"))

// refusal is an error of OAuth 2 (RFC 6749).
type refusal struct{ Code, Description string }

func invalid(code, description string) *refusal { return &refusal{code, description} }

// s256 is what every S256 challenge looks like.
var s256 = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// ask reads what the client wants. An unknown client or redirect URI is told to
// the person alone (toPerson); all else goes back to the client.
func (p *Provider) ask(q url.Values) (r request, toPerson, toClient *refusal) {
	for name, values := range q {
		if len(values) > 1 {
			return r, invalid("invalid_request", name+" is there twice"), nil
		}
	}
	if q.Get("client_id") != p.config.ClientID {
		return r, invalid("unauthorized_client", "client_id is unknown"), nil
	}
	if !slices.Contains(p.config.RedirectURIs, q.Get("redirect_uri")) {
		return r, invalid("invalid_request", "redirect_uri is not one of the client's"), nil
	}
	r = request{
		RedirectURI: q.Get("redirect_uri"), State: q.Get("state"), Nonce: q.Get("nonce"),
		Challenge: q.Get("code_challenge"), Scopes: strings.Fields(q.Get("scope")),
	}
	return r, nil, r.check(q)
}

func (r request) check(q url.Values) *refusal {
	switch {
	case q.Get("response_type") != "code":
		return invalid("unsupported_response_type", "response_type is not code")
	case q.Get("response_mode") != "" && q.Get("response_mode") != "query":
		return invalid("invalid_request", "response_mode is not query")
	case q.Has("request") || q.Has("request_uri"):
		return invalid("request_not_supported", "request objects are not supported")
	case !slices.Contains(r.Scopes, "openid"):
		return invalid("invalid_scope", "scope does not hold openid")
	case r.State == "":
		return invalid("invalid_request", "state is missing")
	case q.Get("code_challenge_method") != "S256" || !s256.MatchString(r.Challenge):
		return invalid("invalid_request", "a code_challenge by S256 is missing")
	case slices.Contains(strings.Fields(q.Get("prompt")), "none"):
		return invalid("login_required", "nobody is ever signed in here")
	}
	return nil
}

// authorize shows the login page, always: the provider remembers nobody.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if _, ok := p.asked(w, r, q); ok {
		p.loginPage(w, http.StatusOK, loginPage{Action: "/authorize?" + q.Encode(), People: p.config.People, Email: q.Get("login_hint")})
	}
}

// asked gives what the client wants, or answers the refusal.
func (p *Provider) asked(w http.ResponseWriter, r *http.Request, q url.Values) (request, bool) {
	want, toPerson, toClient := p.ask(q)
	switch {
	case toPerson != nil:
		p.loginPage(w, http.StatusBadRequest, loginPage{Refused: toPerson.Description})
		return want, false
	case toClient != nil:
		p.back(w, r, want, url.Values{"error": {toClient.Code}, "error_description": {toClient.Description}})
		return want, false
	}
	return want, true
}

// signIn takes the login page's form. Its query is that of the page, and is
// checked again.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	want, ok := p.asked(w, r, q)
	if !ok {
		return
	}
	if r.PostFormValue("cancel") != "" {
		p.back(w, r, want, url.Values{"error": {"access_denied"}, "error_description": {"the person said no"}})
		return
	}
	who, ok := p.person(r)
	if !ok {
		page := loginPage{Action: "/authorize?" + q.Encode(), People: p.config.People, Wrong: "Give an email address."}
		page.Email, page.Name = r.PostFormValue("email"), r.PostFormValue("name")
		p.loginPage(w, http.StatusOK, page)
		return
	}
	p.back(w, r, want, url.Values{"code": {p.issue(want, who, time.Now())}})
}

// person gives who was chosen or typed.
func (p *Provider) person(r *http.Request) (Person, bool) {
	who := Person{Email: strings.TrimSpace(r.PostFormValue("email")), Name: strings.TrimSpace(r.PostFormValue("name"))}
	if preset := r.PostFormValue("person"); preset != "" {
		who = Person{Email: preset}
	}
	for _, known := range p.config.People {
		if strings.EqualFold(known.Email, who.Email) {
			who = known
		}
	}
	if who.Subject == "" {
		who.Subject = Subject(who.Email)
	}
	local, domain, ok := strings.Cut(who.Email, "@")
	return who, ok && local != "" && domain != ""
}

// back sends the browser to the client with an answer.
func (p *Provider) back(w http.ResponseWriter, r *http.Request, want request, answer url.Values) {
	to, err := url.Parse(want.RedirectURI)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	q := to.Query()
	for name, values := range answer {
		q[name] = values
	}
	q.Set("iss", p.Issuer)
	if want.State != "" {
		q.Set("state", want.State)
	}
	to.RawQuery = q.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// loginPage is what the page shows.
type loginPage struct {
	Action      string // "" where nobody can sign in
	People      []Person
	Email, Name string
	Wrong       string // with the form
	Refused     string // without
}

func (p *Provider) loginPage(w http.ResponseWriter, status int, page loginPage) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	pages.ExecuteTemplate(w, "login.html", page)
}
