package selfservice

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

func TestLanguages(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][]string{
		"":                               {},
		"de":                             {"de"},
		"fr;q=0.5, de-AT, en;q=0.9":      {"de-AT", "en", "fr"},
		"en;q=0, *;q=0.1, de ; q=0.3":    {"de"},
		"de;q=x, en;q=0.1":               {"en"},
		strings.Repeat("aa,", 100) + "b": strings.Split(strings.TrimSuffix(strings.Repeat("aa,", maxLanguages), ","), ","),
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", header)
		if diff := cmp.Diff(want, languages(r)); diff != "" {
			t.Errorf("%q: %s", header, diff)
		}
	}
}

func TestClientOf(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for name, test := range map[string]struct {
		peer, forwarded, want string
		trusted               bool
	}{
		"no proxy":            {"192.0.2.1:5", "198.51.100.1", "192.0.2.1", false},
		"a proxy":             {"10.0.0.1:5", "198.51.100.1", "198.51.100.1", true},
		"two proxies":         {"10.0.0.1:5", "198.51.100.1, 10.9.9.9", "198.51.100.1", true},
		"a client that lies":  {"10.0.0.1:5", "203.0.113.1, 198.51.100.1", "198.51.100.1", true},
		"a proxy says nought": {"10.0.0.1:5", "", "10.0.0.1", true},
		"garbage":             {"10.0.0.1:5", "198.51.100.1, unknown", "10.0.0.1", true},
		"proxies alone":       {"10.0.0.1:5", "10.1.1.1, 10.2.2.2", "10.1.1.1", true},
		"by version 6":        {"[::1]:5", "2001:db8::1", "2001:db8::1", true},
		"4 written as 6":      {"[::ffff:10.0.0.1]:5", "198.51.100.1", "198.51.100.1", true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.peer
		r.Header.Set("X-Forwarded-For", test.forwarded)
		if client, trusted := clientOf(r, proxies); client.String() != test.want || trusted != test.trusted {
			t.Errorf("%s: %s, trusted %t", name, client, trusted)
		}
	}
}

func TestKeepsHost(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]bool{
		"http://127.0.0.1:4433": true, "http://[::1]:4433": true, "http://kratos:4433": true, "http://localhost:4433": true,
		"http://kratos.model.svc.cluster.local:4433": true, "https://kratos.example.com": false, "https://kratos.bar.co.uk/path": false,
		"https://x.a.run.app": false, "https://one.herokuapp.com": false, "https://KRATOS.EXAMPLE.COM": false, "https://kratos.example.com.": false,
		"http://KRATOS.model.svc.cluster.local.:4433": true,
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := keepsHost(u); got != want {
			t.Errorf("%s: %t", target, got)
		}
	}
}

// Every text that a notice shows is in the catalogue.
func TestNoticesHaveTexts(t *testing.T) {
	t.Parallel()
	pages, err := page.New(page.Brand{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"preview", "not_found", "too_large", "error", "unavailable", "invitation", "expired", "foreign", "loop"} {
		for _, language := range page.Languages() {
			var b strings.Builder
			n := page.Notice{
				Title: "notice." + key + ".title", Text: "notice." + key + ".text", Next: "/", Languages: []string{language},
				Detail: map[string]string{"here": "a.test", "there": "b.test"},
			}
			if err := pages.Notice(&b, n); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), "notice.") || strings.Contains(b.String(), "{") {
				t.Errorf("%s in %s: a text is missing:\n%s", key, language, b.String())
			}
		}
	}
}

