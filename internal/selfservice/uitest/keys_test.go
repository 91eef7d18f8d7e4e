package uitest_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// Security keys as a second factor, and passkeys in place of a password.
func TestKeys(t *testing.T) {
	t.Parallel()
	r := uitest.New(t, uitest.Options{Server: served(t), RegistrationOff: true})
	t.Run("security key", func(t *testing.T) { usesSecurityKey(newWalk(t, r, "key@example.com")) })
	t.Run("passkey", func(t *testing.T) { usesPasskey(newWalk(t, r, "passkey@example.com")) })
}

func usesSecurityKey(w *walk) {
	w.t.Helper()
	w.invited()
	w.setsPassword("")
	key := w.SecurityKey()
	w.Fill("Name of the security key", "on my ring")
	w.PressAndLeave("Add security key")
	w.saved()
	w.WantText("Remove security key “on my ring”")
	w.look("settings-security-key")
	if key.Keys() != 1 {
		w.t.Errorf("the key has %d keys", key.Keys())
	}
	w.signsOut()
	w.signsIn()
	w.WantText("Second step")
	w.look("login-security-key")
	w.PressAndLeave("Sign in with a security key")
	w.WantPath("/settings")
	w.Press("Remove security key “on my ring”")
	w.saved()
	w.signsOut()
	w.signsIn()
	w.WantPath("/settings")
}

func usesPasskey(w *walk) {
	w.t.Helper()
	w.invited()
	w.setsPassword("")
	keys := w.Passkeys()
	w.PressAndLeave("Add passkey")
	w.saved()
	if keys.Keys() != 1 {
		w.t.Errorf("the authenticator has %d keys", keys.Keys())
	}
	w.signsInByPasskey(keys)
}

// signsInByPasskey signs out and in again, twice: by the passkey that the browser
// offers in the input for the name, which the authenticator takes up at once, and
// by the button.
func (w *walk) signsInByPasskey(keys *uitest.Authenticator) {
	w.t.Helper()
	w.Press("Sign out")
	w.WantPath("/settings")
	keys.Touch(false)
	w.signsOut()
	w.look("login-passkey")
	keys.Touch(true)
	w.PressAndLeave("Sign in with a passkey")
	w.WantPath("/settings")
	w.WantText(w.email)
}
