package uitest_test

import (
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// The code of a mail may be opened as a link: the page has it filled in.
func TestVerificationCodeAsLink(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true})
	w := newWalk(t, r, "code-as-link@example.com")
	w.invited()
	w.setsPassword("")
	w.Open(w.mailed("verify"))
	w.WantPath("/verification")
	w.Press("Continue")
	w.verified()
}

// An operator reads out the code, and the person types it in.
func TestInvitationByCode(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true})
	w := newWalk(t, r, "code-read-out@example.com")
	link, code := r.InviteByCode(w.email)
	w.Open(link)
	w.WantPath("/recovery")
	w.look("invitation-code")
	w.Fill("Recovery code", "000000")
	w.Press("Continue")
	w.WantText("This code is not right")
	w.Fill("Recovery code", code)
	w.Press("Continue")
	w.WantPath("/settings")
	w.WantText("you are signed in")
	w.setsPassword("")
}

// The address first, then what it can be signed in with: a password, or a code
// by mail.
func TestIdentifierFirst(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true, Settings: map[string]any{
		"selfservice.flows.login.style":                 "identifier_first",
		"selfservice.methods.code.passwordless_enabled": true,
	}})
	w := newWalk(t, r, "first@example.com")
	w.invited()
	w.setsPassword("")
	w.signsOut()
	w.look("login-identifier-first")
	w.Fill("Email or username", w.email)
	w.Press("Continue")
	w.WantText("Signing in as " + w.email)
	w.look("login-identifier-second")
	w.Press("Not you? Change")
	w.Fill("Email or username", w.email)
	w.Press("Continue")
	w.Fill("Password", w.password)
	w.Press("Sign in with a password")
	w.WantPath("/settings")
	w.signsOut()
	w.Fill("Email or username", w.email)
	w.Press("Continue")
	w.Press("Send me a code to sign in")
	w.WantText("We have sent a code")
	w.look("login-code-sent")
	w.Fill("Sign-in code", r.NextMail(w.email, "login").Code())
	w.Press("Continue")
	w.WantPath("/settings")
}

// Some time after the sign-in a change of password is asked about, and made once
// the person has proved again who they are.
func TestRefresh(t *testing.T) {
	t.Parallel()
	const age = 4 * time.Second
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true, Settings: map[string]any{
		"selfservice.flows.settings.privileged_session_max_age": age.String(),
	}})
	w := newWalk(t, r, "refresh@example.com")
	w.invited()
	w.setsPassword("")
	next := w.password
	for deadline := time.Now().Add(10 * age); w.URL().Path == "/settings"; {
		if time.Now().After(deadline) {
			t.Fatal("no question was asked")
		}
		w.password, next = next, next+"+"
		w.In("Password").Fill("Password", next)
		w.In("Password").Press("Save")
	}
	w.WantPath("/login")
	w.WantText("Confirm that it is you")
	w.look("login-refresh")
	w.Fill("Password", w.password)
	w.Press("Sign in")
	w.saved()
	w.password = next
	w.signsOut()
	w.signsIn()
	w.WantPath("/settings")
}
