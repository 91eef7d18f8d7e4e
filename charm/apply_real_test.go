package charm

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
	"github.com/kratos-agent/kratos-agent/internal/pgtest"
)

// applyDatabase gives an empty database of a PostgreSQL.
func applyDatabase(t *testing.T) string {
	t.Helper()
	c := pgtest.New(t)
	dsn, err := c.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// realPlan is one for a real Kratos.
func (r *applyRig) realPlan(dsn string, config kratosconf.Config) Plan {
	r.t.Helper()
	text, err := config.YAML()
	if err != nil {
		r.t.Fatal(err)
	}
	env := kratosconf.Environment{
		DSN: kratosconf.Secret(dsn), CookieSecrets: []kratosconf.Secret{applyMark + "-cookie"}, Log: kratosconf.Log{Level: "info", Format: "json"},
	}
	p := r.plan(planned{config: string(text), env: env.Map(), files: map[string][]byte{recoveryPath: []byte("template")}})
	p.Secrets = append(p.Secrets, dsn)
	return p
}

func realConfig() kratosconf.Config {
	return kratosconf.Config{
		Identity: kratosconf.Identity{
			DefaultSchemaID: kratosconf.SocialUserSchema, Schemas: kratosconf.Inline(kratosconf.BuiltInSchemas()),
		},
		SelfService: kratosconf.SelfService{DefaultReturnURL: "https://ui.example.com/"},
	}
}

// refusedConfig is one that Kratos refuses, printing the secret in it.
func refusedConfig() kratosconf.Config {
	c := realConfig()
	c.SelfService.Methods.OIDC = kratosconf.OIDCMethod{Enabled: true, Config: &kratosconf.OIDCConfig{Providers: []kratosconf.Provider{{
		ID: "a", Provider: "no-such-provider", ClientID: "a", ClientSecret: applyMark, MapperURL: kratosconf.Base64URL([]byte("{}")),
	}}}}
	return c
}

const realRefusal = "selfservice.methods.oidc.config.providers.0.provider: must be one of "

// schemas gives the identity schemas that the Kratos that serves has.
func (r *applyRig) schemas() string {
	r.t.Helper()
	url := "http://" + net.JoinHostPort(loopback, strconv.Itoa(r.public)) + "/schemas"
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	var all []struct{ ID string }
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		return err.Error()
	}
	var ids []string
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

// A real Kratos on a real PostgreSQL, from an empty database on: what is cut is
// done again, what is refused does not replace what serves, and nothing is done
// twice.
func TestApplyRealKratos(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		r := newApplyRig(t, binary, pebbletest.Options{})
		dsn := applyDatabase(t)
		p := r.realPlan(dsn, realConfig())

		p.Migrate = true
		r.cutMigration(p)
		wantOutcome(t, r.apply(p), Outcome{Migrated: true, Settled: true})
		if !strings.Contains(strings.Join(r.told, "\n"), "applied 100 migrations") {
			t.Errorf("told: %q", r.told)
		}
		wantOutcome(t, r.steady(p), Outcome{Settled: true})
		r.tryReal(dsn)
		p = r.realPlan(dsn, realConfig())
		wantOutcome(t, r.apply(stopped(p)), Outcome{Settled: true})
		wantOutcome(t, r.steady(stopped(p)), Outcome{Settled: true})
		p.Migrate = true // of what is migrated already, in a fresh container
		r.double.Restart()
		wantOutcome(t, r.apply(p), Outcome{Migrated: true, Settled: true})
	}
}

// cutMigration migrates the database, and ends that in the middle.
func (r *applyRig) cutMigration(p Plan) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	d := r.deps
	d.Tell = func(_ context.Context, text string) {
		if strings.HasPrefix(text, "applied ") {
			cancel()
		}
	}
	o, err := apply(ctx, d, r.look(), p, r.limits)
	if fault.KindOf(err) != fault.Cancelled || o.Migrated || o.MigrationErr == nil {
		r.t.Fatalf("cut in the middle of a migration: %+v, %v", o, err)
	}
}

// tryReal tries candidates beside the Kratos that serves.
func (r *applyRig) tryReal(dsn string) {
	t := r.t
	t.Helper()
	serving := r.read(configPath)
	since := r.look().Container.Services[serviceKratos].CurrentSince

	bad := r.realPlan(dsn, refusedConfig())
	bad.Try = true
	for range 2 {
		if o := r.apply(bad); !strings.HasPrefix(o.Refused, realRefusal) || o.Settled {
			t.Errorf("refused: %+v", o)
		}
	}
	if o := r.steadyBut(bad, false); !strings.HasPrefix(o.Refused, realRefusal) {
		t.Errorf("known to be refused: %+v", o)
	}

	broken := r.realPlan(dsn, realConfig())
	broken.Candidate, broken.Config = "broken", append(bytes.Clone(broken.Config), "# other\n"...)
	broken.Try, broken.Scripts = true, []Script{{Where: "selfservice.x", Text: []byte("{ a: nowhere }")}}
	wantOutcome(t, r.apply(broken), Outcome{Refused: "selfservice.x: the jsonnet has errors"})

	away := r.realPlan("postgres://u:"+applyMark+"-pw@127.0.0.1:1/d", realConfig())
	away.Try = true
	usual := r.limits
	r.limits.trial = 2 * time.Second
	wantOutcome(t, r.apply(away), Outcome{Undecided: "Kratos did not answer in time"})
	r.limits = usual

	if !bytes.Equal(r.read(configPath), serving) || !ready(t.Context(), r.world.Ports.Admin) {
		t.Error("the old one does not serve as before")
	}
	better := realConfig()
	better.Identity.Schemas = append(better.Identity.Schemas, kratosconf.Schema{ID: "more", JSON: kratosconf.BuiltInSchemas()[0].JSON}.Inline())
	good := r.realPlan(dsn, better)
	good.Try, good.Scripts = true, []Script{{Where: "selfservice.x", Text: []byte("{ a: 1 }")}}
	wantOutcome(t, r.apply(good), Outcome{Settled: true})
	if now := r.look().Container.Services[serviceKratos].CurrentSince; !now.Equal(since) {
		t.Error("a new configuration file alone restarts Kratos")
	}
	r.eventually("the new schema is live", func() bool { return strings.HasSuffix(r.schemas(), " more") })
	wantOutcome(t, r.steady(good), Outcome{Settled: true})
}

// Where nothing serves there is no trial, and the service's own end tells.
func TestApplyRealRefusal(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		r := newApplyRig(t, binary, pebbletest.Options{Grace: 5 * time.Second})
		p := r.realPlan("memory", refusedConfig())
		for range 2 {
			if o := r.apply(p); !strings.HasPrefix(o.Failed, realRefusal) || o.Settled {
				t.Errorf("%+v", o)
			}
		}
		if got := r.current(serviceKratos); got == pebble.Active {
			t.Errorf("it is %s", got)
		}
	}
}
