package kratostest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's own, and what authenticator apps use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const settingsFlow = "/self-service/settings/api"

// EnrolTOTP sets up an authenticator app as a person does, in the settings
// flow, and gives its secret. The session must be fresh; it is aal2 afterwards.
func (s *Server) EnrolTOTP(ctx context.Context, token string) (secret string, err error) {
	const doing = "enrol an authenticator app"
	f, err := s.begin(ctx, doing, settingsFlow, token)
	if err != nil {
		return "", err
	}
	if secret, err = f.text("totp_secret_key"); err != nil {
		return "", fmt.Errorf("cannot %s: %w", doing, err)
	}
	code, err := totp(secret)
	if err != nil {
		return "", err
	}
	return secret, s.saved(ctx, doing, f, token, map[string]any{"method": "totp", "totp_code": code})
}

// EnrolLookupSecrets sets up backup codes as a person does, in the settings
// flow, and gives the codes.
func (s *Server) EnrolLookupSecrets(ctx context.Context, token string) (codes []string, err error) {
	const doing = "enrol backup codes"
	f, err := s.begin(ctx, doing, settingsFlow, token)
	if err != nil {
		return nil, err
	}
	a, err := s.submit(ctx, doing, f.action(), token, map[string]any{"method": "lookup_secret", "lookup_secret_regenerate": true})
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.unexpected(doing)
	}
	if err := a.into(doing, &f); err != nil {
		return nil, err
	}
	list, err := f.text("lookup_secret_codes")
	if err != nil {
		return nil, fmt.Errorf("cannot %s: %w", doing, err)
	}
	return strings.Split(list, ", "), s.saved(ctx, doing, f, token, map[string]any{"method": "lookup_secret", "lookup_secret_confirm": true})
}

// SetPassword sets the password of the session's person in the settings flow.
func (s *Server) SetPassword(ctx context.Context, token, password string) error {
	const doing = "set the password"
	f, err := s.begin(ctx, doing, settingsFlow, token)
	if err != nil {
		return err
	}
	return s.saved(ctx, doing, f, token, map[string]any{"method": "password", "password": password})
}

// saved submits a settings form that must be accepted.
func (s *Server) saved(ctx context.Context, doing string, f flowBody, token string, body map[string]any) error {
	a, err := s.submit(ctx, doing, f.action(), token, body)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return a.unexpected(doing)
	}
	return nil
}

// totp gives the code that an authenticator app shows now (RFC 6238: SHA-1, six
// digits, 30 seconds).
func totp(secret string) (string, error) { return totpAt(secret, time.Now()) }

func totpAt(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(secret, "="))
	if err != nil {
		return "", fmt.Errorf("the TOTP secret is not base32: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000), nil
}
