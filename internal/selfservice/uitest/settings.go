package uitest

import (
	"maps"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// Provider is the id of the OpenID provider in Kratos' configuration, and
// ProviderLabel what people read on its button.
const (
	Provider      = "idp"
	ProviderLabel = "Test provider"
)

// settings are laid over those of kratostest: every method that the pages show,
// and over it the rig's own settings.
func (r *Rig) settings() map[string]any {
	all := kratostest.Pages{
		URL: r.URL, PublicURL: r.public, Name: "Acme", SMTP: r.Mail.URL,
		OIDC: r.OIDC.Settings(Provider, ProviderLabel, kratosconf.DefaultMapper("generic")),
		Use:  r.options.Use, InvitedOnly: r.options.RegistrationOff, OneStep: r.options.OneStep,
	}.Settings()
	if r.options.Siblings {
		all["cookies.domain"] = siblingDomain
		all["serve.public.cors"] = map[string]any{"enabled": true, "allowed_origins": []string{r.URL}, "allow_credentials": true}
		all["selfservice.methods.webauthn.enabled"] = false
		all["selfservice.methods.passkey.enabled"] = false
	}
	maps.Copy(all, r.options.Settings)
	return all
}
