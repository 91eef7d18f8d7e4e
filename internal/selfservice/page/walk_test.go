package page

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's own
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// These walks go through a real Kratos with a browser that knows nothing but the
// pages, so each form on the way is one that Kratos accepts as it stands. Run
// with -update they keep the flows they meet, for the golden pages.

const (
	password = "s3cr3t-mark-correct-horse"
	another  = "s3cr3t-mark-battery-staple"
)

func social() map[string]any {
	return map[string]any{
		"id": "acme", "label": "Acme", "provider": "generic", "client_id": "pages", "client_secret": "s3cr3t-mark",
		"issuer_url": "http://127.0.0.1:9", "scope": []string{"openid", "email"},
		"mapper_url": "base64://" + base64.StdEncoding.EncodeToString([]byte(`{identity: {traits: {email: std.extVar('claims').email}}}`)),
	}
}

// startKratos starts a Kratos for one configuration.
func startKratos(t *testing.T, settings map[string]any) *kratostest.Server {
	t.Helper()
	all := map[string]any{
		"selfservice.flows.registration.enabled":                              true,
		"selfservice.flows.registration.after.password.hooks":                 []any{map[string]any{"hook": "session"}},
		"selfservice.flows.registration.after.code.hooks":                     []any{map[string]any{"hook": "session"}},
		"selfservice.flows.verification.after.default_browser_return_url":     "http://127.0.0.1:4455/done",
		"selfservice.flows.settings.after.profile.default_browser_return_url": nil,
	}
	for key, value := range settings {
		all[key] = value
	}
	return kratostest.New(t, kratostest.Config{Settings: all})
}

func (b *browser) person(options ...kratostest.Option) string {
	b.t.Helper()
	traits := map[string]any{"email": b.address, "given_name": "Ada"}
	id, err := b.server.CreateIdentity(b.t.Context(), kratostest.DefaultSchema, traits, append(options, kratostest.WithPassword(password))...)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *browser) signIn() visit {
	b.t.Helper()
	return b.open("/self-service/login/browser").press("method=password", map[string]string{"identifier": b.address, "password": password})
}

func TestPlainWalks(t *testing.T) {
	beforeGoldens(t)
	s := startKratos(t, map[string]any{
		"selfservice.methods.oidc":                              map[string]any{"enabled": false},
		"selfservice.methods.webauthn":                          map[string]any{"enabled": false},
		"selfservice.methods.passkey":                           map[string]any{"enabled": false},
		"selfservice.flows.registration.enable_legacy_one_step": true,
	})
	walks(t, s, map[string]func(*testing.T, *browser){
		"login":           walkLogin,
		"totp":            walkTOTP,
		"backup codes":    walkBackupCodes,
		"registration":    walkRegistration,
		"recovery code":   walkRecoveryCode,
		"admin's code":    walkAdminCode,
		"admin's link":    walkAdminLink,
		"verification":    walkVerificationCode,
		"settings errors": walkSettingsErrors,
		"failure":         walkFailure,
	})
}

func TestEverythingWalks(t *testing.T) {
	beforeGoldens(t)
	s := startKratos(t, map[string]any{
		"selfservice.methods.oidc":                              map[string]any{"enabled": true, "config": map[string]any{"providers": []any{social()}}},
		"selfservice.methods.code.passwordless_enabled":         true,
		"selfservice.flows.registration.enable_legacy_one_step": true,
		"selfservice.flows.settings.privileged_session_max_age": "2s",
		"selfservice.flows.verification.use":                    "link",
		"selfservice.flows.recovery.use":                        "link",
	})
	walks(t, s, map[string]func(*testing.T, *browser){
		"login":             walkLoginEverything,
		"code":              walkLoginCode,
		"second factors":    walkSecondFactors,
		"settings":          walkSettingsEverything,
		"privileged":        walkPrivileged,
		"registration":      walkRegistrationEverything,
		"registration code": walkRegistrationCode,
		"security key":      walkSecurityKey,
		"recovery link":     walkRecoveryLink,
		"verification link": walkVerificationLink,
	})
}

func TestTwoStepWalks(t *testing.T) {
	beforeGoldens(t)
	s := startKratos(t, map[string]any{
		"selfservice.flows.login.style":      "identifier_first",
		"selfservice.methods.oidc":           map[string]any{"enabled": true, "config": map[string]any{"providers": []any{social()}}},
		"selfservice.methods.passkey.config": map[string]any{"rp": map[string]any{"id": "localhost", "display_name": "pages", "origins": []string{"http://localhost:4455"}}},
	})
	walks(t, s, map[string]func(*testing.T, *browser){
		"login":        walkIdentifierFirst,
		"registration": walkTwoSteps,
	})
}

