package kratos_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// bench is a real server and a client of it.
type bench struct {
	*kratostest.Server
	client *kratos.Client
}

// onEach runs the test on every server and database.
func onEach(t *testing.T, test func(t *testing.T, b bench)) {
	t.Parallel()
	kratostest.Each(t, func(t *testing.T, s *kratostest.Server) { test(t, bench{s, newClient(t, s.AdminURL)}) })
}

// person creates an identity of the default schema past the client, and gives
// its id and email.
func (b bench) person(t *testing.T, options ...kratostest.Option) (id, email string) {
	t.Helper()
	email = kratostest.Email(t)
	return must[string](t)(b.CreateIdentity(t.Context(), "", map[string]any{"email": email}, options...)), email
}

// document reads an identity past the client.
func (b bench) document(t *testing.T, id string) map[string]any {
	t.Helper()
	status, body, err := b.Admin(t.Context(), http.MethodGet, "/admin/identities/"+id, nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, body, err)
	}
	return object(t, body)
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func hash(t *testing.T, password string) kratos.Hash {
	t.Helper()
	return kratos.Hash(must[[]byte](t)(bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)))
}

// TestIdentity: what Kratos holds arrives unchanged, but for the configuration
// of credentials.
func TestIdentity(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		email := kratostest.Email(t)
		traits := map[string]any{
			"email": email, "big": json.Number("12345678901234567890"), "exact": json.Number("1.0000000000000000000000001"),
			"camelCase": []any{"a", nil}, "html": "<&>",
		}
		id := must[string](t)(b.CreateIdentity(t.Context(), "", traits, kratostest.WithPassword(mark), kratostest.WithOIDC("github", email),
			kratostest.With("metadata_public", "a string"), kratostest.With("metadata_admin", []any{json.Number("98765432109876543210")})))
		got := must[kratos.Identity](t)(b.client.Identity(t.Context(), id))
		if got.ID != id || got.SchemaID != kratostest.DefaultSchema || got.State != kratos.Active {
			t.Errorf("identity %+v", got)
		}
		if diff := cmp.Diff(b.document(t, id), object(t, got.Document)); diff != "" {
			t.Errorf("the document is another: %s", diff)
		}
		if diff := cmp.Diff(traits, object(t, got.Traits)); diff != "" {
			t.Errorf("the traits are others: %s", diff)
		}
		wantIdentifiers := map[string][]string{
			kratos.Password: {email}, kratos.WebAuthn: {email}, kratos.Code: {email}, kratos.OIDC: {"github:" + email},
		}
		if diff := cmp.Diff(wantIdentifiers, got.Identifiers); diff != "" {
			t.Error(diff)
		}
		if strings.Contains(string(got.Document), "config") || strings.Contains(string(got.Document), "$2a$") {
			t.Errorf("secrets in %s", got.Document)
		}
		upper := must[kratos.Identity](t)(b.client.Identity(t.Context(), strings.ToUpper(id)))
		if upper.ID != id {
			t.Errorf("identity %s by its id in capitals", upper.ID)
		}
	})
}

