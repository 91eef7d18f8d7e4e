package charm

import (
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kube"
)

var update = flag.Bool("update", false, "write the golden files anew")

func secretText(text string) kratosconf.Secret { return kratosconf.Secret(text) }

// worlds are the table: what is known, by the name of the golden file that has
// what follows from it.
func worlds() map[string]World {
	schemas := `{"user_v1": {"$id": "user_v1", "type": "object", "properties": {"traits": {"type": "object", "properties": {` +
		`"email": {"type": "string", "format": "email", "ory.sh/kratos": {"credentials": {"password": {"identifier": true}}}}}}}}}`
	return map[string]World{
		"database-alone":     world(),
		"no-container":       world(func(w *World) { w.Container = Container{} }),
		"no-database":        world(running, without(relation.DatabaseEndpoint)),
		"no-database-fresh":  world(without(relation.DatabaseEndpoint)),
		"no-peers":           world(without(relation.PeersEndpoint)),
		"database-unsaid":    world(func(w *World) { w.Relations[relation.DatabaseEndpoint][0].RemoteApp = nil }),
		"database-tls":       world(func(w *World) { w.Relations[relation.DatabaseEndpoint][0].RemoteApp["tls"] = "True" }),
		"no-keys":            world(func(w *World) { w.Keys = nil }),
		"no-keys-follower":   world(func(w *World) { w.Keys = nil }, follower),
		"keys-taken-over":    world(func(w *World) { w.Keys = &Keys{Cookie: w.Keys.Cookie} }),
		"keys-old-follower":  world(func(w *World) { w.Keys = &Keys{Cookie: w.Keys.Cookie} }, follower),
		"empty":              world(peers(nil), found(DatabaseEmpty)),
		"empty-follower":     world(peers(nil), follower),
		"encrypted":          world(peers(relation.Databag{"migration_version_2": `"v1.3.1"`, "leader": `"kratos/0"`, "encrypted_database_2": "true"})),
		"older":              world(peers(relation.Databag{"migration_version_2": `"v1.1.0"`}), found(DatabaseHolds)),
		"older-follower":     world(peers(relation.Databag{"migration_version_2": `"v1.1.0"`}), follower),
		"older-asked":        world(peers(relation.Databag{"migration_version_2": `"v1.1.0"`}), found(DatabaseHolds), func(w *World) { w.Asked = AskedMigration }),
		"unrecorded":         world(peers(nil), found(DatabaseHolds)),
		"newer":              world(running, peers(relation.Databag{"migration_version_2": `"v26.2.0"`})),
		"database-away":      world(peers(nil), found(DatabaseAway)),
		"version-unreadable": world(func(w *World) { w.Container.Version = "" }, found(DatabaseHolds)),
		"follower":           world(follower, smtpServer),
		"everything":         world(append(observers, loginUI, publicRoute, smtpServer, github, hydra, internalRoute, kratosInfo, configMaps())...),
		"mail":               world(loginUI, smtpServer, option(func(o *Options) { o.Verification = true; o.RecoveryTemplate = "<p>{{ .RecoveryCode }}</p>" }), func(w *World) { w.VerificationTemplate = "Hi {{ .VerificationCode }}" }),
		"no-local-idp":       world(loginUI, publicRoute, github, kratosInfo, configMaps(), option(func(o *Options) { o.LocalIDP, o.Verification = false, true })),
		"passwordless":       world(loginUI, publicRoute, kratosInfo, configMaps(), option(func(o *Options) { o.Passwordless, o.EnforceMFA = true, false })),
		"sequencing":         world(loginUI, publicRoute, option(func(o *Options) { o.Sequencing = true })),
		"sequencing-no-url":  world(option(func(o *Options) { o.Sequencing = true })),
		"mfa-conflict":       world(option(func(o *Options) { o.Sequencing, o.Passwordless = true, true })),
		"verification-no-ui": world(running, option(func(o *Options) { o.Verification = true })),
		"log-level-warn":     world(option(func(o *Options) { o.LogLevel = "warn" })),
		"log-level-bad":      world(running, option(func(o *Options) { o.LogLevel = "loud" })),
		"proxy-bad":          world(option(func(o *Options) { o.HTTPProxy = "http://:3128" })),
		"memory-bad":         world(running, option(func(o *Options) { o.Memory = "lots" })),
		"limits":             world(configMaps(), option(func(o *Options) { o.CPU, o.Memory = "500m", "1Gi" })),
		"schemas":            world(option(func(o *Options) { o.IdentitySchemas, o.DefaultSchemaID = schemas, "user_v1" })),
		"schemas-no-default": world(option(func(o *Options) { o.IdentitySchemas = schemas })),
		"schemas-default-is": world(option(func(o *Options) { o.IdentitySchemas, o.DefaultSchemaID = schemas, "nope" })),
		"schemas-not-json":   world(option(func(o *Options) { o.IdentitySchemas, o.DefaultSchemaID = "{", "user_v1" })),
		"schemas-broken": world(option(func(o *Options) {
			o.IdentitySchemas, o.DefaultSchemaID = strings.Replace(schemas, `"string"`, `"strin"`, 1), "user_v1"
		})),
		"default-built-in": world(option(func(o *Options) { o.DefaultSchemaID = "admin_v0" })),
		"configmaps": world(configMaps(
			kube.ConfigMap{Name: "identity-schemas", Owner: "kratos", Data: map[string]string{"default.schema": "user_v1", "user_v1": schemas[len(`{"user_v1": `) : len(schemas)-1]}},
			kube.ConfigMap{Name: "oidc-providers", Owner: "kratos", Data: map[string]string{"idps.json": `[{"id": "g", "provider": "google", "client_id": "c", "client_secret": "123456", "mapper_url": "base64://eA=="}]`}},
		)),
		"configmaps-foreign": world(configMaps(kube.ConfigMap{Name: "identity-schemas", Owner: "other"})),
		"configmap-broken": world(configMaps(
			kube.ConfigMap{Name: "oidc-providers", Owner: "kratos", Data: map[string]string{"idps.json": `[{"id": 7, "client_secret": "` + mark + `"`}},
		)),
		"configmap-refused": world(running, configMaps(
			kube.ConfigMap{Name: "oidc-providers", Owner: "kratos", Data: map[string]string{"idps.json": `[{"id": "g", "provider": "generic", "client_id": "c", "client_secret": "` + mark + `"}]`}},
		)),
		"not-trusted": world(func(w *World) {
			w.Cluster = Cluster{Asked: true, Err: errors.Join(kube.ErrForbidden)}
			w.Container.Memory.ConfigMaps = &ConfigMapData{Schemas: map[string]string{"default.schema": "admin_v0"}}
		}),
		"webhooks": world(
			hook(relation.LoginWebhookEndpoint, 30, nil),
			hook(relation.RegistrationWebhookEndpoint, 31, relation.Databag{"weight": "2", "methods": `["oidc"]`, "auth_config_value": mark}),
			hook(relation.RegistrationWebhookEndpoint, 32, relation.Databag{"weight": "1", "mode": "before", "response_parse": "True"}),
			loginUI,
		),
		"webhook-no-grant":  world(hook(relation.LoginWebhookEndpoint, 30, relation.Databag{"auth_config_value_secret": "secret:c2vd70aqmsc7s0v0brt0"})),
		"webhook-file-body": world(hook(relation.LoginWebhookEndpoint, 30, relation.Databag{"body": "file:///etc/passwd"})),
		"provider-broken":   world(running, remote(relation.ExternalIDPEndpoint, 13, relation.Databag{"providers": `[{"provider":"generic","client_id":"c","client_secret":"` + mark + `"}]`})),
		"provider-fresh":    world(remote(relation.ExternalIDPEndpoint, 13, relation.Databag{"providers": `{` + mark})),
		"no-public-route":   world(github, kratosInfo),
		"route-unsaid":      world(github, remote(relation.PublicRouteEndpoint, 11, nil)),
		"held-rotation": world(running, rotating(1), option(func(o *Options) { o.LogLevel = "loud" }), func(w *World) {
			w.Relations[relation.DatabaseEndpoint][0].RemoteApp["password"] = "new-" + mark
		}),
		"held-new-authority": world(running, option(func(o *Options) { o.LogLevel = "loud" }), func(w *World) {
			w.Relations[relation.DatabaseEndpoint][0].RemoteApp["tls"] = "True"
			w.Relations[relation.DatabaseEndpoint][0].RemoteApp["tls-ca"] = pemCertificate
		}),
		"rotation-alone": world(func(w *World) {
			w.Asked = AskedRotation
			w.Relations[relation.PeersEndpoint][0].RemoteUnits = map[string]relation.Databag{}
		}),
		"rotation-first":    world(func(w *World) { w.Asked = AskedRotation }, peerUnits(nil)),
		"rotation-waiting":  world(rotating(1), peerUnits(relation.Databag{})),
		"rotation-second":   world(rotating(1), peerUnits(relation.Databag{"secret_rotation": `{"number":1,"step":1}`})),
		"rotation-through":  world(rotating(2), peerUnits(relation.Databag{})),
		"builtin-ui":        world(publicRoute, kratosInfo, configMaps(), builtin),
		"builtin-ui-alone":  world(builtin, follower),
		"builtin-ui-off":    world(publicRoute, builtin, running, option(func(o *Options) { o.BuiltinUI = false })),
		"builtin-ui-beside": world(publicRoute, loginUI, builtin),
		"builtin-ui-hydra":  world(publicRoute, hydra, builtin),
		"proxy-no-scheme":   world(option(func(o *Options) { o.HTTPProxy = "squid.internal:3128" })),
		"providers-none":    world(configMaps(kube.ConfigMap{Name: "oidc-providers", Owner: "kratos", Data: map[string]string{"idps.json": "[]"}})),
		"cluster-away": world(func(w *World) {
			w.Cluster = Cluster{Asked: true, Err: fault.New(fault.Unavailable, "cannot reach Kubernetes")}
		}),
		"cluster-away-run": world(running, func(w *World) {
			w.Cluster = Cluster{Asked: true, Err: fault.New(fault.Unavailable, "cannot reach Kubernetes")}
		}),
		"configmap-taken": world(running, func(w *World) {
			w.Cluster = Cluster{Asked: true, Err: fault.New(fault.Conflict, "cannot make it").WithHint("label it")}
		}),
		"related-anew": world(func(w *World) { w.Relations[relation.DatabaseEndpoint][0].ID = 9 }, peers(relation.Databag{
			"migration_version_2": `"v1.3.1"`, "encrypted_database_2": "true", "database_address_2": `"pg.iam.svc:5432/iam_kratos"`,
		})),
		"another-related": world(func(w *World) { w.Relations[relation.DatabaseEndpoint][0].ID = 9 }, found(DatabaseHolds), peers(relation.Databag{
			"migration_version_2": `"v1.3.1"`, "encrypted_database_2": "true", "database_address_2": `"pg.iam.svc:5432/other"`,
		})),
		"related-anew-older": world(func(w *World) { w.Relations[relation.DatabaseEndpoint][0].ID = 9 }, found(DatabaseHolds), peers(relation.Databag{
			"migration_version_2": `"v26.2.0"`, "encrypted_database_2": "true", "database_address_2": `"pg.iam.svc:5432/iam_kratos"`,
		})),
		"silent-neighbours": world(remote(relation.SMTPEndpoint, 12, nil), remote(relation.LoginUIEndpoint, 10, nil)),
		"webhook-silent": world(hook(relation.LoginWebhookEndpoint, 30, nil), running, func(w *World) {
			w.Relations[relation.LoginWebhookEndpoint][0].RemoteApp = nil
		}),
		"held-courier":      world(smtpServer, follower, running, option(func(o *Options) { o.LogLevel = "loud" }), func(w *World) { w.Leader = true }),
		"held-courier-gone": world(smtpServer, running, option(func(o *Options) { o.LogLevel = "loud" }), follower),
		"held-migration": world(github, running, peers(relation.Databag{"migration_version_2": `"v1.1.0"`}), func(w *World) {
			w.Asked = AskedMigration
			w.Relations[relation.ExternalIDPEndpoint][0].RemoteApp = relation.Databag{"providers": "{"}
		}),
		"mute":           world(func(w *World) { w.Container.Version, w.Container.Mute = "", true }, found(DatabaseHolds)),
		"new-endpoint":   world(running, func(w *World) { w.Relations[relation.DatabaseEndpoint][0].RemoteApp["endpoints"] = "pg2.iam.svc:5432" }),
		"rotation-third": world(rotating(2), func(w *World) { w.Asked = AskedRotation; w.Keys.OldCiphers = "x" + mark }),
		"build-suffix":   world(peers(relation.Databag{"migration_version_2": `"v1.3.1-f00"`}), func(w *World) { w.Container.Version = "v1.3.1-1ab" }),
		"held-new-password": world(running, option(func(o *Options) { o.LogLevel = "loud" }), func(w *World) {
			w.Relations[relation.DatabaseEndpoint][0].RemoteApp["password"] = "new-" + mark
		}),
		"small":        world(running, option(func(o *Options) { o.Memory, o.SenderName = "256Mi", "Us" })),
		"changed":      world(running, option(func(o *Options) { o.SenderName = "Us" })),
		"loki-gone":    world(all(observers...), running, without(relation.LoggingEndpoint)),
		"smtp-gone":    world(smtpServer, running, without(relation.SMTPEndpoint)),
		"led-no-more":  world(smtpServer, running, follower),
		"certificates": world(remote(relation.CACertsEndpoint, 40, relation.Databag{"version": "1", "certificates": certificate})),
	}
}

