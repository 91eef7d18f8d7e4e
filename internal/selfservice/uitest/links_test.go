package uitest_test

import (
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// Recovery and verification by links in mails.
func TestLinks(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true, Use: "link"})
	for name, options := range map[string][]uitest.PageOption{"with JavaScript": nil, "without JavaScript": {uitest.ScriptOff()}} {
		t.Run(name, func(t *testing.T) {
			w := newWalk(t, r, strings.ReplaceAll(name, " ", "-")+"@example.com", options...)
			w.invited()
			w.setsPassword("")
			w.signsOut()
			used := w.recoversByLink()
			w.signsOut()
			w.Open(used)
			w.WantText("has been used before")
			w.look("recovery-link-used")
			w.verifiesByLink()
		})
	}
}

// mailed gives the one link of a mail.
func (w *walk) mailed(subject string) string {
	w.t.Helper()
	m := w.r.NextMail(w.email, subject)
	if len(m.Links()) != 1 {
		w.t.Fatalf("the mail %q has %d links", m.Subject, len(m.Links()))
	}
	return m.Links()[0]
}

func (w *walk) recoversByLink() (link string) {
	w.t.Helper()
	w.Press("Forgot your password?")
	w.Fill("Email", w.email)
	w.Press("Continue")
	w.WantText("we have sent a link to it")
	w.look("recovery-link-sent")
	link = w.mailed("recover")
	w.Open(link)
	w.WantPath("/settings")
	w.WantText("you are signed in")
	return link
}

func (w *walk) verifiesByLink() {
	w.t.Helper()
	w.Open("/verification")
	w.Fill("Email", w.email)
	w.Press("Continue")
	w.WantText("We have sent a link")
	w.look("verification-link-sent")
	w.Open(w.mailed("verify"))
	w.verified()
}

// Where forms are restricted, they lead to a sibling all the same.
func TestSiblingsWithRestrictedForms(t *testing.T) {
	t.Parallel()
	restricted := served(t, func(o *selfservice.Options) { o.FormActionOrigins = []string{"https://provider.example.com"} })
	r := uitest.New(t, uitest.Options{Server: restricted, Siblings: true})
	w := newWalk(t, r, "restricted@example.com")
	w.pictures = false
	w.Open("/login")
	w.isRefused()
}

// Kratos and the pages on two hosts of one domain.
func TestSiblings(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), Siblings: true})
	w := newWalk(t, r, "sibling@example.com")
	w.pictures = false
	w.Open("/login")
	w.Press("Create an account")
	w.Fill("Email", w.email)
	w.Press("Continue")
	w.Fill("Password", w.password)
	w.Press("Create account")
	w.WantPath("/verification")
	w.Fill("Verification code", r.NextMail(w.email, "verify").Code())
	w.Press("Continue")
	w.verified()
	w.Press("Continue")
	w.WantPath("/settings")
	w.changesProfile()
	w.enrolsTOTP()
	w.makesBackupCodes()
	w.signsOut()
	w.isRefused()
	w.signsIn()
	w.givesTOTP("")
	w.WantPath("/settings")
	w.linksAndUnlinks()
	w.signsOut()
	w.recoversByCode()
	w.WantText("you are signed in")
	w.password = "s3cr3t-mark-second"
	w.setsPassword("")
	w.signsOut()
	w.signsInByProvider()
	if got := w.URL().Hostname(); got != "ui.pages.test" {
		t.Errorf("the page is at the host %q", got)
	}
	invited := newWalk(t, r, "invited-sibling@example.com")
	invited.pictures = false
	invited.invited()
	invited.setsPassword("")
}