func TestPasswordlessWalks(t *testing.T) {
	beforeGoldens(t)
	s := startKratos(t, map[string]any{
		"selfservice.flows.registration.enabled":           false,
		"selfservice.methods.webauthn.config.passwordless": true,
		"selfservice.methods.code.mfa_enabled":             true,
	})
	walks(t, s, map[string]func(*testing.T, *browser){
		"login":       walkPasswordless,
		"second code": walkSecondCode,
		"disabled":    walkDisabled,
	})
}

// beforeGoldens has the walks run before the golden pages, which wait for them as
// parallel tests, where they keep what those render.
func beforeGoldens(t *testing.T) {
	t.Helper()
	if !*update {
		t.Parallel()
	}
}

// walks does not run in parallel what shares one Kratos on SQLite.
func walks(t *testing.T, s *kratostest.Server, all map[string]func(*testing.T, *browser)) {
	t.Helper()
	for name, walk := range all {
		t.Run(name, func(t *testing.T) { walk(t, newBrowser(t, s)) })
	}
}

func walkLogin(t *testing.T, b *browser) {
	b.person()
	page := b.open("/self-service/login/browser").at("/login").record("password")
	wrong := page.press("method=password", map[string]string{"identifier": b.address, "password": another})
	wrong.at("/login").wants(4000006).record("wrong-password")
	wrong.press("method=password", map[string]string{"identifier": b.address, "password": password}).at("/")
	b.signedIn("aal1")
	refresh := b.open("/self-service/login/browser?refresh=true").wants(1010003).record("refresh")
	refresh.press("method=password", map[string]string{"password": password}).at("/")
}

func walkTOTP(t *testing.T, b *browser) {
	b.person()
	b.signIn().at("/")
	fresh := b.open("/self-service/settings/browser").at("/settings").record("plain")
	wrong := fresh.press("method=totp", map[string]string{"totp_code": "000000"}).wants(4000008).record("totp-wrong")
	secret := wrong.nodeText("totp_secret_key")
	enrolled := wrong.press("method=totp", map[string]string{"totp_code": totp(t, secret)}).wants(1050001).record("totp-enrolled")
	b.signedIn("aal2")

	again := newBrowser(t, b.server)
	again.address = b.address
	again.signIn()
	second := again.open("/self-service/login/browser?aal=aal2").wants(1010004).record("aal2-totp")
	second.press("method=totp", map[string]string{"totp_code": "000000"}).wants(4000008).record("aal2-totp-wrong").
		press("method=totp", map[string]string{"totp_code": totp(t, secret)})
	again.signedIn("aal2")

	enrolled.press("totp_unlink=true", nil).wants(1050001)
}

func walkBackupCodes(t *testing.T, b *browser) {
	b.person()
	b.signIn().at("/")
	shown := b.open("/self-service/settings/browser").press("lookup_secret_regenerate=true", nil).record("codes-new")
	codes := strings.Split(shown.nodeText("lookup_secret_codes"), ", ")
	confirmed := shown.press("lookup_secret_confirm=true", nil).wants(1050001).record("codes-on")

	again := newBrowser(t, b.server)
	again.address = b.address
	again.signIn()
	second := again.open("/self-service/login/browser?aal=aal2").wants(1010004).record("aal2-lookup")
	second = second.press("method=lookup_secret", map[string]string{"lookup_secret": "no-such-code"}).wants(4000016).record("aal2-lookup-wrong")
	second.press("method=lookup_secret", map[string]string{"lookup_secret": codes[0]})
	again.signedIn("aal2")

	revealed := confirmed.press("lookup_secret_reveal=true", nil).record("codes-revealed")
	revealed.press("lookup_secret_disable=true", nil).wants(1050001)
}

func walkRegistration(t *testing.T, b *browser) {
	page := b.open("/self-service/registration/browser").at("/registration").record("one-step")
	refused := page.press("method=password", map[string]string{"traits.email": b.address, "traits.given_name": "Ada", "password": "short"})
	refused.at("/registration").wants(4000032).record("one-step-refused")
	refused.press("method=password", map[string]string{"password": password})
	b.signedIn("aal1")

	second := newBrowser(t, b.server)
	second.address = b.address
	second.open("/self-service/registration/browser").
		press("method=password", map[string]string{"traits.email": b.address, "password": password}).record("taken")
}

