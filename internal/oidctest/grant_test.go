package oidctest

import (
	"strings"
	"testing"
	"time"
)

// Codes and tokens live for a while.
func TestExpiry(t *testing.T) {
	t.Parallel()
	p := &Provider{grants: map[string]*grant{}, tokens: map[string]*grant{}}
	verifier := strings.Repeat("v", 43)
	r, now := request{RedirectURI: "http://client.example", Challenge: challenge(verifier)}, time.Unix(1e9, 0)
	late := p.issue(r, Person{}, now)
	if _, no := p.redeem(late, r.RedirectURI, verifier, now.Add(codeLife+1)); no == nil || no.Code != "invalid_grant" {
		t.Errorf("an old code: %v", no)
	}
	g, no := p.redeem(p.issue(r, Person{}, now), r.RedirectURI, verifier, now.Add(codeLife))
	if no != nil {
		t.Fatal(no)
	}
	at := now.Add(codeLife)
	if _, ok := p.bearer(g.access, at.Add(tokenLife)); !ok {
		t.Error("the token died too early")
	}
	if _, ok := p.bearer(g.access, at.Add(tokenLife+1)); ok {
		t.Error("the token lives too long")
	}
}
