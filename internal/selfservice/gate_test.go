package selfservice_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/oidctest"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

func enforced(o *selfservice.Options) { o.EnforceMFA = true }

const holdText = "asks for a second factor"

// enrol sets up an authenticator app on the settings page, and gives its secret.
func (b *browser) enrol() string {
	b.tb.Helper()
	secret := ""
	for line := range strings.Lines(visible(b.page)) {
		if s := strings.TrimSpace(line); len(s) == 32 && strings.ToUpper(s) == s {
			secret = s
		}
	}
	if secret == "" {
		b.tb.Fatalf("no secret of an authenticator app on %s:\n%s", b.at, visible(b.page))
	}
	b.submit("method=totp", map[string]string{"totp_code": totp(b.tb, secret, time.Now())})
	return secret
}

func TestHeldUntilEnrolled(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"session.whoami.required_aal": "aal1", "selfservice.flows.settings.required_aal": "aal1"}, enforced)
	email, id := r.person(t)
	toApp := r.origin + "/login?return_to=" + url.QueryEscape(r.app.URL+"/inbox")
	credentials := map[string]string{"identifier": email, "password": password}

	b := newBrowser(t)
	b.goTo(toApp).want("/login", http.StatusOK)
	b.submit("method=password", credentials).want("/settings", http.StatusOK, holdText)
	if b.link("/login") != "" || b.link("/logout") == "" {
		t.Error("a held page leads elsewhere than out")
	}
	// Another page, another tab, or signing in again: held still.
	b.goTo(toApp).want("/settings", http.StatusOK, holdText)
	b.goTo(r.origin+"/").want("/settings", http.StatusOK, holdText)
	b.enrol()
	if b.text != "the application" || b.at.Path != "/inbox" {
		t.Fatalf("not sent on, but at %s: %s", b.at, visible(b.page))
	}

	// With the factor nobody is held, asked for it or not.
	again := newBrowser(t)
	again.goTo(toApp).submit("method=password", credentials)
	if again.text != "the application" {
		t.Fatalf("held with a second factor, at %s:\n%s", again.at, visible(again.page))
	}
	again.goTo(r.origin+"/settings").want("/settings", http.StatusOK)
	if strings.Contains(visible(again.page), holdText) {
		t.Error("the settings hold a person who has a second factor")
	}

	// An operator takes the factor away: held at the next occasion, with the
	// session that had it and with a new one.
	r.admin(t, http.MethodDelete, "/admin/identities/"+id+"/credentials/totp", nil, nil)
	b.goTo(toApp).want("/settings", http.StatusOK, holdText)
	newBrowser(t).goTo(toApp).submit("method=password", credentials).want("/settings", http.StatusOK, holdText)
}

// The link at the end of a verification leads nobody past the hold, whichever
// way the verification was begun.
func TestVerificationIsNoWayOut(t *testing.T) {
	t.Parallel()
	show := map[string]any{"hook": "show_verification_ui"}
	hooks := map[string]any{
		"selfservice.flows.registration.after.password": map[string]any{"hooks": []any{map[string]any{"hook": "session"}, show}},
		"selfservice.flows.login.after.password.hooks":  []any{map[string]any{"hook": "verification"}, show},
	}
	for name, begin := range map[string]func(r *rig, b *browser, page func(string) string) (email string){
		"after a registration": func(r *rig, b *browser, page func(string) string) string {
			email := kratostest.Email(t)
			b.goTo(page("/registration")).submit("method=profile", map[string]string{"traits.email": email})
			b.submit("method=password", map[string]string{"password": password})
			return email
		},
		"after a sign-in": func(r *rig, b *browser, page func(string) string) string {
			email, _ := r.person(t)
			b.goTo(page("/login")).submit("method=password", map[string]string{"identifier": email, "password": password})
			return email
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, hooks, enforced)
			b := newBrowser(t)
			email := begin(r, b, func(path string) string { return r.origin + path + "?return_to=" + url.QueryEscape(r.app.URL+"/inbox") })
			b.want("/verification", http.StatusOK)
			b.submit("method=code", map[string]string{"code": r.mailed(t, email)}).want("/verification", http.StatusOK)
			if b.link(r.app.URL) != "" || b.link("/enrol?next=") == "" {
				t.Errorf("the page leads past the hold:\n%s", b.text)
			}
			b.click("/enrol").want("/settings", http.StatusOK, holdText)
			b.enrol()
			if b.text != "the application" || b.at.Path != "/inbox" {
				t.Errorf("not sent on, but at %s: %s", b.at, visible(b.page))
			}
		})
	}
}