func walkRecoveryCode(t *testing.T, b *browser) {
	b.person()
	page := b.open("/self-service/recovery/browser").at("/recovery").record("email")
	sent := page.press("method=code", map[string]string{"email": b.address}).wants(1060003).record("code-sent")
	sent = sent.press("method=code", map[string]string{"code": "000000"}).wants(4060006).record("code-wrong")
	sent = sent.press("email="+b.address, nil).wants(1060003)
	settings := sent.press("method=code", map[string]string{"code": b.newestCode(2)}).at("/settings").wants(1060001).record("recovered")
	b.signedIn("aal1")
	settings.press("method=password", map[string]string{"password": another}).wants(1050001).record("saved")
}

// newestCode waits until so many mails have come: codes before the last are void.
func (b *browser) newestCode(mails int) string {
	b.t.Helper()
	b.mails(mails)
	return b.mailed(mailedCode)
}

func walkAdminCode(t *testing.T, b *browser) {
	id := b.person()
	link, code := b.invitation("code", id)
	page := b.open(link).at("/recovery").record("invitation-code")
	page.press("method=code", map[string]string{"code": code}).at("/settings").wants(1060001)
	b.signedIn("aal1")
}

func walkAdminLink(t *testing.T, b *browser) {
	id := b.person()
	link, _ := b.invitation("link", id)
	b.open(link).at("/settings").wants(1060001)
	b.signedIn("aal1")
	b.open(link).at("/recovery").wants(4060004).record("link-used").
		press("method=link", map[string]string{"email": b.address})
}

func walkVerificationCode(t *testing.T, b *browser) {
	b.person()
	page := b.open("/self-service/verification/browser").at("/verification").record("email")
	sent := page.press("method=code", map[string]string{"email": b.address}).wants(1080003).record("code-sent")
	sent = sent.press("method=code", map[string]string{"code": "000000"}).wants(4070006).record("code-wrong")
	sent.press("method=code", map[string]string{"code": b.newestCode(1)}).wants(1080002).record("code-done")
}

func walkVerificationLink(t *testing.T, b *browser) {
	b.person()
	page := b.open("/self-service/verification/browser").at("/verification").record("link-email")
	page.press("method=link", map[string]string{"email": b.address}).wants(1080001).record("link-sent")
	b.open(b.mailed(mailedLink)).wants(1080002).record("link-done")
}

func walkRecoveryLink(t *testing.T, b *browser) {
	b.person()
	page := b.open("/self-service/recovery/browser").at("/recovery").record("link-email")
	page.press("method=link", map[string]string{"email": b.address}).wants(1060002).record("link-sent")
	b.open(b.mailed(mailedLink)).at("/settings").wants(1060001)
	b.signedIn("aal1")
}

func walkSettingsErrors(t *testing.T, b *browser) {
	b.person()
	b.signIn().at("/")
	page := b.open("/self-service/settings/browser")
	page = page.press("method=password", map[string]string{"password": "short"}).wants(4000032).record("password-refused")
	page = page.press("method=profile", map[string]string{"traits.email": "no address"}).record("profile-refused")
	page.press("method=profile", map[string]string{"traits.email": b.address, "traits.given_name": "Grace"}).wants(1050001)
}

func walkFailure(t *testing.T, b *browser) {
	b.person()
	page := b.open("/self-service/login/browser")
	b.cookies = map[string]string{}
	page.press("method=password", map[string]string{"identifier": b.address, "password": password}).at("/error").record("csrf")
}

func walkLoginEverything(t *testing.T, b *browser) {
	b.person(kratostest.WithOIDC("acme", "sub-"+b.address))
	b.open("/self-service/login/browser").record("everything").
		press("method=password", map[string]string{"identifier": b.address, "password": password}).at("/")
	b.signedIn("aal1")
	b.open("/self-service/login/browser?refresh=true").record("refresh-everything")
}

func walkLoginCode(t *testing.T, b *browser) {
	b.person()
	sent := b.open("/self-service/login/browser").press("method=code", map[string]string{"identifier": b.address}).record("code-sent")
	sent.press("method=code", map[string]string{"code": b.newestCode(1)}).at("/")
	b.signedIn("aal1")
}

