package actions_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/result"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// The passwords of the tests carry a mark that must never be shown.
const (
	mark   = "s3cr3t-mark"
	oldPwd = "old-" + mark + "-password"
	newPwd = "new-" + mark + "-password"
)

// rig is an environment for actions on a real server.
type rig struct {
	*kratostest.Server
	t   *testing.T
	env actions.Env
}

// each runs a test on every server and database that there are.
func each(t *testing.T, test func(r *rig)) {
	t.Helper()
	t.Parallel()
	kratostest.Each(t, func(t *testing.T, s *kratostest.Server) { test(newRig(t, s)) })
}

func newRig(t *testing.T, s *kratostest.Server) *rig {
	t.Helper()
	client, err := kratos.New(kratos.Options{Endpoint: s.AdminURL})
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Server: s, t: t, env: actions.Env{Kratos: client, Secrets: secrets{}, Wording: wording{}, BcryptCost: bcrypt.MinCost}}
}

// with gives the same rig with another environment.
func (r *rig) with(change func(*actions.Env)) *rig {
	other := *r
	change(&other.env)
	return &other
}

// secrets are Juju secrets by reference.
type secrets map[string]map[string]string

func (s secrets) Secret(_ context.Context, reference string) (map[string]string, error) {
	content, ok := s[reference]
	if !ok {
		return nil, fault.New(fault.NotFound, "no secret %s", reference)
	}
	return content, nil
}

type wording struct{}

func (wording) Param(name, value string) string { return name + "=" + value }

func (wording) Command(action string, params ...string) string {
	return "agent " + action + " " + strings.Join(params, " ")
}

func (w wording) SetPassword(id string) string {
	return w.Command("reset-password", "identity-id", id, "password-secret-id", "SECRET-ID")
}

// params are parameters as Juju would send them.
type params = map[string]any

// do runs an action and looks that nothing secret is shown.
func (r *rig) do(name string, given params) (result.Result, error) {
	r.t.Helper()
	handler, ok := actions.Find(name)
	declaration, declared := spec.Find(declared(r.t), name)
	if !ok || !declared {
		r.t.Fatalf("no action %s", name)
	}
	got, err := handler.Do(r.t.Context(), declaration, r.env, given)
	for _, f := range got.Fields {
		if !slices.ContainsFunc(declaration.Results, func(r spec.Result) bool { return r.Name == f.Key }) {
			r.t.Errorf("%s: the result %s is not declared", name, f.Key)
		}
	}
	shown := strings.Join(got.Notes, "\n")
	fields, _ := got.Flat()
	for _, f := range fields {
		shown += "\n" + f.Key + "=" + f.Text()
	}
	if err != nil {
		shown += "\n" + err.Error() + "\n" + fault.HintOf(err)
	}
	if strings.Contains(shown, mark) || strings.Contains(shown, "$2a$") {
		r.t.Errorf("%s shows a secret:\n%s", name, shown)
	}
	return got, err
}

// must runs an action that has to succeed.
func (r *rig) must(name string, given params) result.Result {
	r.t.Helper()
	got, err := r.do(name, given)
	if err != nil {
		r.t.Fatalf("%s: %v (%s)", name, err, fault.HintOf(err))
	}
	return got
}

// fails runs an action that has to fail in this way.
func (r *rig) fails(name string, given params, kind fault.Kind, texts ...string) result.Result {
	r.t.Helper()
	got, err := r.do(name, given)
	if err == nil {
		r.t.Fatalf("%s has succeeded: %v", name, got.Fields)
	}
	whole := err.Error() + "\n" + fault.HintOf(err)
	if fault.KindOf(err) != kind {
		r.t.Errorf("%s: kind %s, want %s: %s", name, fault.KindOf(err), kind, whole)
	}
	for _, text := range texts {
		if !strings.Contains(whole, text) {
			r.t.Errorf("%s: the error does not hold %q:\n%s", name, text, whole)
		}
	}
	return got
}

// email gives an address that no other test has.
func (r *rig) email() string {
	return "u" + strings.ToLower(rand.Text()) + "@example.com"
}

// person creates an identity of the default schema.
func (r *rig) person(email string, options ...kratostest.Option) string {
	r.t.Helper()
	return r.create(kratostest.DefaultSchema, map[string]any{"email": email}, options...)
}

func (r *rig) create(schema string, traits map[string]any, options ...kratostest.Option) string {
	r.t.Helper()
	id, err := r.CreateIdentity(r.t.Context(), schema, traits, options...)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// ok fails the test on an error of the setup or of a look.
func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// signsIn looks whether the password signs in.
func (r *rig) signsIn(identifier, password string) kratostest.Session {
	r.t.Helper()
	session, err := r.Login(r.t.Context(), identifier, password)
	r.ok(err)
	return session
}

// refused looks whether the password is refused.
func (r *rig) refused(identifier, password string) {
	r.t.Helper()
	if _, err := r.Login(r.t.Context(), identifier, password); !errors.Is(err, kratostest.ErrWrongCredentials) {
		r.t.Errorf("the sign-in of %s was not refused: %v", identifier, err)
	}
}

// alive looks whether a session lives.
func (r *rig) alive(session kratostest.Session) bool {
	r.t.Helper()
	status, _, _, err := r.Whoami(r.t.Context(), session.Token)
	r.ok(err)
	return status != http.StatusUnauthorized
}

// document is the identity at Kratos, with the credentials that are named.
func (r *rig) document(id, query string) map[string]any {
	r.t.Helper()
	status, body, err := r.Admin(r.t.Context(), http.MethodGet, "/admin/identities/"+id+query, nil)
	r.ok(err)
	if status == http.StatusNotFound {
		return nil
	}
	var doc map[string]any
	r.ok(json.Unmarshal(body, &doc))
	return doc
}

// noted looks for a note.
func (r *rig) noted(got result.Result, text string) {
	r.t.Helper()
	if !strings.Contains(strings.Join(got.Notes, "\n"), text) {
		r.t.Errorf("no note holds %q: %q", text, got.Notes)
	}
}

// is looks at a result.
func (r *rig) is(got result.Result, key string, want string) {
	r.t.Helper()
	for _, f := range got.Fields {
		if f.Key == key {
			if f.Text() != want {
				r.t.Errorf("%s is %q, want %q", key, f.Text(), want)
			}
			return
		}
	}
	r.t.Errorf("there is no result %s: %v", key, got.Fields)
}

// fieldsOf gives results as Juju would show them.
func fieldsOf(fields []result.Field, _ bool) map[string]string {
	all := map[string]string{}
	for _, f := range fields {
		all[f.Key] = f.Text()
	}
	return all
}
