package uitest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/mailtest"
	"github.com/kratos-agent/kratos-agent/internal/oidctest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// Artefacts is the environment variable that names the directory, by an absolute
// path, in which screenshots and logs are kept, one directory for each test.
// Without it they go where go test -artifacts puts them, or away with the test.
const Artefacts = "KRATOS_AGENT_ARTEFACTS"

// Options say what to set up.
type Options struct {
	// Server gives the server under test. The first URL is Kratos' public API
	// as the server reaches it, the second the server as browsers see it.
	Server func(kratosURL, publicURL string) http.Handler
	// RegistrationOff leaves people to be invited.
	RegistrationOff bool
	// OneStep has registration ask for traits and password on one page.
	OneStep bool
	// Use is what recovery and verification mail: "code" (the default) or
	// "link".
	Use string
	// Siblings puts Kratos and the pages on two hosts of one domain, rather
	// than both behind one origin of localhost. WebAuthn and passkeys, which
	// http allows at localhost alone, are off then.
	Siblings bool
	// Settings are laid over the configuration of Kratos, as in
	// [kratostest.Config].
	Settings map[string]any
}

// Rig is all that a walk through the pages needs, until the test ends.
type Rig struct {
	URL    string // the server under test as browsers see it, without a slash at its end
	Kratos *kratostest.Server
	Mail   *mailtest.Sink
	OIDC   *oidctest.Provider

	tb      testing.TB
	options Options
	public  string // Kratos as browsers see it
	browser context.Context
	dir     string
}

// New sets up Kratos, the server under test, and Chromium. The test is skipped
// where the machine lacks what it needs.
func New(tb testing.TB, o Options) *Rig {
	tb.Helper()
	path := chromium(tb)
	if o.Use == "" {
		o.Use = "code"
	}
	r := &Rig{tb: tb, options: o, dir: artefacts(tb), Mail: mailtest.Start(tb)}
	pages, kratos := r.listen()
	r.OIDC = oidctest.Start(tb, oidctest.Config{
		ClientID: "kratos", ClientSecret: "s3cr3t-mark-client", People: []oidctest.Person{{Name: "Ada Lovelace", Email: "ada@idp.example"}},
		RedirectURIs: []string{r.public + "/self-service/methods/oidc/callback/" + Provider},
	})
	r.Kratos = kratostest.New(tb, kratostest.Config{
		DSN: kratostest.FileDSN(tb.TempDir()), Courier: true, Settings: r.settings(), Log: r.logFile("kratos.log"),
	})
	serve(tb, pages, o.Server(r.Kratos.PublicURL, r.URL))
	if kratos != nil {
		serve(tb, kratos, passOn(tb, r.Kratos.PublicURL))
	}
	r.browser = startChromium(tb, path, r.flags())
	return r
}

// For gives the rig to a subtest, whose failures are then its own.
func (r *Rig) For(tb testing.TB) *Rig {
	q := *r
	q.tb = tb
	return &q
}

// The hosts of [Options.Siblings]. Chromium alone finds them.
const (
	siblingDomain = "pages.test"
	siblingUI     = "ui." + siblingDomain
	siblingKratos = "kratos." + siblingDomain
)

// listen takes the ports that the configuration of Kratos names. The second
// listener is nil where Kratos stands behind the pages.
func (r *Rig) listen() (pages, kratos net.Listener) {
	r.tb.Helper()
	pages, port := listen(r.tb)
	if !r.options.Siblings {
		r.URL = "http://localhost:" + port
		r.public = r.URL
		return pages, nil
	}
	r.URL = "http://" + siblingUI + ":" + port
	kratos, port = listen(r.tb)
	r.public = "http://" + siblingKratos + ":" + port
	return pages, kratos
}

func listen(tb testing.TB) (l net.Listener, port string) {
	tb.Helper()
	l = testneed.Listen(tb)
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return l, port
}

// serve ends with the test.
func serve(tb testing.TB, l net.Listener, h http.Handler) {
	tb.Helper()
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(l)
	}()
	tb.Cleanup(func() {
		s.Close()
		<-done
	})
}

// passOn is the ingress of Kratos.
func passOn(tb testing.TB, to string) http.Handler {
	tb.Helper()
	u, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(u)
		r.Out.Host = r.In.Host
	}}
}

func artefacts(tb testing.TB) string {
	tb.Helper()
	dir := tb.ArtifactDir()
	if named := os.Getenv(Artefacts); named != "" {
		if !filepath.IsAbs(named) {
			tb.Fatalf("%s is %q: give an absolute path, since each package is tested in its own folder", Artefacts, named)
		}
		dir = filepath.Join(named, strings.ReplaceAll(tb.Name(), "/", "-"))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func (r *Rig) logFile(name string) *os.File {
	r.tb.Helper()
	f, err := os.Create(filepath.Join(r.dir, name))
	if err != nil {
		r.tb.Fatal(err)
	}
	r.tb.Cleanup(func() { f.Close() })
	return f
}

// Invite makes a person without a password and gives the link that signs them
// in, as the agent's invite-user does.
func (r *Rig) Invite(email string) (link string) {
	r.tb.Helper()
	return r.InviteFor(email, time.Hour)
}

// InviteFor is [Rig.Invite] with a link that works for so long.
func (r *Rig) InviteFor(email string, lifetime time.Duration) (link string) {
	r.tb.Helper()
	link, _ = r.issue("link", email, lifetime)
	return link
}

// InviteByCode is [Rig.Invite] with a code that is typed in at the link.
func (r *Rig) InviteByCode(email string) (link, code string) {
	r.tb.Helper()
	return r.issue("code", email, time.Hour)
}

func (r *Rig) issue(method, email string, lifetime time.Duration) (link, code string) {
	r.tb.Helper()
	id, err := r.Kratos.CreateIdentity(r.tb.Context(), kratostest.DefaultSchema, map[string]any{"email": email})
	if err != nil {
		r.tb.Fatal(err)
	}
	var issued struct {
		Link string `json:"recovery_link"`
		Code string `json:"recovery_code"`
	}
	r.admin(http.MethodPost, "/admin/recovery/"+method, map[string]any{"identity_id": id, "expires_in": lifetime.String()}, &issued)
	return issued.Link, issued.Code
}

// admin asks Kratos' admin API for what must succeed.
func (r *Rig) admin(method, path string, body, into any) {
	r.tb.Helper()
	status, text, err := r.Kratos.Admin(r.tb.Context(), method, path, body)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("status %d: %s", status, text)
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		r.tb.Fatalf("%s %s: %v", method, path, err)
	}
}

// Identity gives the person with the address as the admin API shows them.
func (r *Rig) Identity(email string) map[string]any {
	r.tb.Helper()
	var found []map[string]any
	r.admin(http.MethodGet, "/admin/identities?credentials_identifier="+url.QueryEscape(email), nil, &found)
	if len(found) != 1 {
		r.tb.Fatalf("%d people have the address %q", len(found), email)
	}
	return found[0]
}

// NextMail gives the next mail to the address whose subject holds the words.
// What no call has given yet is looked at, and skipped where it is another.
func (r *Rig) NextMail(to, subject string) mailtest.Mail {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(r.tb.Context(), mailLimit)
	defer cancel()
	for {
		m, err := r.Mail.Next(ctx, to)
		if err != nil {
			r.tb.Fatalf("no mail about %q: %v", subject, err)
		}
		if strings.Contains(strings.ToLower(m.Subject), subject) {
			return m
		}
	}
}

// mailLimit is how long a mail may take. Kratos looks for mail to send every
// second.
const mailLimit = 20 * time.Second
