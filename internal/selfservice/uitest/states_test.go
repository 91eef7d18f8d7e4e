package uitest_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// What goes wrong has a page of its own.
func TestStates(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true})
	const email = "states@example.com"
	link := r.Invite(email)
	t.Run("invitation used", func(t *testing.T) {
		w := newWalk(t, r, email)
		w.Open(link)
		w.WantPath("/settings")
		other := newWalk(t, r, email)
		other.Open(link)
		other.WantText("has been used before")
		other.look("invitation-used")
		w.Open(link)
		w.WantText("You are signed in already")
		w.look("invitation-again")
		w.Open("/login?aal=aal2")
		w.WantText("No second factor yet")
		w.look("login-no-factor")
	})
	t.Run("invitation expired", func(t *testing.T) {
		w := newWalk(t, r, email)
		short := r.InviteFor("short@example.com", time.Millisecond)
		w.Open(short)
		w.WantText("This link has expired")
		w.look("invitation-expired")
	})
	t.Run("another browser's page", func(t *testing.T) {
		w := newWalk(t, r, email)
		w.Open("/login")
		flow := w.URL().Query().Get("flow")
		other := newWalk(t, r, email)
		other.Open("/login?flow=" + flow)
		other.look("foreign")
		if strings.Contains(other.Text(), "Something went wrong") {
			t.Error("it says no more than that something went wrong")
		}
	})
	t.Run("registration is off", func(t *testing.T) {
		w := newWalk(t, r, email)
		w.Open("/registration")
		w.WantText("Accounts are by invitation only")
		w.look("registration-off")
	})
	t.Run("nothing there", func(t *testing.T) {
		w := newWalk(t, r, email)
		w.Open("/nothing")
		w.WantStatus(http.StatusNotFound)
		w.look("not-found")
	})
	t.Run("social sign-in of a stranger", func(t *testing.T) {
		w := newWalk(t, r, "stranger@example.com")
		w.Open("/login")
		w.Press("Sign in with Test provider")
		w.atProvider()
		w.WantPath("/login")
		w.look("login-stranger")
	})
	t.Run("social sign-in called off", func(t *testing.T) {
		w := newWalk(t, r, "stranger@example.com")
		w.Open("/login")
		w.Press("Sign in with Test provider")
		w.Press("Cancel")
		w.WantPath("/login")
		w.WantText("You called off the sign-in at the other service.")
		w.look("login-called-off")
	})
}

// The pages in another language and an operator's own colours, pale as they are.
func TestGermanAndBranded(t *testing.T) {
	t.Parallel()
	const logo = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="32"><rect width="120" height="32" rx="8" fill="#f5b301"/></svg>`
	r := uitest.New(t, uitest.Options{Server: served(t, func(o *selfservice.Options) {
		o.Brand = page.Brand{
			Name: "Bäckerei Sonne", Colour: "#f5b301", Footer: "Bäckerei Sonne, Marktplatz 1",
			Logo: "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(logo)),
		}
	})})
	w := newWalk(t, r, "de@example.com", uitest.Languages("de-AT,de;q=0.9,en;q=0.5"))
	w.pictures = true
	for _, path := range []string{"/login", "/registration", "/recovery", "/verification"} {
		w.Open(path)
		w.look("german" + strings.ReplaceAll(path, "/", "-"))
	}
	w.Open(r.Invite(w.email))
	w.look("german-settings")
	if got := w.Texts("h1"); len(got) != 1 || got[0] == "Account settings" {
		t.Errorf("the heading is %q", got)
	}
}

// Kratos away: a page, and not a stack.
func TestAway(t *testing.T) {
	t.Parallel()
	nobody := func(_, publicURL string) http.Handler {
		return served(t, func(o *selfservice.Options) { o.KratosURL = &url.URL{Scheme: "http", Host: "127.0.0.1:1"} })("http://127.0.0.1:1", publicURL)
	}
	r := uitest.New(t, uitest.Options{Server: nobody})
	w := newWalk(t, r, "away@example.com")
	w.Open("/login")
	w.WantText("We will be back shortly")
	w.look("away")
}
