package charm

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// issuer is what authenticator apps and security keys show as the site's name.
const issuer = "Identity Platform"

// configuration makes the file, with tokens encrypted or not. What cannot be
// used is noted among the facts' problems.
func configuration(w World, f *facts, encrypted bool) kratosconf.Config {
	identity := f.identity(w)
	c := kratosconf.Config{
		Identity: identity,
		SelfService: kratosconf.SelfService{
			DefaultReturnURL: firstOf(f.ui.Settings, baseURL(w, f)),
			Methods:          methods(w, f),
		},
	}
	c.SelfService.Flows = flows(w, f, c.SelfService.Methods)
	if encrypted {
		c.Ciphers = &kratosconf.Ciphers{Algorithm: kratosconf.CipherXChaCha20}
	}
	return c
}

// identity gives the identity schemas. What is wrong with the options keeps no
// Kratos from being started: without them it has those that it would have had
// without the options, as people are in there who sign in by these.
func (f *facts) identity(w World) kratosconf.Identity {
	identity, err := identitySchemas(w.Options, w.configMaps())
	if err == nil {
		return identity
	}
	f.trouble(false, err)
	bare := w.Options
	bare.IdentitySchemas, bare.DefaultSchemaID = "", ""
	if bare != w.Options {
		identity, err = identitySchemas(bare, w.configMaps())
	}
	f.trouble(true, err)
	return identity
}

// configMaps gives what the ConfigMaps hold, as far as anyone knows: what
// Kubernetes says now, else what it said before.
func (w World) configMaps() *ConfigMapData {
	if w.Cluster.Asked && w.Cluster.Err == nil {
		return w.Cluster.data(w.App())
	}
	return w.Container.Memory.ConfigMaps
}

// encrypted tells whether tokens are stored encrypted.
func (f *facts) encrypted() bool {
	return f.peers != nil && f.database != nil && f.peers.Encrypted(f.recordID())
}

func methods(w World, f *facts) kratosconf.Methods {
	local, mfa := w.Options.LocalIDP, w.Options.LocalIDP && w.Options.EnforceMFA
	m := kratosconf.Methods{
		Profile:      kratosconf.Toggle{Enabled: local},
		Password:     kratosconf.PasswordMethod{Enabled: local},
		Code:         kratosconf.CodeMethod{Enabled: local},
		Link:         kratosconf.LinkMethod{Enabled: local},
		TOTP:         kratosconf.TOTPMethod{Enabled: mfa, Config: &kratosconf.TOTPConfig{Issuer: issuer}},
		LookupSecret: kratosconf.Toggle{Enabled: mfa || w.Options.Sequencing},
		WebAuthn:     webAuthn(w.Options, f),
	}
	if list := providers(w, f); len(list) > 0 {
		m.OIDC = kratosconf.OIDCMethod{Enabled: true, Config: &kratosconf.OIDCConfig{Providers: list}}
	}
	return m
}

// webAuthn binds security keys to the public address; there are none without.
func webAuthn(o Options, f *facts) kratosconf.WebAuthnMethod {
	if !o.Passwordless && !o.Sequencing {
		return kratosconf.WebAuthnMethod{}
	}
	public, err := url.Parse(f.publicURL())
	if err != nil || public.Host == "" {
		option := "enable_passwordless_login_method"
		if o.Sequencing {
			option = "enable_oidc_webauthn_sequencing"
		}
		f.trouble(false, fmt.Errorf("missing integration %s: %s needs a public address", relation.PublicRouteEndpoint, option))
		return kratosconf.WebAuthnMethod{}
	}
	return kratosconf.WebAuthnMethod{Enabled: true, Config: &kratosconf.WebAuthnConfig{
		Passwordless: o.Passwordless,
		RP:           kratosconf.RelyingParty{ID: public.Hostname(), Origins: []string{f.publicURL()}, DisplayName: issuer},
	}}
}

