// Package oidctest is a small OpenID provider with a login page, for the tests
// and for the demo. It knows the code flow with PKCE (S256) and nothing else,
// and refuses whatever a strict provider would refuse. Anybody may sign in as
// anyone: nothing of it is for use. Nothing here but [Start] needs a test.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// Person is somebody who can sign in. Kratos knows people by their subject.
type Person struct {
	Subject string // "" for one that is made of the address, always the same
	Name    string
	Email   string
}

// Config is what the provider knows beforehand.
type Config struct {
	ClientID, ClientSecret string
	// RedirectURIs are the client's, compared letter by letter.
	RedirectURIs []string
	// People have a button each on the login page.
	People []Person
}

// Provider is a running provider.
type Provider struct {
	// Issuer is its URL, without a slash at its end.
	Issuer string

	config Config
	key    *rsa.PrivateKey
	server *http.Server
	done   chan struct{} // closed when the server has ended

	mu     sync.Mutex
	grants map[string]*grant // by code
	tokens map[string]*grant // by access token
}

// How long what is handed out lives.
const (
	codeLife  = time.Minute
	tokenLife = time.Hour
)

// New runs a provider on a free port of 127.0.0.1, until [Provider.Close].
func New(c Config) (*Provider, error) {
	if c.ClientID == "" || c.ClientSecret == "" || len(c.RedirectURIs) == 0 {
		return nil, errors.New("cannot start the OpenID provider: it needs a client id, a client secret and a redirect URI")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	l, err := testneed.FreeListener()
	if err != nil {
		return nil, fmt.Errorf("cannot start the OpenID provider: %w", err)
	}
	p := &Provider{
		Issuer: "http://" + l.Addr().String(), config: c, key: key, done: make(chan struct{}),
		grants: map[string]*grant{}, tokens: map[string]*grant{},
	}
	p.config.RedirectURIs, p.config.People = slices.Clone(c.RedirectURIs), slices.Clone(c.People)
	p.server = &http.Server{Handler: p.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(p.done)
		p.server.Serve(l)
	}()
	return p, nil
}

// Start runs a provider that ends with the test.
func Start(tb testing.TB, c Config) *Provider {
	tb.Helper()
	p, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// Close ends the provider and its connections.
func (p *Provider) Close() error {
	err := p.server.Close()
	<-p.done
	return err
}

// Handler is what the provider serves, at paths below its issuer.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /jwks", p.jwks)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /authorize", p.signIn)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	mux.HandleFunc("POST /userinfo", p.userinfo)
	mux.HandleFunc("GET /login.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "login.css") })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]any{
		"issuer":                                p.Issuer,
		"authorization_endpoint":                p.Issuer + "/authorize",
		"token_endpoint":                        p.Issuer + "/token",
		"userinfo_endpoint":                     p.Issuer + "/userinfo",
		"jwks_uri":                              p.Issuer + "/jwks",
		"scopes_supported":                      []string{"openid", "email", "profile"},
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"grant_types_supported":                 []string{"authorization_code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":      []string{"S256"},
		"claims_supported":                      []string{"sub", "name", "given_name", "family_name", "email", "email_verified"},

		"authorization_response_iss_parameter_supported": true,
	})
}

// Settings gives what Kratos' selfservice.methods.oidc wants to use the
// provider under the id. The client's redirect URI is then
// {base_url}/self-service/methods/oidc/callback/{id}.
func (p *Provider) Settings(id, label, mapperURL string) map[string]any {
	return map[string]any{
		"enabled": true,
		"config": map[string]any{"providers": []any{map[string]any{
			"id": id, "label": label, "provider": "generic", "issuer_url": p.Issuer, "mapper_url": mapperURL,
			"client_id": p.config.ClientID, "client_secret": p.config.ClientSecret, "scope": []string{"openid", "email", "profile"},
		}}},
	}
}