func TestGateLetsProvidersPass(t *testing.T) {
	t.Parallel()
	s := gated(t, "https://ui.test")
	const provider = "https://idp.test/authorize?client_id=x&state=y"
	for name, test := range map[string]struct {
		path, location, cookie string
		held                   bool
	}{
		"to the provider":           {"/self-service/login", provider, continuityCookie + "=x; Max-Age=60", false},
		"to link one":               {"/self-service/settings", provider, continuityCookie + "=x", false},
		"back from the provider":    {"/self-service/methods/oidc/callback/x", "https://app.test/", continuityCookie + "=x", true},
		"on to an OAuth2 server":    {"/self-service/login", "https://hydra.test/oauth2/auth?client_id=x", "ory_kratos_session=x", true},
		"back, on to one":           {"/self-service/methods/oidc/callback/x", "https://hydra.test/oauth2/auth?client_id=x", continuityCookie + "=x", true},
		"to an application":         {"/self-service/login", "https://app.test/", "ory_kratos_session=x", true},
		"by being signed in":        {"/self-service/login/browser", "https://app.test/", "", true},
		"after a registration":      {"/self-service/registration", "https://app.test/", "ory_kratos_session=x", true},
		"to the second factor":      {"/self-service/login", "https://ui.test/self-service/login/browser?aal=aal2", "ory_kratos_session=x", false},
		"to a page of ours":         {"/self-service/recovery", "https://ui.test/settings?flow=f", "ory_kratos_session=x", false},
		"to a path of ours":         {"/self-service/login", "https://ui.test/dashboard", "", true},
		"to one by dots":            {"/self-service/login", "https://ui.test/self-service/../dashboard", "", true},
		"to another site's page":    {"/self-service/login", "https://ui.test.evil/settings", "", true},
		"below a path of Kratos'":   {"/model/self-service/login", "https://app.test/", "", true},
		"signing out":               {"/self-service/logout", "https://app.test/", "", false},
		"what is no flow of Kratos": {"/schemas/x", "https://app.test/", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &http.Response{
				StatusCode: http.StatusSeeOther, Header: http.Header{"Location": {test.location}},
				Request: httptest.NewRequest(http.MethodPost, test.path, nil),
			}
			if test.cookie != "" {
				a.Header.Set("Set-Cookie", test.cookie)
			}
			if err := s.modify(a); err != nil {
				t.Fatal(err)
			}
			if got := a.Header.Get("Location"); (got == "https://ui.test/enrol") != test.held || !test.held && got != test.location {
				t.Errorf("leads to %s", got)
			}
		})
	}
}

func gated(t *testing.T, public string) *Server {
	t.Helper()
	u, err := url.Parse(public)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{KratosURL: u, PublicURL: u, EnforceMFA: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNextCookie(t *testing.T) {
	t.Parallel()
	for public, name := range map[string]string{"https://ui.test": "__Host-kratos_agent_next", "http://localhost:4455": "kratos_agent_next"} {
		s := gated(t, public)
		for next, want := range map[string]string{
			"https://hydra.test/oauth2/auth?client_id=x&login_verifier=y": "https://hydra.test/oauth2/auth?client_id=x&login_verifier=y",
			"/welcome":            "/welcome",
			"javascript:alert(1)": "", "//evil.test": "", "": "", "welcome": "",
			"https://app.test/" + strings.Repeat("x", 4000): "/",
		} {
			c := s.nextCookie(next)
			if c.Name != name || !c.HttpOnly || c.Path != "/" || c.Secure != strings.HasPrefix(public, "https:") || len(c.String()) > 4096 {
				t.Errorf("%s", c)
			}
			r := httptest.NewRequest(http.MethodGet, "/enrol", nil)
			r.AddCookie(c)
			if got := s.nextOf(r); got != want {
				t.Errorf("%q is remembered as %q", next, got)
			}
		}
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	s, other := newSeal(), newSeal()
	sealed := s.put("https://app.test/")
	for name, test := range map[string]struct {
		sealed string
		text   string
		own    bool
	}{
		"its own":            {sealed, "https://app.test/", true},
		"another process'":   {other.put("https://app.test/"), "https://app.test/", false},
		"without a seal":     {strings.Split(sealed, ".")[0], "https://app.test/", false},
		"an empty seal":      {strings.Split(sealed, ".")[0] + ".", "https://app.test/", false},
		"another's seal":     {strings.Split(s.put("https://evil.test/"), ".")[0] + "." + strings.Split(sealed, ".")[1], "https://evil.test/", false},
		"an odd seal":        {sealed + "!", "https://app.test/", false},
		"nothing that reads": {"!", "", false},
	} {
		if text, own := s.read(test.sealed); text != test.text || own != test.own {
			t.Errorf("%s: %q, %t", name, text, own)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"/self-service/login", "/self-service/../admin", "/self-service/%2e%2e/admin", "//admin", "//", "/a;b", "/\\x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !plain(u) {
			return
		}
		// What is plain stays what it is however often it is read.
		again, err := url.ParseRequestURI(u.EscapedPath())
		if err != nil || again.Path != u.Path || strings.Contains(u.Path, "..") && strings.Contains("/"+u.Path+"/", "/../") || strings.Contains(u.Path, "//") {
			t.Errorf("%q is taken for plain: %q", target, u.Path)
		}
	})
}
