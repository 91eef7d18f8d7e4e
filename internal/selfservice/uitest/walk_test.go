package uitest_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// served gives the server under test.
func served(t *testing.T, changes ...func(*selfservice.Options)) func(kratosURL, publicURL string) http.Handler {
	return func(kratosURL, publicURL string) http.Handler {
		parse := func(text string) *url.URL {
			u, err := url.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		o := selfservice.Options{
			KratosURL: parse(kratosURL), PublicURL: parse(publicURL),
			Brand: page.Brand{Name: "Acme", Footer: "Acme Ltd., 1 High Street"}, Log: slog.New(slog.DiscardHandler),
		}
		for _, change := range changes {
			change(&o)
		}
		s, err := selfservice.New(o)
		if err != nil {
			t.Fatal(err)
		}
		return s.Handler()
	}
}

// walk is a person on the way through the pages.
type walk struct {
	*uitest.Page
	t               *testing.T
	r               *uitest.Rig
	email, password string
	totp            string   // the secret of the authenticator app
	codes           []string // backup codes not used yet
	pictures        bool     // keep some
}

func newWalk(t *testing.T, r *uitest.Rig, email string, options ...uitest.PageOption) *walk {
	return &walk{Page: r.Page(t, options...), t: t, r: r.For(t), email: email, password: "s3cr3t-mark-first", pictures: len(options) == 0}
}

func (w *walk) look(name string) {
	w.t.Helper()
	if w.pictures && name != "" {
		w.Look(name)
	}
}

// The whole way of a person who was invited.
func TestWalk(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true})
	for name, options := range map[string][]uitest.PageOption{
		"with a mouse":       nil,
		"by keyboard alone":  {uitest.Keyboard()},
		"without JavaScript": {uitest.ScriptOff()},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWalk(t, r, strings.ReplaceAll(name, " ", "-")+"@example.com", options...)
			w.invited()
			w.setsPassword("settings-recovered")
			w.signsOut()
			w.isRefused()
			w.signsIn()
			w.WantPath("/settings")
			w.enrolsTOTP()
			w.makesBackupCodes()
			w.signsOut()
			w.signsIn()
			w.givesTOTP("login-second-step")
			w.WantPath("/settings")
			w.signsOut()
			w.signsIn()
			w.givesBackupCode()
			w.WantPath("/settings")
			w.signsOut()
			w.recoversByCode()
			w.WantText("you are signed in")
			w.password = "s3cr3t-mark-second"
			w.setsPassword("settings-recovered-by-code")
			w.verifiesByCode()
			w.changesProfile()
			w.linksAndUnlinks()
			w.signsOut()
			w.signsInByProvider()
		})
	}
}

func (w *walk) invited() {
	w.t.Helper()
	w.Open(w.r.Invite(w.email))
	w.WantPath("/settings")
	w.WantText("you are signed in")
}

func (w *walk) setsPassword(picture string) {
	w.t.Helper()
	w.look(picture)
	w.In("Password").Fill("Password", w.password)
	w.In("Password").Press("Save")
	w.saved()
}

func (w *walk) saved() {
	w.t.Helper()
	w.WantPath("/settings")
	w.WantText("Your changes have been saved.")
}

func (w *walk) signsOut() {
	w.t.Helper()
	w.Press("Sign out")
	w.WantPath("/login")
}

func (w *walk) isRefused() {
	w.t.Helper()
	w.look("login")
	w.Fill("Email or username", w.email)
	w.Fill("Password", "s3cr3t-mark-wrong")
	w.Press("Sign in with a password")
	w.WantPath("/login")
	w.WantText("The sign-in details are not right.")
	w.look("login-refused")
}

func (w *walk) signsIn() {
	w.t.Helper()
	w.Fill("Email or username", w.email)
	w.Fill("Password", w.password)
	w.Press("Sign in with a password")
}