// providers gives those of the integrators and, behind them, those of the
// ConfigMap. One that Kratos would refuse, or that it would fail on later, is
// left out and told of.
func providers(w World, f *facts) []kratosconf.Provider {
	var all []kratosconf.Provider
	for _, p := range f.providers {
		all = append(all, provider(p))
	}
	if m := w.configMaps(); m != nil {
		more, err := mapProviders(m.Providers)
		f.trouble(false, err)
		all = append(all, more...)
	}
	var good []kratosconf.Provider
	for _, p := range all {
		p, err := usable(p)
		if err == nil && slices.ContainsFunc(good, func(g kratosconf.Provider) bool { return g.ID == p.ID }) {
			err = fmt.Errorf("cannot use the provider %q: another one has the same id", p.ID)
		}
		if err != nil {
			f.trouble(false, err)
			continue
		}
		good = append(good, p)
	}
	return good
}

func provider(p relation.Provider) kratosconf.Provider {
	return kratosconf.Provider{
		ID: p.ID, Provider: p.Type, Label: p.Label,
		ClientID: p.ClientID, ClientSecret: kratosconf.Secret(p.ClientSecret), Scope: p.Scope,
		IssuerURL: p.IssuerURL, MicrosoftTenant: p.MicrosoftTenant,
		AppleTeamID: p.AppleTeamID, ApplePrivateKeyID: p.ApplePrivateKeyID, ApplePrivateKey: kratosconf.Secret(p.ApplePrivateKey),
		MapperURL: p.MapperURL,
	}
}

// usable completes a provider, or says why Kratos could not use it.
func usable(p kratosconf.Provider) (kratosconf.Provider, error) {
	if p.MapperURL == "" {
		p.MapperURL = kratosconf.DefaultMapper(p.Provider)
	}
	mapper, err := jsonnetURL(p.MapperURL)
	if err != nil {
		return p, fmt.Errorf("cannot use the provider %q: mapper_url: %w", p.ID, err)
	}
	p.MapperURL = mapper
	return p, kratosconf.CheckProvider(p)
}

// shown gives the pages as people are sent to them. Where nobody has any, the
// address is where they would be: left to itself, Kratos sends people, with what
// stands in their links, to a page on its makers' site.
func shown(w World, f *facts) relation.LoginUI {
	ui, here := f.ui, pages(baseURL(w, f))
	ui.Login, ui.Settings = firstOf(ui.Login, here.Login), firstOf(ui.Settings, here.Settings)
	ui.Recovery, ui.Error = firstOf(ui.Recovery, here.Recovery), firstOf(ui.Error, here.Error)
	return ui
}

func flows(w World, f *facts, m kratosconf.Methods) kratosconf.Flows {
	ui := shown(w, f)
	flows := kratosconf.Flows{
		Error:        &kratosconf.ErrorFlow{UIURL: ui.Error},
		Login:        loginFlow(f, ui.Login),
		Settings:     settingsFlow(f, m, ui.Settings),
		Registration: registrationFlow(w, f, m.OIDC.Enabled),
		Recovery: &kratosconf.RecoveryFlow{
			Enabled: w.Options.LocalIDP, UIURL: ui.Recovery, Use: kratosconf.UseCode,
			After: &kratosconf.After{ReturnURL: f.ui.Settings, Hooks: []kratosconf.Hook{kratosconf.RevokeActiveSessions()}},
		},
		Verification: &kratosconf.VerificationFlow{Enabled: w.verification() && f.ui.Verification != ""},
	}
	if flows.Verification.Enabled {
		flows.Verification.UIURL, flows.Verification.Use = f.ui.Verification, kratosconf.UseCode
	}
	if w.verification() && f.ui.Verification == "" {
		f.trouble(false, errors.New("missing integration "+relation.LoginUIEndpoint+": enable_verification needs its page of verification"))
	}
	return flows
}

// verification tells whether people are to prove their addresses.
func (w World) verification() bool { return w.Options.LocalIDP && w.Options.Verification }