var (
	hydra         = remote(relation.HydraEndpoint, 14, relation.Databag{"admin_endpoint": "http://hydra.iam.svc:4445", "public_endpoint": "http://hydra.iam.svc:4444"})
	internalRoute = remote(relation.InternalRouteEndpoint, 15, relation.Databag{"external_host": "internal.example.com", "scheme": "http"})
	kratosInfo    = having(relation.Relation{ID: 16, Endpoint: relation.KratosInfoEndpoint})
)

const pemCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

const certificate = `["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]`

func rotating(step int) func(*World) {
	return func(w *World) {
		k := w.Keys.accepting(keysOf("n"))
		if step == 2 {
			k = k.using()
		}
		w.Keys = &k
	}
}

// peerUnits has another unit, and this one acknowledged as far as the other.
func peerUnits(bag relation.Databag) func(*World) {
	return func(w *World) {
		r := &w.Relations[relation.PeersEndpoint][0]
		r.RemoteUnits = map[string]relation.Databag{"kratos/1": bag}
		r.LocalUnit = relation.Databag{"secret_rotation": `{"number":1,"step":1}`}
	}
}

// TestPlan compares what follows from each world with its golden file.
func TestPlan(t *testing.T) {
	t.Parallel()
	for name, w := range worlds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := plan(w)
			if err != nil {
				t.Fatal(err)
			}
			status := p.status(w, Outcome{Settled: true})
			if strings.Contains(status.Message, mark) {
				t.Errorf("the status holds a secret: %s", status.Message)
			}
			golden(t, "plan/"+name, render(t, w, p))
		})
	}
}