// TestIdentityOfLargeTraits: a document of 200 KB is nothing special.
func TestIdentityOfLargeTraits(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		traits := map[string]any{"emailAddress": kratostest.Email(t), "largeTrait": strings.Repeat("x", 200_000)}
		id := must[string](t)(b.CreateIdentity(t.Context(), kratostest.CamelSchema, traits))
		got := must[kratos.Identity](t)(b.client.Identity(t.Context(), id))
		if diff := cmp.Diff(traits, object(t, got.Traits)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestNobody: what every method says of an identity that is not there, and of an
// id that is none.
func TestNobody(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		c, ctx := b.client, t.Context()
		notFound := want{kind: fault.NotFound, is: kratos.ErrNoIdentity}
		none := want{kind: fault.NotFound, is: kratos.ErrNone}
		usage := want{kind: fault.Usage}
		for _, m := range []struct {
			name           string
			call           func(id string) error
			ghost, notUUID want
		}{
			{"Identity", func(id string) error { _, err := c.Identity(ctx, id); return err }, notFound, notFound},
			{"Credentials", func(id string) error { _, err := c.Credentials(ctx, id); return err }, notFound, notFound},
			{"SetPasswordHash", func(id string) error { _, err := c.SetPasswordHash(ctx, id, mark); return err }, notFound, notFound},
			{"SetState", func(id string) error { _, err := c.SetState(ctx, id, kratos.Inactive); return err }, notFound, notFound},
			{"DeleteIdentity", func(id string) error { return c.DeleteIdentity(ctx, id) }, notFound, notFound},
			{"DeleteCredential totp", func(id string) error { return c.DeleteCredential(ctx, id, kratos.TOTP, "") }, notFound, notFound},
			{"DeleteCredential oidc", func(id string) error { return c.DeleteCredential(ctx, id, kratos.OIDC, "a:b") }, notFound, notFound},
			{"DeleteSessions", func(id string) error { return c.DeleteSessions(ctx, id) }, none, usage},
			{"RecoveryCode", func(id string) error { _, err := c.RecoveryCode(ctx, id, time.Hour); return err }, notFound, usage},
			{"RecoveryLink", func(id string) error { _, err := c.RecoveryLink(ctx, id, time.Hour); return err }, notFound, usage},
		} {
			t.Run(m.name, func(t *testing.T) {
				m.ghost.check(t, m.call(ghost))
				m.notUUID.check(t, m.call("not a uuid?#%+&"))
				for _, never := range []string{"", " \t", ".", "..", ghost + "/sessions"} {
					usage.check(t, m.call(never))
				}
			})
		}
		if n, err := c.ActiveSessions(ctx, ghost); n != 0 || err != nil {
			t.Errorf("%d sessions of nobody, %v", n, err)
		}
		_, err := c.ActiveSessions(ctx, "not-a-uuid")
		usage.check(t, err)
	})
}

