package uitest_test

import (
	"net/http/httptest"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// The pages that the demo shows beside those of the product: mails, and the
// provider's login page.
func TestTools(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t)})
	w := newWalk(t, r, "tools@example.com")
	mails := httptest.NewServer(r.Mail.Handler())
	t.Cleanup(mails.Close)
	w.Open(mails.URL)
	w.look("mails-none")
	w.Open("/login")
	w.Press("Sign in with Test provider")
	w.look("provider")
	w.Press("Continue as Ada Lovelace")
	w.WantPath("/settings")
	w.email = "ada@idp.example"
	w.Open("/verification")
	w.Fill("Email", w.email)
	w.Press("Continue")
	code := r.NextMail(w.email, "verify").Code()
	w.Open(mails.URL)
	w.look("mails")
	w.Press("Please verify your email address")
	w.WantText(code)
	w.look("mail")
}
