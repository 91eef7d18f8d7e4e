package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// token trades a code for tokens.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Pragma", "no-cache")
	if no := p.authenticate(r); no != nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="oidctest"`)
		refuse(w, http.StatusUnauthorized, no)
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" {
		refuse(w, http.StatusBadRequest, invalid("unsupported_grant_type", "grant_type is not authorization_code"))
		return
	}
	now := time.Now()
	g, no := p.redeem(r.PostFormValue("code"), r.PostFormValue("redirect_uri"), r.PostFormValue("code_verifier"), now)
	if no != nil {
		refuse(w, http.StatusBadRequest, no)
		return
	}
	id, err := p.idToken(g, now)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, http.StatusOK, map[string]any{
		"access_token": g.access, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()),
		"id_token": id, "scope": strings.Join(g.Scopes, " "),
	})
}

// authenticate checks the client's secret, in the header or in the form but not
// in both (RFC 6749, 2.3).
func (p *Provider) authenticate(r *http.Request) *refusal {
	id, secret, inHeader := r.BasicAuth()
	if inHeader {
		id, secret = unescaped(id), unescaped(secret)
		if r.PostFormValue("client_secret") != "" {
			return invalid("invalid_client", "the client authenticates twice")
		}
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if !same(id, p.config.ClientID) || !same(secret, p.config.ClientSecret) {
		return invalid("invalid_client", "the client id or its secret is wrong")
	}
	return nil
}

// unescaped undoes the encoding that RFC 6749 wants under that of the header.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// userinfo tells what the access token allows.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, known := p.bearer(token, time.Now())
	if !ok || !known {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		refuse(w, http.StatusUnauthorized, invalid("invalid_token", "the access token is unknown or has expired"))
		return
	}
	write(w, http.StatusOK, g.claims())
}

// keyID names the one key.
const keyID = "oidctest"

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	public := p.key.PublicKey
	write(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
		"n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
	}}})
}

func (p *Provider) idToken(g grant, now time.Time) (string, error) {
	claims := g.claims()
	claims["iss"], claims["aud"] = p.Issuer, p.config.ClientID
	claims["iat"], claims["exp"], claims["auth_time"] = now.Unix(), now.Add(tokenLife).Unix(), g.at.Unix()
	if g.Nonce != "" {
		claims["nonce"] = g.Nonce
	}
	return p.sign(claims)
}

// sign makes a JWT (RFC 7515, compact, RS256).
func (p *Provider) sign(claims map[string]any) (string, error) {
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": keyID})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := encode(head) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	return signed + "." + encode(signature), err
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func refuse(w http.ResponseWriter, status int, r *refusal) {
	write(w, status, map[string]any{"error": r.Code, "error_description": r.Description})
}

func write(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