func (w *walk) code() string {
	w.t.Helper()
	code, err := uitest.TOTP(w.totp, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

func (w *walk) enrolsTOTP() {
	w.t.Helper()
	secrets := w.Texts("section:has(img) .secret")
	if len(secrets) != 1 {
		w.t.Fatalf("the page shows %d secrets for the app", len(secrets))
	}
	w.totp = secrets[0]
	app := w.In("Authenticator app")
	app.Fill("Code from the app", "000000")
	app.Press("Save")
	w.WantText("This code is not right.")
	w.look("settings-totp-refused")
	if again := w.Texts("section:has(img) .secret"); len(again) == 1 {
		w.totp = again[0]
	}
	app.Fill("Code from the app", w.code())
	app.Press("Save")
	w.saved()
	app.WantText("Your authenticator app is set up")
}

func (w *walk) makesBackupCodes() {
	w.t.Helper()
	w.In("Backup codes").Press("Create new backup codes")
	w.codes = w.Texts("[data-code]")
	if len(w.codes) != 12 {
		w.t.Fatalf("%d backup codes are shown", len(w.codes))
	}
	w.look("settings-codes")
	if w.pictures {
		if text := w.Print("settings-codes"); !strings.Contains(text, w.codes[0]) || !strings.Contains(text, w.codes[11]) {
			w.t.Errorf("printed, the page lacks codes: %s", text)
		}
	}
	w.In("Backup codes").Press("I have kept them: turn them on")
	w.saved()
	w.In("Backup codes").WantText("Your backup codes are set up")
	w.look("settings-second-factors")
}

func (w *walk) givesTOTP(picture string) {
	w.t.Helper()
	w.WantPath("/login")
	w.WantText("Second step")
	if picture != "" {
		w.look(picture)
	}
	w.Fill("Code from your authenticator app", w.code())
	w.Press("Use authenticator app")
}

func (w *walk) givesBackupCode() {
	w.t.Helper()
	w.WantText("Second step")
	w.Unfold("Use a backup code")
	w.look("login-backup-code")
	w.Fill("Backup code", w.codes[0])
	w.Press("Use a backup code")
	w.codes = w.codes[1:]
}

func (w *walk) recoversByCode() {
	w.t.Helper()
	w.Press("Forgot your password?")
	w.WantPath("/recovery")
	w.look("recovery")
	w.Fill("Email", w.email)
	w.Press("Continue")
	w.WantText("we have sent a code to it")
	w.look("recovery-code")
	w.Fill("Recovery code", w.r.NextMail(w.email, "recover").Code())
	w.Press("Continue")
	if w.totp != "" {
		w.givesTOTP("")
	}
	w.WantPath("/settings")
}

func (w *walk) verifiesByCode() {
	w.t.Helper()
	w.Open("/verification")
	w.look("verification")
	w.Fill("Email", w.email)
	w.Press("Continue")
	w.WantText("We have sent a code")
	w.look("verification-code")
	w.Fill("Verification code", w.r.NextMail(w.email, "verify").Code())
	w.Press("Continue")
	w.verified()
	w.WantText("Signed in as " + w.email)
	w.WantNoText("Sign in")
	w.look("verification-done")
	w.Press("Continue")
	w.WantPath("/settings")
}

func (w *walk) verified() {
	w.t.Helper()
	w.WantText("Your email address is verified.")
	addresses, _ := w.r.Identity(w.email)["verifiable_addresses"].([]any)
	if len(addresses) != 1 || addresses[0].(map[string]any)["verified"] != true {
		w.t.Errorf("Kratos says of the address: %v", addresses)
	}
}

func (w *walk) changesProfile() {
	w.t.Helper()
	w.In("Your details").Fill("Given name", "Zoë <b>")
	w.In("Your details").Press("Save")
	w.saved()
	if traits := w.r.Identity(w.email)["traits"].(map[string]any); traits["given_name"] != "Zoë <b>" {
		w.t.Errorf("Kratos has the traits %v", traits)
	}
}

// atProvider signs in at the OpenID provider.
func (w *walk) atProvider() {
	w.t.Helper()
	w.WantPath(strings.TrimPrefix(w.r.OIDC.Issuer, "http://") + "/authorize")
	w.Fill("Email", "at-provider-"+w.email)
	w.Press("Sign in")
}

func (w *walk) linksAndUnlinks() {
	w.t.Helper()
	social := w.In("Social sign-in")
	for range 2 {
		social.Press("Link Test provider")
		w.atProvider()
		w.saved()
		w.look("settings-linked")
		social.Press("Unlink Test provider")
		w.saved()
	}
	social.Press("Link Test provider")
	w.atProvider()
	w.saved()
}

func (w *walk) signsInByProvider() {
	w.t.Helper()
	w.Press("Sign in with Test provider")
	w.atProvider()
	w.givesTOTP("")
	w.WantPath("/settings")
	w.WantText(w.email)
}
