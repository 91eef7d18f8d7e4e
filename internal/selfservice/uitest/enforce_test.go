package uitest_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// Whoever has no second factor is held until there is one.
func TestSecondFactorEnforced(t *testing.T) {
	t.Parallel()
	enforced := served(t, func(o *selfservice.Options) { o.EnforceMFA = true })
	r := uitest.New(t, uitest.Options{Server: enforced, RegistrationOff: true})
	w := newWalk(t, r, "held@example.com")
	w.Open(r.Invite(w.email))
	w.WantPath("/settings")
	w.WantText("This site asks for a second factor.")
	w.look("settings-held")
	w.In("Password").Fill("Password", w.password)
	w.In("Password").Press("Save")
	w.WantText("This site asks for a second factor.")
	w.enrolsTOTPHeld()
	w.Open("/settings")
	w.WantNoText("This site asks for a second factor.")
	w.signsOut()
	w.signsIn()
	w.givesTOTP("")
	w.WantPath("/settings")
	w.signsOut()
	agent(t, r)("reset-identity-mfa", w.email, "--mfa-type", "totp", "--yes")
	w.signsIn()
	w.WantPath("/settings")
	w.WantText("This site asks for a second factor.")
	w.Open("/")
	w.WantPath("/settings")
	w.WantText("This site asks for a second factor.")
}

func (w *walk) enrolsTOTPHeld() {
	w.t.Helper()
	secrets := w.Texts("section:has(img) .secret")
	if len(secrets) != 1 {
		w.t.Fatalf("the page shows %d secrets for the app", len(secrets))
	}
	w.totp = secrets[0]
	w.In("Authenticator app").Fill("Code from the app", w.code())
	w.In("Authenticator app").Press("Save")
}