// TestPlanIsAFunction: the same world gives the same plan, to the byte.
func TestPlanIsAFunction(t *testing.T) {
	t.Parallel()
	first, second := worlds(), worlds()
	for name := range first {
		a, _ := plan(first[name])
		b, _ := plan(second[name])
		if diff := cmp.Diff(render(t, first[name], a), render(t, second[name], b)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestSettledWorlds: where Kratos runs by the plan, the plan is still that.
func TestSettledWorlds(t *testing.T) {
	t.Parallel()
	for name, w := range worlds() {
		before, err := plan(w)
		if err != nil {
			t.Fatal(err)
		}
		if before.Workload != Serve {
			continue
		}
		w.Asked = AskedNothing
		running(&w)
		after, err := plan(w)
		if err != nil {
			t.Fatal(err)
		}
		if !w.Container.Plan.Holds(after.Layer) {
			t.Errorf("%s: the layer of a Kratos that runs by it is another", name)
		}
	}
}

// render gives a plan as a golden file has it. Secrets are as they are: they are
// made up, and where they go is what is tested.
func render(t *testing.T, w World, p Plan) string {
	t.Helper()
	status := p.status(w, Outcome{Settled: true})
	out := map[string]any{
		"status":   strings.TrimSpace(string(status.Name) + " " + status.Message),
		"workload": [...]string{"leave", "stop", "serve"}[p.Workload],
	}
	put := func(key string, there bool, value any) {
		if there {
			out[key] = value
		}
	}
	put("migrate", p.Migrate, true)
	put("try", p.Workload == Serve && p.Try, true)
	put("courier", p.Workload == Serve && p.Courier, true)
	put("files", p.Workload == Serve && len(p.Files) > 0, texts(p.Files))
	put("open", len(p.OpenPorts) > 0, p.OpenPorts)
	put("configmaps", len(p.ConfigMaps) > 0, p.ConfigMaps)
	put("limits", p.Limits != nil, p.Limits)
	put("new-keys", p.NewKeys, true)
	put("scripts", len(p.Scripts) > 0, scriptNames(p.Scripts))
	put("memory", p.Memory.ConfigMaps != nil, p.Memory)
	if p.Keys != nil {
		out["keys"] = p.Keys.content()
	}
	if p.Workload != Leave {
		out["layer"] = layerText(t, p)
	}
	if p.Workload == Serve {
		out["config"] = longBase64.ReplaceAllString(string(p.Config), "base64://...")
	}
	out["bags"] = bagTexts(p)
	text, err := yaml.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// longBase64 is what package kratosconf has golden files of.
var longBase64 = regexp.MustCompile(`base64://[A-Za-z0-9+/=]{300,}`)

func texts(files map[string][]byte) map[string]string {
	all := map[string]string{}
	for path, content := range files {
		all[path] = string(content)
	}
	return all
}

func scriptNames(scripts []Script) []string {
	var names []string
	for _, s := range scripts {
		names = append(names, s.Where+" = "+string(s.Text))
	}
	return names
}

// layerText shows the environment once, since both services have the same, and
// the hashes as names alone.
func layerText(t *testing.T, p Plan) map[string]any {
	t.Helper()
	out := map[string]any{}
	services := map[string]string{}
	for name, s := range p.Layer.Services {
		services[name] = s.Startup + " " + s.Command
		if s.Environment == nil {
			continue
		}
		env := maps.Clone(s.Environment)
		if name == serviceUI {
			out["pages"] = env
			continue
		}
		var hashes map[string]string
		if err := json.Unmarshal([]byte(env[filesVariable]), &hashes); err != nil {
			t.Error(err)
		}
		env[filesVariable] = strings.Join(slices.Sorted(maps.Keys(hashes)), " ")
		out["environment"] = env
	}
	out["services"] = services
	if len(p.Layer.Checks) > 0 {
		out["checks"] = p.Layer.Checks
	}
	if len(p.Layer.LogTargets) > 0 {
		out["log-targets"] = p.Layer.LogTargets
	}
	return out
}

func bagTexts(p Plan) map[string]any {
	out := map[string]any{}
	add := func(prefix string, b *Bag) {
		if b == nil {
			return
		}
		if b.App != nil {
			out[prefix+b.Relation.String()+" app"] = shortened(b.App)
		}
		if b.Unit != nil {
			out[prefix+b.Relation.String()+" unit"] = shortened(b.Unit)
		}
	}
	for _, b := range p.Bags {
		add("", &b)
	}
	add("migrated: ", p.Migrated)
	add("acknowledged: ", p.Acknowledged)
	return out
}

// shortened cuts what has golden files of its own in package relation.
func shortened(bag relation.Databag) relation.Databag {
	short := relation.Databag{}
	for key, value := range bag {
		if len(value) > 2000 {
			value = value[:60] + "..."
		}
		short[key] = value
	}
	return short
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name)+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%s; to write it: go test ./charm -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-%s +got)\n%s", path, diff)
	}
}