func TestFindIdentities(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		plus := "plus+" + kratostest.Email(t)
		id := must[string](t)(b.CreateIdentity(t.Context(), "", map[string]any{"email": plus}, kratostest.WithOIDC("find", plus)))
		admin := map[string]any{"username": "Ädmin-" + kratostest.Email(t), "email": kratostest.Email(t)}
		adminID := must[string](t)(b.CreateIdentity(t.Context(), kratostest.AdminSchema, admin))
		contact := map[string]any{"username": "u-" + kratostest.Email(t), "contact_email": kratostest.Email(t)}
		contactID := must[string](t)(b.CreateIdentity(t.Context(), kratostest.ContactSchema, contact))
		for _, q := range []struct {
			name, identifier string
			want             []string
		}{
			{"email with a plus", plus, []string{id}},
			{"other case and blanks", " \t" + strings.ToUpper(plus) + "\n", []string{id}},
			{"a social login", "find:" + plus, []string{id}},
			{"username", admin["username"].(string), []string{adminID}},
			{"email of an admin", admin["email"].(string), []string{adminID}},
			{"username beside a contact address", contact["username"].(string), []string{contactID}},
			{"contact address alone", contact["contact_email"].(string), nil},
			{"unknown", "nobody&page_size=1@example.com", nil},
			{"percent", "%", nil},
		} {
			t.Run(q.name, func(t *testing.T) {
				var got []string
				for _, i := range must[[]kratos.Identity](t)(b.client.FindIdentities(t.Context(), q.identifier)) {
					if !i.Carries(q.identifier) {
						t.Errorf("it does not carry the identifier: %s", i.Document)
					}
					got = append(got, i.ID)
				}
				if diff := cmp.Diff(q.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
		for _, blank := range []string{"", " ", "\t\n"} {
			_, err := b.client.FindIdentities(t.Context(), blank)
			want{kind: fault.Usage}.check(t, err)
		}
	})
}

// TestFindSeveral: one person's username can be another's social login.
func TestFindSeveral(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		subject := kratostest.Email(t)
		social, _ := b.person(t, kratostest.WithOIDC("dup", subject))
		named := must[string](t)(b.CreateIdentity(t.Context(), kratostest.UsernameSchema, map[string]any{"username": "dup:" + subject}))
		found := map[string]bool{}
		for _, i := range must[[]kratos.Identity](t)(b.client.FindIdentities(t.Context(), "dup:"+subject)) {
			found[i.ID] = i.SignsInWith("dup:" + subject)
		}
		if diff := cmp.Diff(map[string]bool{social: false, named: true}, found); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCreateIdentity(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		email, password := kratostest.Email(t), mark+"-create"
		traits := map[string]any{"email": email, "employee": json.Number("12345678901234567890")}
		made := must[kratos.Identity](t)(b.client.CreateIdentity(t.Context(), kratos.NewIdentity{Traits: traits, PasswordHash: hash(t, password)}))
		if made.SchemaID != kratostest.DefaultSchema || made.State != kratos.Active {
			t.Errorf("identity %+v", made)
		}
		if diff := cmp.Diff(any(traits), b.document(t, made.ID)["traits"]); diff != "" {
			t.Error(diff)
		}
		must[kratostest.Session](t)(b.Login(t.Context(), email, password))

		username := "admin-" + email
		admin := must[kratos.Identity](t)(b.client.CreateIdentity(t.Context(), kratos.NewIdentity{
			SchemaID: kratostest.AdminSchema, Traits: map[string]any{"username": username, "email": "admin-" + email},
		}))
		if !admin.SignsInWith(username) || !admin.SignsInWith("ADMIN-"+email) {
			t.Errorf("identifiers %v", admin.Identifiers)
		}
	})
}

func TestCreateIdentityRefused(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		_, taken := b.person(t)
		for _, refused := range []struct {
			name string
			new  kratos.NewIdentity
			want want
		}{
			{"email taken", kratos.NewIdentity{Traits: map[string]any{"email": strings.ToUpper(taken)}},
				want{kind: fault.Conflict, is: kratos.ErrConflict, texts: []string{"conflicts with another identity"}}},
			{"bad email", kratos.NewIdentity{Traits: map[string]any{"email": "no address"}},
				want{kind: fault.Usage, texts: []string{`traits.email: "no address" is not valid "email"`}, not: []string{"validation failed"}}},
			{"no traits", kratos.NewIdentity{},
				want{kind: fault.Usage, texts: []string{`missing properties: "email"`}}},
			{"two faults", kratos.NewIdentity{SchemaID: kratostest.AdminSchema, Traits: map[string]any{"username": "x", "zzz": 1}},
				want{kind: fault.Usage, texts: []string{`missing properties: "email"; `, `"zzz" not allowed`}}},
			{"unknown schema", kratos.NewIdentity{SchemaID: "nope", Traits: map[string]any{}},
				want{kind: fault.Usage, texts: []string{"Unable to find JSON Schema ID: nope"}}},
			{"hash of no known kind", kratos.NewIdentity{Traits: map[string]any{"email": kratostest.Email(t)}, PasswordHash: mark},
				want{kind: fault.Usage, texts: []string{"does not match any known hash format"}}},
			{"traits that are no JSON", kratos.NewIdentity{Traits: map[string]any{"email": func() {}}},
				want{kind: fault.Internal}},
		} {
			t.Run(refused.name, func(t *testing.T) {
				_, err := b.client.CreateIdentity(t.Context(), refused.new)
				refused.want.check(t, err)
			})
		}
	})
}

// TestSetPasswordHash: the password changes and nothing else does.
func TestSetPasswordHash(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		for name, options := range map[string][]kratostest.Option{
			"has one":  {kratostest.WithPassword(mark + "-old")},
			"has none": {},
		} {
			t.Run(name, func(t *testing.T) {
				id, email := b.person(t, append(options, kratostest.WithOIDC("set", kratostest.Email(t)),
					kratostest.With("metadata_public", map[string]any{"team": "blue"}), kratostest.With("metadata_admin", "note"),
					kratostest.With("verifiable_addresses", []any{}))...)
				before := b.document(t, id)
				password := mark + "-new"
				got := must[kratos.Identity](t)(b.client.SetPasswordHash(t.Context(), id, hash(t, password)))
				if got.ID != id || strings.Contains(string(got.Document), "$2a$") {
					t.Errorf("answer %s", got.Document)
				}
				if diff := cmp.Diff(before, b.document(t, id), ignoreTimes); diff != "" {
					t.Error(diff)
				}
				must[kratostest.Session](t)(b.Login(t.Context(), email, password))
				if _, err := b.Login(t.Context(), email, mark+"-old"); err != kratostest.ErrWrongCredentials {
					t.Errorf("the old password: %v", err)
				}
			})
		}
	})
}

