package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

const (
	aliceID = "11111111-1111-4111-8111-111111111111"
	bobID   = "22222222-2222-4222-8222-222222222222"
)

// fake is a server as the actions see it, with one person on it: alice.
type fake struct {
	document string // alice's; "" for nobody there
	logins   []string
	factors  kratos.Credentials
	sessions int
	fail     map[string]error // by the name of the call
	hang     string           // the call that never returns
	hung     chan struct{}    // closed when it was made
	calls    []string         // those that change something
	password kratos.Hash

	options kratos.Options // that the client was made with
}

func alice() *fake {
	return &fake{
		document: `{"id":"` + aliceID + `","schema_id":"default","state":"active",` +
			`"traits":{"email":"alice@example.com","balance":12345678901234567890,"full_name":{"first":"Alice"},"tags":["a","b"],"note":null},` +
			`"metadata_admin":"on"}`,
		logins: []string{"google:1"},
		fail:   map[string]error{},
		hung:   make(chan struct{}),
	}
}

func (f *fake) who() kratos.Identity {
	var doc struct {
		State  string
		Traits json.RawMessage
	}
	if err := json.Unmarshal([]byte(f.document), &doc); err != nil {
		panic(err)
	}
	return kratos.Identity{
		ID: aliceID, SchemaID: "default", State: doc.State, Traits: doc.Traits, Document: json.RawMessage(f.document),
		Identifiers: map[string][]string{kratos.Password: {"alice@example.com"}, kratos.OIDC: f.logins},
	}
}

// call is the way of every call: it hangs or fails where it is told to.
func (f *fake) call(ctx context.Context, name string) error {
	if f.hang == name {
		close(f.hung)
		<-ctx.Done()
		return fault.New(fault.KindOf(ctx.Err()), "cannot reach the server: cut short")
	}
	return f.fail[name]
}

func (f *fake) change(ctx context.Context, name string, args ...any) error {
	f.calls = append(f.calls, fmt.Sprint(append([]any{name + " "}, args...)...))
	err := f.call(ctx, name)
	if f.hang == name {
		return fault.Wrap(err, "").Because(errors.Join(err, kratos.ErrUncertain))
	}
	return err
}

func (f *fake) Identity(ctx context.Context, id string) (kratos.Identity, error) {
	if err := f.call(ctx, "Identity"); err != nil {
		return kratos.Identity{}, err
	}
	if f.document == "" || id != aliceID {
		return kratos.Identity{}, kratos.ErrNoIdentity
	}
	return f.who(), nil
}

func (f *fake) FindIdentities(ctx context.Context, identifier string) ([]kratos.Identity, error) {
	if err := f.call(ctx, "FindIdentities"); err != nil || f.document == "" || !f.who().SignsInWith(identifier) {
		return nil, err
	}
	return []kratos.Identity{f.who()}, nil
}

func (f *fake) Credentials(ctx context.Context, _ string) (kratos.Credentials, error) {
	c := f.factors
	c.PasswordHash = f.password
	return c, f.call(ctx, "Credentials")
}

func (f *fake) ActiveSessions(ctx context.Context, _ string) (int, error) {
	return f.sessions, f.call(ctx, "ActiveSessions")
}

func (f *fake) CreateIdentity(ctx context.Context, n kratos.NewIdentity) (kratos.Identity, error) {
	err := f.change(ctx, "CreateIdentity", n.Traits["email"])
	return kratos.Identity{ID: bobID, State: kratos.Active, Identifiers: map[string][]string{kratos.Password: {fmt.Sprint(n.Traits["email"])}}}, err
}

func (f *fake) SetPasswordHash(ctx context.Context, id string, hash kratos.Hash) (kratos.Identity, error) {
	f.password = hash
	return f.who(), f.change(ctx, "SetPasswordHash", id)
}

func (f *fake) SetState(ctx context.Context, id, state string) (kratos.Identity, error) {
	return f.who(), f.change(ctx, "SetState", id, state)
}

func (f *fake) DeleteIdentity(ctx context.Context, id string) error {
	return f.change(ctx, "DeleteIdentity", id)
}

func (f *fake) DeleteCredential(ctx context.Context, id, kind, identifier string) error {
	switch kind {
	case kratos.TOTP:
		f.factors.TOTP = false
	case kratos.OIDC:
		f.logins = slices.DeleteFunc(f.logins, func(l string) bool { return l == identifier })
	}
	return f.change(ctx, "DeleteCredential", id, " ", kind, " ", identifier)
}

func (f *fake) DeleteSessions(ctx context.Context, id string) error {
	return f.change(ctx, "DeleteSessions", id)
}

func (f *fake) RecoveryCode(ctx context.Context, id string, _ time.Duration) (kratos.Recovery, error) {
	return kratos.Recovery{Link: "https://id.example.com/recovery?flow=1&a=b", Code: "123456", ExpiresAt: noon}, f.change(ctx, "RecoveryCode", id)
}

func (f *fake) RecoveryLink(ctx context.Context, id string, _ time.Duration) (kratos.Recovery, error) {
	return kratos.Recovery{Link: "https://id.example.com/recovery?token=1&a=b", ExpiresAt: noon}, f.change(ctx, "RecoveryLink", id)
}

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.FixedZone("", 3600))

// secrets is the content of the one secret there is.
type secrets map[string]string

func (s secrets) Secret(context.Context, string) (map[string]string, error) { return s, nil }
