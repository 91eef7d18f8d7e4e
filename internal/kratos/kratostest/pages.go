package kratostest

import "path/filepath"

// Pages say where the self-service pages of a server are and what they offer.
type Pages struct {
	// URL is the pages as browsers see them, without a slash at its end.
	URL string
	// PublicURL is Kratos' public API as browsers see it; "" where it is at URL,
	// behind the pages.
	PublicURL string
	// Name is whose pages they are, in an authenticator app and beside passkeys.
	Name string
	// SMTP is courier.smtp.connection_uri: where the server sends its mail if it
	// has a courier ([Config.Courier]). "" where it has none.
	SMTP string
	// OIDC is selfservice.methods.oidc; nil for no providers.
	OIDC map[string]any
	// Use is what recovery and verification mail: "code" (the default) or "link".
	Use string
	// InvitedOnly turns registration off.
	InvitedOnly bool
	// OneStep has registration ask for traits and password on one page.
	OneStep bool
}

// Settings give [Config.Settings] for a server whose self-service goes through
// the pages, with every method that they can show. Security keys and passkeys
// belong to localhost: over http browsers have them nowhere else.
func (p Pages) Settings() map[string]any {
	if p.PublicURL == "" {
		p.PublicURL = p.URL
	}
	all := map[string]any{
		"serve.public.base_url":                  p.PublicURL + "/",
		"selfservice.default_browser_return_url": p.URL + "/",
		"selfservice.allowed_return_urls":        []string{p.URL},
		"selfservice.flows":                      p.flows(),
		"selfservice.methods.totp.config.issuer": p.Name,
	}
	for _, method := range []string{"webauthn", "passkey"} {
		all["selfservice.methods."+method+".config.rp"] = map[string]any{
			"id": "localhost", "display_name": p.Name, "origins": []string{p.URL},
		}
	}
	if p.OIDC != nil {
		all["selfservice.methods.oidc"] = p.OIDC
	}
	if p.SMTP != "" {
		all["courier.smtp.connection_uri"] = p.SMTP
	}
	return all
}

func (p Pages) flows() map[string]any {
	page := func(name string) map[string]any { return map[string]any{"ui_url": p.URL + "/" + name} }
	mailed := func(name string) map[string]any {
		flow := page(name)
		flow["use"] = p.Use
		if p.Use == "" {
			flow["use"] = "code"
		}
		return flow
	}
	registration := page("registration")
	registration["enabled"], registration["enable_legacy_one_step"] = !p.InvitedOnly, p.OneStep
	registration["after"] = afterRegistration()
	return map[string]any{
		"error":        page("error"),
		"login":        page("login"),
		"logout":       map[string]any{"after": map[string]any{"default_browser_return_url": p.URL + "/login"}},
		"registration": registration,
		"recovery":     mailed("recovery"),
		"verification": mailed("verification"),
		"settings":     page("settings"),
	}
}

// afterRegistration has whoever registers signed in; who gave a password for an
// address is asked to verify it.
func afterRegistration() map[string]any {
	session, verify := map[string]any{"hook": "session"}, map[string]any{"hook": "show_verification_ui"}
	return map[string]any{
		"password": map[string]any{"hooks": []any{session, verify}},
		"oidc":     map[string]any{"hooks": []any{session}},
		"passkey":  map[string]any{"hooks": []any{session}},
	}
}

// FileDSN is an SQLite database in the folder for a server that several ask at a
// time: requests that meet are taken, readers beside a writer and writers in
// turn. In memory they fail.
func FileDSN(dir string) string {
	return "sqlite://" + filepath.Join(dir, "kratos.db") + "?_fk=true&_journal_mode=WAL&_busy_timeout=10000&_txlock=immediate&lock=false"
}