// Who has left is not led where who was held was to go: an OAuth2 server has
// accepted the sign-in by then.
func TestHoldDoesNotOutliveTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, enforced)
	email, _ := r.person(t)
	b := newBrowser(t).goTo(r.origin + "/login?return_to=" + url.QueryEscape(r.app.URL+"/inbox"))
	b.submit("method=password", map[string]string{"identifier": email, "password": password}).want("/settings", http.StatusOK, holdText)
	b.client.Jar.SetCookies(parse(t, r.origin), []*http.Cookie{{Name: "ory_kratos_session", Path: "/", MaxAge: -1}})
	b.goTo(r.origin+"/enrol").want("/login", http.StatusOK)
	for _, c := range b.client.Jar.Cookies(parse(t, r.origin)) {
		if c.Name == "kratos_agent_next" {
			t.Error("what was remembered is not forgotten")
		}
	}
}

// Where one person was to go is not where the next one goes.
func TestSigningOutForgetsWhereTo(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"session.whoami.required_aal": "aal1", "selfservice.flows.settings.required_aal": "aal1"}, enforced)
	held, _ := r.person(t)
	b := newBrowser(t).goTo(r.origin + "/login?return_to=" + url.QueryEscape(r.app.URL+"/inbox"))
	b.submit("method=password", map[string]string{"identifier": held, "password": password}).want("/settings", http.StatusOK, holdText)
	b.click("/logout").want("/login", http.StatusOK)

	other, id := r.person(t)
	if _, err := r.PlantTOTP(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.signIn(r.origin, other).want("/settings", http.StatusOK, other)
}

func TestHeldAfterRecovery(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, enforced)
	_, id := r.person(t)
	b := newBrowser(t)
	link := r.recoveryLink(t, id, "1h") + "&return_to=" + url.QueryEscape(r.app.URL+"/inbox")
	b.goTo(link).want("/settings", http.StatusOK, holdText)
	b.submit("method=password", map[string]string{"password": password + "-2"}).want("/settings", http.StatusOK, holdText)
	b.enrol()
	if b.text != "the application" {
		t.Fatalf("not sent on, but at %s: %s", b.at, visible(b.page))
	}
}

// socialLogin is a person who is held after a sign-in at a provider.
func socialLogin(t *testing.T, privileged string) (b *browser, email string) {
	t.Helper()
	l := listen(t)
	r := &rig{origin: "http://" + l.Addr().String(), log: &logBuffer{}}
	email = kratostest.Email(t)
	provider := oidctest.Start(t, oidctest.Config{
		ClientID: "kratos", ClientSecret: "s3cr3t-mark-client", People: []oidctest.Person{{Email: email}},
		RedirectURIs: []string{r.origin + "/self-service/methods/oidc/callback/test"},
	})
	r.start(t, l, map[string]any{
		"selfservice.methods.oidc":                              provider.Settings("test", "Test", kratosconf.DefaultMapper("generic")),
		"selfservice.flows.registration.after.oidc":             map[string]any{"hooks": []any{map[string]any{"hook": "session"}}},
		"selfservice.flows.settings.privileged_session_max_age": privileged,
	}, enforced)
	b = newBrowser(t)
	b.goTo(r.origin + "/login?return_to=" + url.QueryEscape(r.app.URL+"/inbox"))
	b.submit("provider=test", nil).want("/authorize", http.StatusOK)
	b.submit("person="+email, nil).want("/settings", http.StatusOK, holdText)
	return b, email
}

func TestHeldAfterASocialLogin(t *testing.T) {
	t.Parallel()
	b, _ := socialLogin(t, "15m")
	b.enrol()
	if b.text != "the application" {
		t.Errorf("not sent on, but at %s: %s", b.at, visible(b.page))
	}
}

// Who is held has to get to the provider, to prove again who it is.
func TestHeldPersonReachesTheProvider(t *testing.T) {
	t.Parallel()
	b, email := socialLogin(t, "1ms")
	b.enrol()
	b.want("/login", http.StatusOK, "Confirm that it is you")
	b.submit("provider=test", nil).want("/authorize", http.StatusOK)
	b.submit("person="+email, nil)
	if b.status != http.StatusOK || b.text == "the application" {
		t.Errorf("at %s with %d: %s", b.at, b.status, visible(b.page))
	}
}

func TestBackupCodesAloneCount(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, enforced)
	email, _ := r.person(t)
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK, holdText)
	b.submit("lookup_secret_regenerate=true", nil).want("/settings", http.StatusOK, holdText)
	b.submit("lookup_secret_confirm=true", nil).want("/settings", http.StatusOK)
	if strings.Contains(visible(b.page), holdText) {
		t.Error("held with backup codes")
	}
}

// Kratos knows which security keys are a second factor.
func TestSecurityKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"session.whoami.required_aal": "aal1", "selfservice.flows.settings.required_aal": "aal1"}, enforced)
	email, id := r.person(t)
	if err := r.PlantSecurityKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK)
	if strings.Contains(visible(b.page), holdText) {
		t.Error("held with a security key")
	}
	if err := r.PlantPasswordlessKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b = newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK, holdText)
}
