package uitest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's own, and what authenticator apps use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/webauthn"
)

// Authenticator is a virtual one: it is touched as soon as it is asked.
type Authenticator struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Passkeys gives the tab a platform authenticator that keeps passkeys and knows
// its owner, as a telephone does.
func (p *Page) Passkeys() *Authenticator {
	p.tb.Helper()
	return p.authenticator(&webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	})
}

// SecurityKey gives the tab a key on USB that keeps nothing and only knows that
// it is touched.
func (p *Page) SecurityKey() *Authenticator {
	p.tb.Helper()
	return p.authenticator(&webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb, AutomaticPresenceSimulation: true,
	})
}

func (p *Page) authenticator(o *webauthn.VirtualAuthenticatorOptions) *Authenticator {
	p.tb.Helper()
	a := &Authenticator{page: p}
	p.run("add an authenticator", func(ctx context.Context) (err error) {
		if err := webauthn.Enable().Do(ctx); err != nil {
			return err
		}
		a.id, err = webauthn.AddVirtualAuthenticator(o).Do(ctx)
		return err
	})
	return a
}

// Keys is how many keys the authenticator has made.
func (a *Authenticator) Keys() int {
	a.page.tb.Helper()
	var keys []*webauthn.Credential
	a.page.run("count the keys", func(ctx context.Context) (err error) {
		keys, err = webauthn.GetCredentials(a.id).Do(ctx)
		return err
	})
	return len(keys)
}

// Touch says whether the authenticator is touched when it is asked. Where it is
// not, a question stays open.
func (a *Authenticator) Touch(yes bool) {
	a.page.tb.Helper()
	a.page.run("set whether the key is touched", func(ctx context.Context) error {
		return webauthn.SetAutomaticPresenceSimulation(a.id, yes).Do(ctx)
	})
}

// TOTP gives the code that an authenticator app with the secret shows at the
// time (RFC 6238: SHA-1, six digits, 30 seconds).
func TOTP(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("the secret is not base32: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000), nil
}
