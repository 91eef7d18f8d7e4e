package dispatch

import "strings"

// wording spells next steps as an operator types them to Juju.
type wording struct{ unit string }

// Param gives name=value.
func (wording) Param(name, value string) string { return name + "=" + value }

// SetPassword names a secret, which is the way to give Juju a password.
func (w wording) SetPassword(identityID string) string {
	return w.Command("reset-password", "identity-id", identityID, "password-secret-id", "SECRET-ID")
}

// Command gives the juju run command line.
func (w wording) Command(action string, params ...string) string {
	words := []string{"juju run", w.unit, action}
	for i := 0; i+1 < len(params); i += 2 {
		words = append(words, w.Param(params[i], params[i+1]))
	}
	return strings.Join(words, " ")
}
