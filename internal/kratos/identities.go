package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	ory "github.com/ory/client-go"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Identity gives the identity with the id, or [ErrNoIdentity].
func (c *Client) Identity(ctx context.Context, id string) (Identity, error) {
	r := request{doing: fmt.Sprintf("show identity %q", id)}
	r.send = func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.GetIdentity(ctx, id).Execute()
		return resp, err
	}
	return c.identity(ctx, r, id)
}

// FindIdentities gives the identities that carry the identifier at any
// credential, which may be none. Kratos compares identifiers of social logins
// too: see [Identity.SignsInWith]. A blank identifier is refused, since to Kratos
// it is no filter at all.
func (c *Client) FindIdentities(ctx context.Context, identifier string) ([]Identity, error) {
	if strings.TrimSpace(identifier) == "" {
		return nil, fault.New(fault.Usage, "cannot look up an identity: the identifier is empty")
	}
	r := request{doing: fmt.Sprintf("look up %q", identifier)}
	r.send = func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.ListIdentities(ctx).CredentialsIdentifier(identifier).Execute()
		return resp, err
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	var docs []json.RawMessage
	if err := json.Unmarshal(a.body, &docs); err != nil || docs == nil {
		return nil, c.foreign(r, a)
	}
	found := make([]Identity, len(docs))
	for i, doc := range docs {
		if found[i], err = decodeIdentity(doc); err != nil {
			return nil, c.foreign(r, a)
		}
	}
	return found, nil
}

// CreateIdentity creates an active identity, or says [ErrConflict]: another has
// one of its identifiers or addresses. What does not fit the schema is a usage
// fault with Kratos' reason.
func (c *Client) CreateIdentity(ctx context.Context, n NewIdentity) (Identity, error) {
	body := ory.NewCreateIdentityBody(n.SchemaID, n.Traits)
	if n.Traits == nil {
		body.Traits = map[string]any{}
	}
	if n.PasswordHash != "" {
		hash := string(n.PasswordHash)
		body.Credentials = &ory.IdentityWithCredentials{Password: &ory.IdentityWithCredentialsPassword{
			Config: &ory.IdentityWithCredentialsPasswordConfig{HashedPassword: &hash},
		}}
	}
	r := request{doing: "create the identity", write: true, secret: string(n.PasswordHash)}
	r.send = func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.CreateIdentity(ctx).CreateIdentityBody(*body).Execute()
		return resp, err
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return Identity{}, err
	}
	return c.decoded(r, a)
}

// SetPasswordHash sets the identity's password and nothing else of it, or says
// [ErrNoIdentity]. Kratos takes any text for a hash, and where
// [Identity.HasPasswordIdentifier] is false it stores nothing or fails, by its
// version: look first, and read back.
func (c *Client) SetPasswordHash(ctx context.Context, id string, h Hash) (Identity, error) {
	r := request{doing: fmt.Sprintf("set the password of identity %q", id), secret: string(h)}
	return c.patch(ctx, r, id, "/credentials/password/config/hashed_password", string(h))
}

// SetState makes the identity [Active] or [Inactive], or says [ErrNoIdentity].
// The state that it has then is in the identity returned.
func (c *Client) SetState(ctx context.Context, id, state string) (Identity, error) {
	r := request{doing: fmt.Sprintf("make identity %q %s", id, state)}
	return c.patch(ctx, r, id, "/state", state)
}

// patch adds one value to the identity, which leaves alone all that Kratos'
// update would wipe.
func (c *Client) patch(ctx context.Context, r request, id, path, value string) (Identity, error) {
	operations := []ory.JsonPatch{{Op: "add", Path: path, Value: value}}
	r.write = true
	// What is patched is the agent's own; so it is the rest of the identity that
	// the server takes no longer, by its schema for one.
	r.meaning = func(f refusal) problem {
		if f.status == http.StatusBadRequest && !strings.Contains(f.words(), busy) {
			return problem{kind: fault.Precondition, text: f.words(), hint: "see whether the identity still fits its schema"}
		}
		return problem{}
	}
	r.send = func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.PatchIdentity(ctx, id).JsonPatch(operations).Execute()
		return resp, err
	}
	return c.identity(ctx, r, id)
}

// DeleteIdentity deletes the identity with its credentials and sessions, or says
// [ErrNoIdentity].
func (c *Client) DeleteIdentity(ctx context.Context, id string) error {
	r := request{doing: fmt.Sprintf("delete identity %q", id), write: true}
	r.send = func(ctx context.Context) (*http.Response, error) { return c.api.DeleteIdentity(ctx, id).Execute() }
	return c.deletion(ctx, r, id)
}

// identity does a request on the identity with the id that answers with it.
func (c *Client) identity(ctx context.Context, r request, id string) (Identity, error) {
	a, err := c.onIdentity(ctx, r, id)
	if err != nil {
		return Identity{}, err
	}
	return c.decoded(r, a)
}

func (c *Client) decoded(r request, a answer) (Identity, error) {
	i, err := decodeIdentity(a.body)
	if err != nil {
		return Identity{}, c.foreign(r, a)
	}
	return i, nil
}

// deletion does a request on the identity that answers with nothing.
func (c *Client) deletion(ctx context.Context, r request, id string) error {
	a, err := c.onIdentity(ctx, r, id)
	if err != nil {
		return err
	}
	if a.status != http.StatusNoContent {
		return c.foreign(r, a)
	}
	return nil
}

// onIdentity does a request that is about the identity with the id. It refuses
// the ids that would make the path one of another endpoint: Kratos takes an
// escaped slash for a slash. All else is for Kratos to judge.
func (c *Client) onIdentity(ctx context.Context, r request, id string) (answer, error) {
	if plain := strings.TrimSpace(id); plain == "" || plain == "." || plain == ".." || strings.Contains(id, "/") {
		return answer{}, problem{kind: fault.Usage, text: "this is no identity's id"}.fault(r)
	}
	r.person = true
	return c.do(ctx, r)
}