func walkSecondFactors(t *testing.T, b *browser) {
	id := b.person()
	secret, err := b.server.PlantTOTP(t.Context(), id)
	if err == nil {
		err = b.server.PlantLookupSecrets(t.Context(), id, "code0001")
	}
	if err == nil {
		err = b.server.PlantSecurityKey(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.signIn()
	b.open("/self-service/login/browser?aal=aal2").record("aal2-all").
		press("method=totp", map[string]string{"totp_code": totp(t, secret)})
	b.signedIn("aal2")
}

func walkSecurityKey(t *testing.T, b *browser) {
	if err := b.server.PlantSecurityKey(t.Context(), b.person()); err != nil {
		t.Fatal(err)
	}
	b.signIn()
	b.open("/self-service/login/browser?aal=aal2").wants(1010004).record("aal2-webauthn")
}

func walkPasswordless(t *testing.T, b *browser) {
	if err := b.server.PlantPasswordlessKey(t.Context(), b.person()); err != nil {
		t.Fatal(err)
	}
	first := b.open("/self-service/login/browser").record("passwordless")
	first.press("method=webauthn", map[string]string{"identifier": b.address}).wants(1010012).record("passwordless-key")
}

func walkSecondCode(t *testing.T, b *browser) {
	b.person()
	b.signIn()
	asked := b.open("/self-service/login/browser?aal=aal2").record("aal2-code")
	sent := asked.press("address="+b.address, nil).record("aal2-code-sent")
	sent.press("method=code", map[string]string{"code": b.newestCode(1)})
	b.signedIn("aal2")
}

func walkDisabled(t *testing.T, b *browser) {
	b.open("/self-service/registration/browser").at("/error").record("disabled")
}

func walkRegistrationCode(t *testing.T, b *browser) {
	sent := b.open("/self-service/registration/browser").press("method=code", map[string]string{"traits.email": b.address, "traits.given_name": "Ada"})
	sent = sent.wants(1040005).record("code-sent").press("method=code", map[string]string{"code": "000000"}).record("code-wrong")
	sent.press("method=code", map[string]string{"code": b.newestCode(1)})
	b.signedIn("aal1")
}

func walkSettingsEverything(t *testing.T, b *browser) {
	id := b.person(kratostest.WithOIDC("acme", "sub-"+b.address))
	if err := b.server.PlantPasskey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := b.server.PlantPasswordlessKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.signIn()
	page := b.open("/self-service/settings/browser").record("everything")
	page = page.press("webauthn_remove=010200", nil).wants(1050001)
	page = page.press("passkey_remove=010200", nil).wants(1050001)
	page.press("unlink=acme", nil).wants(1050001)

	bare := newBrowser(t, b.server)
	bare.person()
	bare.signIn()
	bare.open("/self-service/settings/browser").record("everything-new").
		press("method=profile", map[string]string{"traits.email": bare.address, "traits.given_name": "Grace"}).wants(1050001)
}

func walkPrivileged(t *testing.T, b *browser) {
	b.person()
	b.signIn()
	page := b.open("/self-service/settings/browser")
	b.ages(2 * time.Second)
	asked := page.press("method=password", map[string]string{"password": another})
	asked = asked.at("/login").wants(1010003).record("privileged")
	asked.press("method=password", map[string]string{"identifier": b.address, "password": password}).at("/settings").wants(1050001)
}

func walkRegistrationEverything(t *testing.T, b *browser) {
	b.open("/self-service/registration/browser").record("everything").
		press("method=password", map[string]string{"traits.email": b.address, "password": password})
	b.signedIn("aal1")
}

func walkIdentifierFirst(t *testing.T, b *browser) {
	b.person()
	first := b.open("/self-service/login/browser").record("identifier-first")
	second := first.press("method=identifier_first", map[string]string{"identifier": b.address}).record("identifier-second")
	wrong := second.press("method=password", map[string]string{"password": another}).wants(4000006).record("identifier-wrong")
	wrong.press("method=password", map[string]string{"password": password}).at("/")
	b.signedIn("aal1")
}

func walkTwoSteps(t *testing.T, b *browser) {
	first := b.open("/self-service/registration/browser").record("first-step")
	refused := first.press("method=profile", map[string]string{"traits.email": "no address"}).record("first-step-refused")
	second := refused.press("method=profile", map[string]string{"traits.email": b.address}).record("second-step")
	back := second.press("screen=previous", nil).record("first-step-again")
	second = back.press("method=profile", nil)
	second = second.press("method=password", map[string]string{"password": "short"}).record("second-step-refused")
	second.press("method=password", map[string]string{"password": password})
	b.signedIn("aal1")
}

// totp gives the code that an authenticator app shows now (RFC 6238).
func totp(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(secret, "="))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}
