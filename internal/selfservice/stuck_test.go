package selfservice_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// stranger creates an identity that has no way to sign in, as an invited person's.
func (r *rig) stranger(tb testing.TB) (email, id string) {
	tb.Helper()
	email = kratostest.Email(tb)
	id, err := r.CreateIdentity(tb.Context(), kratostest.DefaultSchema, map[string]any{"email": email})
	if err != nil {
		tb.Fatal(err)
	}
	return email, id
}

// Whoever is invited and slow has no password yet to confirm the new one with.
func TestInvitedPersonWhoIsSlow(t *testing.T) {
	t.Parallel()
	slow := map[string]any{"selfservice.flows.settings.privileged_session_max_age": "1ms"}
	r := newRig(t, slow, nil)
	email, id := r.stranger(t)
	b := newBrowser(t).goTo(r.recoveryLink(t, id, "1h")).want("/settings", http.StatusOK, email)
	b.submit("method=password", map[string]string{"password": password}).want("/login", http.StatusOK, "no password yet", "Sign out and get a new one")
	if strings.Contains(visible(b.page), "protected by") {
		t.Errorf("the page asks for more:\n%s", visible(b.page))
	}
	b.click("/logout?return_to=").want("/recovery", http.StatusOK, "Recover your account")
	b.submit("method=code", map[string]string{"email": email}).want("/recovery", http.StatusOK)
	b.submit("method=code", map[string]string{"code": r.mailed(t, email)}).want("/settings", http.StatusOK, email)

	slow["selfservice.flows.recovery.enabled"] = false
	r = newRig(t, slow, nil)
	email, id = r.stranger(t)
	b = newBrowser(t).goTo(r.recoveryLink(t, id, "1h")).want("/settings", http.StatusOK, email)
	b.submit("method=password", map[string]string{"password": password}).want("/login", http.StatusOK, "no password yet", "Ask whoever invited you")
	if link := b.link("/logout?"); link != "" {
		t.Errorf("the page leads to %s, and the recovery is shut", link)
	}
}

func TestSecondFactorWantedOfWhoHasNone(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, _ := r.person(t)
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK)
	b.goTo(r.origin+"/login?aal=aal2").want("/login", http.StatusOK, "No second factor yet")
	b.click("/settings").want("/settings", http.StatusOK, email)
}

// What a link holds is not shown on the operator's pages.
func TestWordsInALink(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	const words = "your account is locked" // Kratos writes some in lower case
	said := url.QueryEscape(words)
	for _, kind := range []string{"login", "registration", "recovery", "verification"} {
		for _, name := range []string{"aal", "refresh", "return_to", "login_challenge", "via", "organization", "identity_schema"} {
			for _, path := range []string{"/" + kind, "/self-service/" + kind + "/browser"} {
				b := newBrowser(t).goTo(r.origin + path + "?" + name + "=" + said)
				if strings.Contains(strings.ToLower(visible(b.page)), words) {
					t.Errorf("%s?%s: at %s:\n%s", path, name, b.at, visible(b.page))
				}
			}
		}
	}
}

// Odd values are left out on the way to Kratos, and good ones are not.
func TestOddValuesAreNotHandedOn(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, answers(200, "application/json", "{}"), nil)
	for query, want := range map[string]string{
		"aal=aal2&refresh=true":         "aal=aal2&again=0&refresh=true",
		"aal=aal1&refresh=false":        "aal=aal1&again=0&refresh=false",
		"aal=aal3&refresh=1&via=x":      "again=0&via=x",
		"aal=aal1&aal=x&refresh=":       "again=0",
		"aal=&refresh=true&refresh=now": "again=0",
	} {
		a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/login?"+query, nil, "")
		if got := parse(t, a.Header.Get("Location")); got.Path != "/self-service/login/browser" || got.RawQuery != want {
			t.Errorf("%s leads to %s", query, got)
		}
	}
}

// A link that works no more is no loss to somebody who is signed in.
func TestLostLinkOfWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.stranger(t)
	link := r.recoveryLink(t, id, "1h")
	b := newBrowser(t).goTo(link).want("/settings", http.StatusOK, email)
	for name, again := range map[string]string{"used": link, "expired": r.recoveryLink(t, id, "1ms")} {
		t.Run(name, func(t *testing.T) {
			b.goTo(again).want("/recovery", http.StatusGone, "You are signed in already", "Signed in as "+email, "do not need it")
			if b.link("/logout") == "" {
				t.Error("the page does not lead out")
			}
			b.click("/settings").want("/settings", http.StatusOK, email)
		})
	}
	newBrowser(t).goTo(link).want("/recovery", http.StatusOK, "not valid")
}

// Where no mail is sent, none is promised.
func TestExpiredInvitationWhereRecoveryIsShut(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.recovery.enabled": false}, nil)
	email, id := r.stranger(t)
	link := r.recoveryLink(t, id, "1h")
	signedIn := newBrowser(t).goTo(link).want("/settings", http.StatusOK, email)
	for name, lost := range map[string]string{"expired": r.recoveryLink(t, id, "1ms"), "used": link} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t).goTo(lost).want("/recovery", http.StatusGone, "Ask whoever invited you")
			if text := visible(b.page); strings.Contains(text, "sent to your") {
				t.Errorf("the page promises a mail:\n%s", text)
			}
			signedIn.goTo(lost).want("/recovery", http.StatusGone, "You are signed in already")
		})
	}
}
