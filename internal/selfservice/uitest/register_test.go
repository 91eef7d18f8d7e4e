package uitest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/oidctest"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// Anybody may register, in two steps.
func TestRegistration(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t)})
	t.Run("by password", func(t *testing.T) { registersByPassword(newWalk(t, r, "by-password@example.com")) })
	t.Run("by password without JavaScript", func(t *testing.T) {
		registersByPassword(newWalk(t, r, "without-script@example.com", uitest.ScriptOff()))
	})
	t.Run("by provider", func(t *testing.T) { registersByProvider(newWalk(t, r, "by-provider@example.com")) })
	t.Run("by passkey", func(t *testing.T) { registersByPasskey(newWalk(t, r, "by-passkey@example.com")) })
	t.Run("linked", func(t *testing.T) { linksAtSignIn(newWalk(t, r, "linked@example.com")) })
}

func registersByPassword(w *walk) {
	w.t.Helper()
	w.Open("/")
	w.WantPath("/login")
	w.Press("Create an account")
	w.WantPath("/registration")
	w.look("registration")
	w.Fill("Email", w.email)
	w.Fill("Given name", "Grace")
	w.Press("Continue")
	w.WantText("Choose how you want to sign in")
	w.look("registration-second-step")
	w.Press("Back")
	w.Fill("Given name", "Hopper")
	w.Press("Continue")
	w.Fill("Password", "short")
	w.Press("Create account")
	w.WantText("at least 8 characters")
	w.look("registration-refused")
	w.Fill("Password", w.password)
	w.Press("Create account")
	w.WantPath("/verification")
	w.Fill("Verification code", w.r.NextMail(w.email, "verify").Code())
	w.Press("Continue")
	w.verified()
	if traits := w.r.Identity(w.email)["traits"].(map[string]any); traits["given_name"] != "Hopper" {
		w.t.Errorf("Kratos has the traits %v", traits)
	}
	w.Press("Continue")
	w.WantPath("/settings")
	w.WantText(w.email)
}

// registersByProvider signs in by a provider as somebody new, who has no other
// way to sign in; the agent sees the social login, and takes it away when there
// is a password.
func registersByProvider(w *walk) {
	w.t.Helper()
	w.Open("/registration")
	w.Press("Continue with Test provider")
	w.atProvider()
	w.WantPath("/settings")
	email := "at-provider-" + w.email
	w.WantText(email)
	social := "idp:" + oidctest.Subject(email)
	operator := agent(w.t, w.r)
	if listed := operator("list-oidc-accounts", email); !strings.Contains(listed, social) {
		w.t.Errorf("the agent lists: %s", listed)
	}
	w.setsPassword("settings-by-provider")
	operator("unlink-oidc-account", email, "--credential-id", social, "--yes")
	w.Open("/settings")
	w.WantText("Link Test provider")
	w.signsOut()
	w.email = email
	w.signsIn()
	w.WantPath("/settings")
	w.signsOut()
	// The provider knows the person, and Kratos does so no more: it asks whether
	// the account with the same address is theirs.
	w.Press("Sign in with Test provider")
	w.email = strings.TrimPrefix(email, "at-provider-")
	w.atProvider()
	w.WantPath("/login")
	w.WantText("already belongs to an account")
	w.look("login-link-account")
	w.Fill("Password", w.password)
	w.Press("Sign in with a password")
	w.WantPath("/settings")
	w.WantText("Unlink Test provider")
}

// agent builds the agent and gives what runs it as an operator does.
func agent(t *testing.T, r *uitest.Rig) func(args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kratos-agent")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/kratos-agent/kratos-agent/cmd/kratos-agent")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return func(args ...string) string {
		t.Helper()
		run := exec.CommandContext(t.Context(), path, args...)
		run.Env = append(os.Environ(), "KRATOS_ADMIN_URL="+r.Kratos.AdminURL)
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("kratos-agent %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
}

func registersByPasskey(w *walk) {
	w.t.Helper()
	keys := w.Passkeys()
	w.Open("/registration")
	w.Fill("Email", w.email)
	w.Press("Continue")
	w.PressAndLeave("Create account with a passkey")
	w.WantPath("/settings")
	w.WantText("Remove passkey")
	w.look("settings-by-passkey")
	if keys.Keys() != 1 {
		w.t.Errorf("the authenticator has %d keys", keys.Keys())
	}
	w.signsInByPasskey(keys)
}

// linksAtSignIn adds a provider to an account while signing in by it.
func linksAtSignIn(w *walk) {
	w.t.Helper()
	email := w.email
	w.email = "at-provider-" + email
	w.Open(w.r.Invite(w.email))
	w.setsPassword("")
	w.signsOut()
	w.Press("Sign in with Test provider")
	w.email = email
	w.atProvider()
	w.WantText("already belongs to an account")
	w.Fill("Password", w.password)
	w.Press("Sign in with a password")
	w.WantPath("/settings")
	w.WantText("Unlink Test provider")
}

// Traits and password on one page.
func TestRegistrationInOneStep(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), OneStep: true})
	for name, options := range map[string][]uitest.PageOption{"with JavaScript": nil, "without JavaScript": {uitest.ScriptOff()}} {
		t.Run(name, func(t *testing.T) {
			w := newWalk(t, r, strings.ReplaceAll(name, " ", "-")+"@example.com", options...)
			w.Open("/registration")
			w.look("registration-one-step")
			w.Fill("Email", w.email)
			w.Fill("Password", w.password)
			w.Press("Create account")
			w.WantPath("/verification")
			w.Fill("Verification code", r.NextMail(w.email, "verify").Code())
			w.Press("Continue")
			w.verified()
		})
	}
}