func loginFlow(f *facts, page string) *kratosconf.LoginFlow {
	login := &kratosconf.LoginFlow{UIURL: page, Style: kratosconf.StyleIdentifierFirst}
	known := []string{
		kratosconf.MethodPassword, kratosconf.MethodOIDC, kratosconf.MethodCode, kratosconf.MethodWebAuthn,
		kratosconf.MethodPasskey, kratosconf.MethodTOTP, kratosconf.MethodLookupSecret,
	}
	login.Before = before(f.onLogin, f.tracing != nil)
	if f.hasAfter(f.onLogin) {
		login.After = after(f.onLogin, known, f.tracing != nil, nil)
	}
	return login
}

func settingsFlow(f *facts, m kratosconf.Methods, page string) *kratosconf.SettingsFlow {
	s := &kratosconf.SettingsFlow{UIURL: page, RequiredAAL: kratosconf.HighestAvailable}
	back := map[string]kratosconf.AfterMethod{}
	if f.ui.AccountLinkingSettings != "" {
		back[kratosconf.MethodOIDC] = kratosconf.AfterMethod{ReturnURL: f.ui.AccountLinkingSettings}
	}
	if f.ui.WebauthnSettings != "" && m.WebAuthn.Enabled {
		back[kratosconf.MethodWebAuthn] = kratosconf.AfterMethod{ReturnURL: f.ui.WebauthnSettings}
	}
	if len(back) > 0 {
		s.After = &kratosconf.After{Methods: back}
	}
	return s
}

// registrationFlow is open where there is a page for it, or where people come
// from elsewhere: whoever signs in by a provider for the first time registers.
func registrationFlow(w World, f *facts, providers bool) *kratosconf.RegistrationFlow {
	r := &kratosconf.RegistrationFlow{UIURL: firstOf(f.ui.Registration, baseURL(w, f)+"/registration")}
	r.Enabled = f.ui.Registration != "" || providers
	if !r.Enabled {
		return r
	}
	known := []string{kratosconf.MethodPassword, kratosconf.MethodOIDC, kratosconf.MethodCode, kratosconf.MethodWebAuthn}
	last := []kratosconf.Hook{kratosconf.IssueSession()}
	if w.verification() && f.ui.Verification != "" {
		last = append(last, kratosconf.ShowVerificationUI())
	}
	r.Before = before(f.onRegister, f.tracing != nil)
	r.After = after(f.onRegister, known, f.tracing != nil, last)
	return r
}

func (f *facts) hasAfter(hooks []relation.Webhook) bool {
	return slices.ContainsFunc(hooks, func(h relation.Webhook) bool { return !h.Before })
}

// before gives the calls ahead of a flow; nil for none.
func before(hooks []relation.Webhook, traced bool) *kratosconf.Before {
	var b kratosconf.Before
	for _, h := range hooks {
		if h.Before {
			b.Hooks = append(b.Hooks, call(h, traced))
		}
	}
	if b.Hooks == nil {
		return nil
	}
	return &b
}

// after gives what comes behind a flow, for each method that it knows: a method
// that has hooks of its own runs no others. The last ones are Kratos' own.
func after(hooks []relation.Webhook, known []string, traced bool, last []kratosconf.Hook) *kratosconf.After {
	a := &kratosconf.After{Methods: map[string]kratosconf.AfterMethod{}}
	for _, method := range known {
		var list []kratosconf.Hook
		for _, h := range hooks {
			if !h.Before && (len(h.Methods) == 0 || slices.Contains(h.Methods, method)) {
				list = append(list, call(h, traced))
			}
		}
		if list = append(list, last...); len(list) > 0 {
			a.Methods[method] = kratosconf.AfterMethod{Hooks: list}
		}
	}
	return a
}

func call(h relation.Webhook, traced bool) kratosconf.Hook {
	body, _ := jsonnetURL(h.Body) // was checked when it was read
	hook := kratosconf.WebHook{
		URL: h.URL, Method: h.Method, Body: body, EmitEvents: traced,
		Response: kratosconf.Response{Ignore: h.IgnoreResponse, Parse: h.ParseResponse},
	}
	if h.Auth != nil {
		hook.Auth = kratosconf.APIKey(h.Auth.Name, kratosconf.Secret(h.Auth.Value), h.Auth.In)
	}
	return kratosconf.RunWebHook(hook)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
