package kratostest

import (
	"context"
	"fmt"
	"net/http"
)

// Admin asks the admin API, whose paths begin with "/admin/", and gives the
// answer as it is.
func (s *Server) Admin(ctx context.Context, method, path string, body any) (status int, response []byte, err error) {
	a, err := send(ctx, request{method: method, url: s.AdminURL + path, body: body})
	return a.status, a.body, err
}

// admin asks the admin API for what must succeed.
func (s *Server) admin(ctx context.Context, doing, method, path string, body any) (answer, error) {
	a, err := send(ctx, request{method: method, url: s.AdminURL + path, body: body})
	if err != nil {
		return a, fmt.Errorf("cannot %s: %w", doing, err)
	}
	if a.status/100 != 2 {
		return a, a.unexpected(doing)
	}
	return a, nil
}

// Option is one property of an identity to create.
type Option func(body map[string]any)

// WithPassword gives the identity a password, which the server hashes.
func WithPassword(clear string) Option {
	return credential("password", map[string]any{"password": clear})
}

// WithPasswordHash gives the identity a password by its hash.
func WithPasswordHash(hash string) Option {
	return credential("password", map[string]any{"hashed_password": hash})
}

// WithOIDC links a social login.
func WithOIDC(provider, subject string) Option {
	return func(body map[string]any) {
		link := map[string]any{"provider": provider, "subject": subject}
		credentials := within(body, "credentials")
		config := within(within(credentials, "oidc"), "config")
		links, _ := config["providers"].([]any)
		config["providers"] = append(links, link)
	}
}

// With sets a member of the request's body, such as "state" or
// "metadata_public".
func With(key string, value any) Option {
	return func(body map[string]any) { body[key] = value }
}

func credential(kind string, config map[string]any) Option {
	return func(body map[string]any) {
		within(body, "credentials")[kind] = map[string]any{"config": config}
	}
}

// within gives the map at the key, made if it is not there.
func within(m map[string]any, key string) map[string]any {
	below, ok := m[key].(map[string]any)
	if !ok {
		below = map[string]any{}
		m[key] = below
	}
	return below
}

// CreateIdentity creates an identity and gives its id.
func (s *Server) CreateIdentity(ctx context.Context, schema string, traits map[string]any, options ...Option) (string, error) {
	body := map[string]any{"schema_id": schema, "traits": traits}
	for _, o := range options {
		o(body)
	}
	const doing = "create the identity"
	a, err := s.admin(ctx, doing, http.MethodPost, "/admin/identities", body)
	if err != nil {
		return "", err
	}
	var created struct{ ID string }
	return created.ID, a.into(doing, &created)
}

// patch is one operation of a JSON patch.
type patch struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// Patch adds a value to an identity by a JSON patch, which goes past every
// check that Kratos makes of credentials.
func (s *Server) Patch(ctx context.Context, id, path string, value any) error {
	_, err := s.admin(ctx, "patch the identity", http.MethodPatch, "/admin/identities/"+id, []patch{{"add", path, value}})
	return err
}