// ignoreTimes leaves out when something was changed, and the counters of
// credentials, which every update moves.
var ignoreTimes = cmp.FilterPath(func(p cmp.Path) bool {
	key, ok := p.Last().(cmp.MapIndex)
	return ok && (key.Key().String() == "updated_at" || key.Key().String() == "created_at" || key.Key().String() == "version")
}, cmp.Ignore())

// TestSetPasswordHashWithoutIdentifier: Kratos 1.3 says 200 and keeps nothing,
// which is why callers ask HasPasswordIdentifier first.
func TestSetPasswordHashWithoutIdentifier(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id := must[string](t)(b.CreateIdentity(t.Context(), kratostest.NoIdentifierSchema, map[string]any{"name": "x"}))
		if i := must[kratos.Identity](t)(b.client.Identity(t.Context(), id)); i.HasPasswordIdentifier() {
			t.Errorf("identifiers %v", i.Identifiers)
		}
		h := hash(t, mark)
		if _, err := b.client.SetPasswordHash(t.Context(), id, h); err != nil {
			want{kind: fault.Internal, texts: []string{"Kratos failed"}, not: []string{string(h)}}.check(t, err)
		}
		if got := must[kratos.Credentials](t)(b.client.Credentials(t.Context(), id)); got.PasswordHash != "" {
			t.Error("a hash is kept")
		}
	})
}

func TestSetState(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id, email := b.person(t, kratostest.WithPassword(mark), kratostest.With("metadata_public", []any{"kept"}))
		before := b.document(t, id)
		for _, state := range []string{kratos.Inactive, kratos.Inactive, kratos.Active} {
			got := must[kratos.Identity](t)(b.client.SetState(t.Context(), id, state))
			if now := b.document(t, id)["state"]; got.State != state || now != state {
				t.Errorf("the answer says %s and the identity is %s, want %s", got.State, now, state)
			}
			if _, err := b.Login(t.Context(), email, mark); (err == kratostest.ErrAccountDisabled) != (state == kratos.Inactive) {
				t.Errorf("%s: the sign-in says %v", state, err)
			}
		}
		after := b.document(t, id)
		delete(before, "state_changed_at")
		delete(after, "state_changed_at")
		if diff := cmp.Diff(before, after, ignoreTimes); diff != "" {
			t.Error(diff)
		}
		_, err := b.client.SetState(t.Context(), id, "bogus")
		want{kind: fault.Precondition, texts: []string{"('bogus') was not valid"}}.check(t, err)
	})
}

func TestDeleteIdentity(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id, email := b.person(t, kratostest.WithPassword(mark))
		session := must[kratostest.Session](t)(b.Login(t.Context(), email, mark))
		if err := b.client.DeleteIdentity(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if status, _, err := b.Admin(t.Context(), http.MethodGet, "/admin/identities/"+id, nil); err != nil || status != http.StatusNotFound {
			t.Errorf("it is still there: %d, %v", status, err)
		}
		if status, _, _, err := b.Whoami(t.Context(), session.Token); err != nil || status != http.StatusUnauthorized {
			t.Errorf("its session lives: %d, %v", status, err)
		}
		want{kind: fault.NotFound, is: kratos.ErrNoIdentity, texts: []string{id}}.check(t, b.client.DeleteIdentity(t.Context(), id))
	})
}

// TestNumberAsMetadata: Kratos takes it; on SQLite it cannot show the identity
// any more, which is told as its own failure.
func TestNumberAsMetadata(t *testing.T) {
	onEach(t, func(t *testing.T, b bench) {
		id, _ := b.person(t, kratostest.With("metadata_admin", 7))
		got, err := b.client.Identity(t.Context(), id)
		if err != nil {
			want{kind: fault.Internal, texts: []string{"Kratos failed: json: error"}, hints: []string{"Kratos' log"}}.check(t, err)
			return
		}
		if seven := object(t, got.Document)["metadata_admin"]; seven != json.Number("7") {
			t.Errorf("metadata %v", seven)
		}
	})
}
