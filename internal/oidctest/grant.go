package oidctest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// request is what a client asks of the login page.
type request struct {
	RedirectURI, State, Nonce, Challenge string
	Scopes                               []string
}

// grant is a sign-in that a code stands for.
type grant struct {
	request
	person  Person
	at      time.Time
	spent   bool
	access  string
	expires time.Time // of the access token
}

// issue keeps a sign-in and gives its code.
func (p *Provider) issue(r request, who Person, now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	p.grants[code] = &grant{request: r, person: who, at: now}
	return code
}

// redeem spends a code and gives what it stands for, with an access token. A
// code that comes again takes back the token that it gave (RFC 6749, 4.1.2).
func (p *Provider) redeem(code, redirectURI, verifier string, now time.Time) (grant, *refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.grants[code]
	if g == nil {
		return grant{}, invalid("invalid_grant", "the code is unknown")
	}
	again := g.spent
	g.spent = true
	switch {
	case again:
		delete(p.tokens, g.access)
		return grant{}, invalid("invalid_grant", "the code was used before")
	case now.Sub(g.at) > codeLife:
		return grant{}, invalid("invalid_grant", "the code has expired")
	case redirectURI != g.RedirectURI:
		return grant{}, invalid("invalid_grant", "redirect_uri is not that of the sign-in")
	case !g.proves(verifier):
		return grant{}, invalid("invalid_grant", "code_verifier does not fit code_challenge")
	}
	g.access, g.expires = rand.Text(), now.Add(tokenLife)
	p.tokens[g.access] = g
	return *g, nil
}

// bearer gives the sign-in that an access token stands for.
func (p *Provider) bearer(token string, now time.Time) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.tokens[token]
	if g == nil || now.After(g.expires) {
		return grant{}, false
	}
	return *g, true
}

// proves tells whether the verifier is the one that the challenge was made of
// (RFC 7636, S256).
func (g *grant) proves(verifier string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	return same(challenge(verifier), g.Challenge)
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// claims gives what the scopes let the client know of the person.
func (g *grant) claims() map[string]any {
	all := map[string]any{"sub": g.person.Subject}
	if slices.Contains(g.Scopes, "email") {
		all["email"], all["email_verified"] = g.person.Email, true
	}
	if slices.Contains(g.Scopes, "profile") && g.person.Name != "" {
		all["name"] = g.person.Name
		given, family, _ := strings.Cut(g.person.Name, " ")
		all["given_name"] = given
		if family != "" {
			all["family_name"] = family
		}
	}
	return all
}

// Subject gives what the provider calls a person who signs in with the address
// and has no subject in the configuration.
func Subject(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	return "sub-" + hex.EncodeToString(sum[:8])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
