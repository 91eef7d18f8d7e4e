package kratostest

import (
	"context"
	"encoding/base64"
	"fmt"
)

// plantedSecret is the TOTP secret of [Server.PlantTOTP].
const plantedSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// PlantTOTP gives the identity an authenticator app without its flow, and the
// app's secret for [Server.LoginTOTP].
func (s *Server) PlantTOTP(ctx context.Context, id string) (secret string, err error) {
	url := "otpauth://totp/kratostest:planted?algorithm=SHA1&digits=6&issuer=kratostest&period=30&secret=" + plantedSecret
	return plantedSecret, s.plant(ctx, "totp", id, map[string]any{"totp_url": url})
}

// PlantLookupSecrets gives the identity backup codes without their flow.
func (s *Server) PlantLookupSecrets(ctx context.Context, id string, codes ...string) error {
	var list []map[string]any
	for _, c := range codes {
		list = append(list, map[string]any{"code": c})
	}
	return s.plant(ctx, "lookup_secret", id, map[string]any{"recovery_codes": list})
}

// PlantSecurityKey gives the identity a WebAuthn key that is a second factor.
// It replaces those that are there.
func (s *Server) PlantSecurityKey(ctx context.Context, id string) error {
	return s.PlantKeys(ctx, id, 1, 0)
}

// PlantPasswordlessKey gives the identity a WebAuthn key that is a first
// factor. It replaces those that are there.
func (s *Server) PlantPasswordlessKey(ctx context.Context, id string) error {
	return s.PlantKeys(ctx, id, 0, 1)
}

// PlantKeys gives the identity so many WebAuthn keys of each kind, in place of
// those that are there.
func (s *Server) PlantKeys(ctx context.Context, id string, secondFactor, passwordless int) error {
	var keys []map[string]any
	for i := range secondFactor + passwordless {
		keys = append(keys, key(i, i >= secondFactor))
	}
	return s.plant(ctx, "webauthn", id, map[string]any{"user_handle": handle(id), "credentials": keys})
}

// PlantPasskey gives the identity a passkey.
func (s *Server) PlantPasskey(ctx context.Context, id string) error {
	config := map[string]any{"user_handle": handle(id), "credentials": []any{key(0, true)}}
	return s.plant(ctx, "passkey", id, config)
}

// plant writes a whole credential. Its identifier is the identity's id, but
// where the schema says another (for webauthn) Kratos puts that in its place.
func (s *Server) plant(ctx context.Context, kind, id string, config map[string]any) error {
	value := map[string]any{"type": kind, "identifiers": []string{id}, "config": config}
	return s.Patch(ctx, id, "/credentials/"+kind, value)
}

func handle(id string) string { return base64.StdEncoding.EncodeToString([]byte(id)) }

// key is a WebAuthn key as Kratos stores it. Nobody has its other half.
func key(n int, passwordless bool) map[string]any {
	return map[string]any{
		"id": base64.StdEncoding.EncodeToString([]byte{1, 2, byte(n)}), "public_key": "AQID", "attestation_type": "none",
		"authenticator": map[string]any{"aaguid": "AAAAAAAAAAAAAAAAAAAAAA==", "sign_count": 0, "clone_warning": false},
		"display_name":  fmt.Sprintf("key %d", n), "added_at": "2024-01-01T00:00:00Z", "is_passwordless": passwordless,
	}
}
