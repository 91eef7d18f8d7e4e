package kratosconf_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

const ui = "https://iam.example.com/ui"

// minimal is the least that Kratos serves with.
func minimal() kratosconf.Config {
	return kratosconf.Config{
		Identity: kratosconf.Identity{
			DefaultSchemaID: kratosconf.SocialUserSchema,
			Schemas:         kratosconf.Inline(kratosconf.BuiltInSchemas()),
		},
		SelfService: kratosconf.SelfService{DefaultReturnURL: ui},
	}
}

// full sets everything, with the text wherever any text may stand.
func full(text string) kratosconf.Config {
	c := minimal()
	c.Session = &kratosconf.Session{Lifespan: "24h", Whoami: &kratosconf.Whoami{RequiredAAL: kratosconf.HighestAvailable}}
	c.Log = &kratosconf.Log{Level: "info", Format: "json"}
	c.SelfService.AllowedReturnURLs = []string{"https://iam.example.com", "https://app.example.com/a,b"}
	c.SelfService.Methods = methods(text)
	c.SelfService.Flows = flows(text)
	return c
}

func webHook(text, path string) kratosconf.Hook {
	return kratosconf.RunWebHook(kratosconf.WebHook{
		URL: "https://hooks.example.com/" + path, Method: "POST", Body: kratosconf.Base64URL([]byte("function(ctx) ctx")),
		Response: kratosconf.Response{Parse: true}, Auth: kratosconf.APIKey("Authorization", kratosconf.Secret(text), kratosconf.InHeader),
	})
}

func methods(text string) kratosconf.Methods {
	rp := kratosconf.RelyingParty{ID: "iam.example.com", Origins: []string{"https://iam.example.com:8443"}, DisplayName: text}
	return kratosconf.Methods{
		Profile:      kratosconf.Toggle{Enabled: true},
		Password:     kratosconf.PasswordMethod{Enabled: true, Config: kratosconf.PasswordConfig{MinLength: 8}},
		Code:         kratosconf.CodeMethod{Enabled: true, Passwordless: true},
		Link:         kratosconf.LinkMethod{Enabled: true, Config: &kratosconf.LinkConfig{Lifespan: "12h"}},
		TOTP:         kratosconf.TOTPMethod{Enabled: true, Config: &kratosconf.TOTPConfig{Issuer: text}},
		LookupSecret: kratosconf.Toggle{Enabled: true},
		WebAuthn:     kratosconf.WebAuthnMethod{Enabled: true, Config: &kratosconf.WebAuthnConfig{Passwordless: true, RP: rp}},
		Passkey:      kratosconf.PasskeyMethod{Enabled: true, Config: &kratosconf.PasskeyConfig{RP: rp}},
		OIDC:         kratosconf.OIDCMethod{Enabled: true, Config: &kratosconf.OIDCConfig{BaseRedirectURI: "https://iam.example.com/", Providers: oidc(text)}},
	}
}

func oidc(text string) []kratosconf.Provider {
	s := kratosconf.Secret(text)
	return []kratosconf.Provider{
		{ID: "github_1", Provider: "github", Label: text, ClientID: text, ClientSecret: s, Scope: []string{"user:email", text}, MapperURL: kratosconf.DefaultMapper("github")},
		{
			ID: "generic_1", Provider: "generic", ClientID: text, ClientSecret: s, MapperURL: kratosconf.DefaultMapper("generic"),
			IssuerURL: "https://issuer.example.com", AuthURL: "https://issuer.example.com/auth", TokenURL: "https://issuer.example.com/token",
			RequestedClaims: map[string]any{"id_token": map[string]any{"email": map[string]any{"essential": true}}},
			ClaimsSource:    "id_token", PKCE: "auto", IDTokenAudiences: []string{text},
		},
		{
			ID: "microsoft_1", Provider: "microsoft", ClientID: text, ClientSecret: s, MapperURL: kratosconf.DefaultMapper("microsoft"),
			MicrosoftTenant: text, SubjectSource: "userinfo",
		},
		{
			ID: "apple_1", Provider: "apple", ClientID: text, MapperURL: kratosconf.DefaultMapper("apple"),
			AppleTeamID: text, ApplePrivateKeyID: text, ApplePrivateKey: s, OrganizationID: text,
		},
	}
}

func flows(text string) kratosconf.Flows {
	login := map[string]kratosconf.AfterMethod{}
	for _, m := range []string{
		kratosconf.MethodPassword, kratosconf.MethodOIDC, kratosconf.MethodCode, kratosconf.MethodWebAuthn, kratosconf.MethodPasskey,
		kratosconf.MethodTOTP, kratosconf.MethodLookupSecret,
	} {
		login[m] = kratosconf.AfterMethod{Hooks: []kratosconf.Hook{webHook(text, m)}}
	}
	login[kratosconf.MethodPassword] = kratosconf.AfterMethod{Hooks: []kratosconf.Hook{
		kratosconf.RevokeActiveSessions(),
	}}
	registration := map[string]kratosconf.AfterMethod{}
	for _, m := range []string{
		kratosconf.MethodPassword, kratosconf.MethodOIDC, kratosconf.MethodCode, kratosconf.MethodWebAuthn, kratosconf.MethodPasskey,
	} {
		registration[m] = kratosconf.AfterMethod{Hooks: []kratosconf.Hook{
			webHook(text, m), kratosconf.ShowVerificationUI(), kratosconf.IssueSession(),
		}}
	}
	return kratosconf.Flows{
		Error: &kratosconf.ErrorFlow{UIURL: ui + "/error"},
		Login: &kratosconf.LoginFlow{
			UIURL: ui + "/login", Style: kratosconf.StyleIdentifierFirst,
			Before: &kratosconf.Before{Hooks: []kratosconf.Hook{webHook(text, "before")}},
			After:  &kratosconf.After{Hooks: []kratosconf.Hook{webHook(text, "after")}, Methods: login},
		},
		Settings: &kratosconf.SettingsFlow{
			UIURL: ui + "/settings", RequiredAAL: kratosconf.HighestAvailable, PrivilegedMaxAge: "15m",
			After: &kratosconf.After{Methods: map[string]kratosconf.AfterMethod{
				kratosconf.MethodOIDC: {ReturnURL: ui + "/links"}, kratosconf.MethodProfile: {}, kratosconf.MethodWebAuthn: {ReturnURL: ui + "/keys"},
			}},
		},
		Recovery: &kratosconf.RecoveryFlow{
			Enabled: true, UIURL: ui + "/recovery", Use: kratosconf.UseCode,
			After: &kratosconf.After{ReturnURL: ui + "/reset", Hooks: []kratosconf.Hook{kratosconf.RevokeActiveSessions()}},
		},
		Verification: &kratosconf.VerificationFlow{
			Enabled: true, UIURL: ui + "/verification", Use: kratosconf.UseLink, After: &kratosconf.After{ReturnURL: ui + "/verified"},
		},
		Registration: &kratosconf.RegistrationFlow{
			Enabled: true, UIURL: ui + "/registration",
			Before: &kratosconf.Before{Hooks: []kratosconf.Hook{webHook(text, "before")}},
			After:  &kratosconf.After{ReturnURL: ui, Methods: registration},
		},
	}
}

func text(t *testing.T, c kratosconf.Config) []byte {
	t.Helper()
	got, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestGolden(t *testing.T) {
	t.Parallel()
	golden(t, "minimal.golden.yaml", text(t, minimal()))
	golden(t, "full.golden.yaml", text(t, full("plain")))
	golden(t, "nasty.golden.yaml", text(t, full("@a: 'b' \"c\"\n{{ .d }}\t#e")))
}
