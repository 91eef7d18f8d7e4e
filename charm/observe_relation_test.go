package charm

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/charm/relation"
	"gopkg.in/yaml.v3"
)

// everything is a unit whose every endpoint is related, in a rotation.
const everything = `
unit: kratos/0
leader: true
others: [{unit: kratos/1}]
config: {enable_verification: true}
resources: {verification-email-template: hello}
relations:
- {id: "pg-database:1", app: pg, app-data: {database: d, endpoints: "pg:5432", secret-user: "secret:cql684nmp25c75sflo1g", secret-tls: "secret:cql684nmp25c75sflo2g"}}
- {id: "kratos-external-idp:2", app: idp, app-data: {providers: "[]"}}
- {id: "kratos-external-idp:3", app: idp-two}
- {id: "hydra-endpoint-info:4", app: hydra, app-data: {admin_endpoint: "http://hydra:4445"}}
- {id: "smtp:5", app: mailer, app-data: {host: mail, password_id: "secret:cql684nmp25c75sflo3g"}, units: {mailer/0: {}}}
- {id: "ui-endpoint-info:6", app: ui}
- {id: "kratos-registration-webhook:7", app: hooks, app-data: {auth_config_value_secret: "secret:cql684nmp25c75sflo4g"}}
- {id: "kratos-login-webhook:8", app: hooks, app-data: {auth_config_value_secret: "secret:cql684nmp25c75sflo4g"}}
- {id: "kratos-peers:9", own-app-data: {secret_rotation: '{"number":1,"step":1}'}}
- {id: "internal-route:10", app: traefik}
- {id: "receive-ca-cert:11", app: old-ca, app-data: {version: "0"}, units: {old-ca/0: {ca: x}, old-ca/1: {}}}
- {id: "receive-ca-cert:20", app: new-ca, app-data: {version: "1", certificates: "[]"}, units: {new-ca/0: {}}}
- {id: "tracing:12", app: tempo}
- {id: "logging:13", app: loki, units: {loki/0: {endpoint: "{}"}, loki/1: {}}}
- {id: "metrics-endpoint:14", app: prometheus}
- {id: "grafana-dashboard:15", app: grafana}
- {id: "kratos-info:16", app: login-ui}
- {id: "public-route:17", app: traefik}
secrets:
- {id: cql684nmp25c75sflot0, owner: kratos, label: cookie_secret, revisions: [{cookiesecret: s3cr3t-mark}]}
- {id: cql684nmp25c75sflo1g, owner: pg, grants: [kratos], revisions: [{username: u, password: s3cr3t-mark}]}
- {id: cql684nmp25c75sflo2g, owner: pg, grants: [kratos], revisions: [{tls: "True"}]}
- {id: cql684nmp25c75sflo3g, owner: mailer, grants: [kratos], revisions: [{password: s3cr3t-mark}]}
- {id: cql684nmp25c75sflo4g, owner: hooks, grants: [kratos], revisions: [{auth-config-value: s3cr3t-mark}]}
`

// TestEndpoints holds the table to metadata.yaml.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	var declared struct{ Peers, Requires, Provides map[string]any }
	if err := yaml.Unmarshal(kratosagent.Metadata, &declared); err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(slices.Collect(maps.Keys(declared.Peers)), slices.Collect(maps.Keys(declared.Requires)), slices.Collect(maps.Keys(declared.Provides)))
	var got []string
	for _, e := range endpoints() {
		got = append(got, e.name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The patterns of what is asked about a relation, with its id for R and the
// application on the other side for A. What begins with a star is for the leader.
var (
	patternRemote = []string{"relation-list -r R --app", "relation-get -r R --app - A"}
	patternLocal  = []string{"*relation-get -r R --app - kratos"}
	patternBoth   = slices.Concat(patternRemote, patternLocal)
	patternUnits  = []string{"relation-list -r R", "relation-get -r R - A/0", "relation-get -r R - A/1"}
)

// TestObserveRelation: what is asked about a relation of each endpoint, and what
// becomes of the answers.
func TestObserveRelation(t *testing.T) {
	t.Parallel()
	const names, said, own = "app: other", ", app-data: {k: said}, units: {other/0: {u: zero}, other/1: {}}", ", own-app-data: {k: own}, own-units: {kratos/0: {u: own}}"
	zero, one := ownBag("10.1.2.0", "u", "zero"), ownBag("10.1.2.1")
	remote := relation.Relation{App: "other", RemoteApp: relation.Databag{"k": "said"}}
	both := remote
	both.LocalApp = relation.Databag{"k": "own"}
	onlyOwn := relation.Relation{LocalApp: relation.Databag{"k": "own"}}
	tests := map[string]struct {
		state string
		asked []string
		want  relation.Relation // the leader's; the others lack LocalApp
	}{
		"pg-database":                 {names + said + own, patternBoth, both},
		"kratos-external-idp":         {names + said + own, patternBoth, both},
		"internal-route":              {names + said + own, patternBoth, both},
		"public-route":                {names + said + own, patternBoth, both},
		"tracing":                     {names + said + own, patternBoth, both},
		"hydra-endpoint-info":         {names + said + own, patternRemote, remote},
		"ui-endpoint-info":            {names + said + own, patternRemote, remote},
		"kratos-registration-webhook": {names + said + own, patternRemote, remote},
		"kratos-login-webhook":        {names + said + own, patternRemote, remote},
		"smtp":                        {names + said + own, patternRemote, remote},
		"kratos-info":                 {names + said + own, patternLocal, onlyOwn},
		"grafana-dashboard":           {names + said + own, patternLocal, onlyOwn},
		"metrics-endpoint": {
			names + said + own, slices.Concat(patternLocal, []string{"relation-get -r R - kratos/0"}),
			relation.Relation{LocalApp: relation.Databag{"k": "own"}, LocalUnit: ownBag("10.1.0.10", "u", "own")},
		},
		"logging": {
			names + said + own, slices.Concat(patternUnits, patternLocal),
			relation.Relation{App: "other", RemoteUnits: map[string]relation.Databag{"other/0": zero, "other/1": one}, LocalApp: relation.Databag{"k": "own"}},
		},
		"logging without units": {
			names, slices.Concat(patternUnits[:1], patternLocal),
			relation.Relation{RemoteUnits: map[string]relation.Databag{}, LocalApp: relation.Databag{}},
		},
		"receive-ca-cert of version 0": {
			names + said + own, slices.Concat(patternUnits[:1], patternRemote[1:], patternUnits[1:], patternLocal),
			relation.Relation{
				App: "other", RemoteApp: relation.Databag{"k": "said"}, LocalApp: relation.Databag{"k": "own"},
				RemoteUnits: map[string]relation.Databag{"other/0": zero, "other/1": one},
			},
		},
		"receive-ca-cert, an empty list": {
			names + `, app-data: {certificates: "[]"}, units: {other/0: {u: zero}, other/1: {}}`,
			slices.Concat(patternUnits[:1], patternRemote[1:], patternUnits[1:], patternLocal),
			relation.Relation{
				App: "other", RemoteApp: relation.Databag{"certificates": "[]"}, LocalApp: relation.Databag{},
				RemoteUnits: map[string]relation.Databag{"other/0": zero, "other/1": one},
			},
		},
		"receive-ca-cert of version 1": {
			names + `, app-data: {version: "1"}, units: {other/0: {}}`, slices.Concat(patternUnits[:1], patternRemote[1:], patternLocal),
			relation.Relation{App: "other", RemoteApp: relation.Databag{"version": "1"}, LocalApp: relation.Databag{}},
		},
		"receive-ca-cert with certificates": {
			names + `, app-data: {certificates: "[x]"}, units: {other/0: {}}`, slices.Concat(patternUnits[:1], patternRemote[1:], patternLocal),
			relation.Relation{App: "other", RemoteApp: relation.Databag{"certificates": "[x]"}, LocalApp: relation.Databag{}},
		},
		"receive-ca-cert without units": {
			names + ", app-data: {k: said}", slices.Concat(patternUnits[:1], patternBoth),
			relation.Relation{App: "other", RemoteApp: relation.Databag{"k": "said"}, LocalApp: relation.Databag{}, RemoteUnits: map[string]relation.Databag{}},
		},
		"smtp of nobody": {"", patternRemote[:1], relation.Relation{RemoteApp: relation.Databag{}}},
		"tracing of nobody": {
			"own-app-data: {k: own}", slices.Concat(patternRemote[:1], patternLocal),
			relation.Relation{RemoteApp: relation.Databag{}, LocalApp: relation.Databag{"k": "own"}},
		},
	}
	for name, test := range tests {
		for _, leader := range []bool{true, false} {
			t.Run(name+map[bool]string{true: " leader", false: " follower"}[leader], func(t *testing.T) {
				t.Parallel()
				endpoint, _, _ := strings.Cut(strings.ReplaceAll(name, ",", " "), " ")
				id := endpoint + ":5"
				state := map[bool]string{true: "leader: true", false: "leader: false"}[leader] + "\nrelations: [{id: \"" + id + "\", " + test.state + "}]"
				s := surround(t, state).hook("config-changed")
				want := test.want
				want.ID, want.Endpoint = 5, endpoint
				if !leader {
					want.LocalApp = nil
				}
				if diff := cmp.Diff([]relation.Relation{want}, s.observe(t).Relations[endpoint]); diff != "" {
					t.Error(diff)
				}
				wantAbout(t, s, id, "other", leader, test.asked)
			})
		}
	}
}

// wantAbout compares what was asked about a relation with the patterns.
func wantAbout(t *testing.T, s *surroundings, id, app string, leader bool, patterns []string) {
	t.Helper()
	want := []string{}
	for _, p := range patterns {
		p, forLeader := strings.CutPrefix(p, "*")
		if leader || !forLeader {
			want = append(want, strings.NewReplacer(" R", " "+id, " A", " "+app).Replace(p))
		}
	}
	got := []string{}
	for _, call := range s.called() {
		if strings.Contains(call, " "+id) {
			got = append(got, call)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestObservePeers(t *testing.T) {
	t.Parallel()
	plain := []string{"relation-get -r R --app - A", "relation-get -r R - A/0"}
	all := slices.Concat(plain, []string{"relation-list -r R", "relation-get -r R - A/1"})
	const first, second = `secret_rotation: '{"number":1,"step":1}'`, `secret_rotation: '{"number":1,"step":2}'`
	tests := map[string]struct {
		leader bool
		bag    string
		keys   string // their step of a rotation
		asked  Request
		want   []string
	}{
		"the leader":            {true, "", "", AskedNothing, plain},
		"a follower":            {false, "", "", AskedNothing, plain},
		"first step, leader":    {true, first, "1", AskedNothing, all},
		"first step, follower":  {false, first, "1", AskedNothing, plain},
		"second step, leader":   {true, second, "2", AskedNothing, plain},
		"malformed step":        {true, "secret_rotation: x", "", AskedNothing, plain},
		"keys alone know":       {true, "", "1", AskedNothing, all},
		"the record alone does": {true, first, "", AskedNothing, all},
		"about to begin":        {true, second, "2", AskedRotation, plain},
		"migration":             {true, "", "", AskedMigration, plain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := "others: [{unit: kratos/1}]\nrelations: [{id: \"kratos-peers:0\", own-app-data: {" + test.bag + "}, own-units: {kratos/0: {k: zero}, kratos/1: {k: one}}}]\n"
			if !test.leader {
				state += "leader: false\n"
			}
			if test.keys != "" {
				state += "secrets: [{id: cql684nmp25c75sflot0, owner: kratos, label: cookie_secret, revisions: [{cookiesecret: a, rotation: '{\"number\":1,\"step\":" + test.keys + "}'}]}]"
			}
			s := surround(t, state).hook("update-status")
			s.Asked = test.asked
			got := s.observe(t).Relations["kratos-peers"][0]
			want := relation.Relation{Endpoint: "kratos-peers", App: "kratos", RemoteApp: got.RemoteApp, LocalUnit: ownBag("10.1.0.10", "k", "zero")}
			if test.leader {
				want.LocalApp = got.RemoteApp
			}
			if len(test.want) == len(all) {
				want.RemoteUnits = map[string]relation.Databag{"kratos/1": ownBag("10.1.0.11", "k", "one")}
			}
			if diff := cmp.Diff(want, got); diff != "" || (test.bag != "") != (got.RemoteApp["secret_rotation"] != "") {
				t.Error(diff, got.RemoteApp)
			}
			wantAbout(t, s, "kratos-peers:0", "kratos", test.leader, test.want)
		})
	}
}

// TestObserveBroken: a relation that is being broken is no more, though Juju
// lists it; another one of its endpoint stays.
func TestObserveBroken(t *testing.T) {
	t.Parallel()
	for hook, want := range map[string][]string{
		"kratos-external-idp-relation-broken":   {"kratos-external-idp:12"},
		"kratos-external-idp-relation-departed": {"kratos-external-idp:2", "kratos-external-idp:12"},
		"smtp-relation-broken":                  {"kratos-external-idp:2", "kratos-external-idp:12"},
	} {
		s := surround(t, `relations: [{id: "kratos-external-idp:12", app: one}, {id: "kratos-external-idp:2", app: two}]`)
		var got []string
		for _, r := range s.hook(hook, "JUJU_RELATION_ID=kratos-external-idp:2").observe(t).Relations["kratos-external-idp"] {
			got = append(got, r.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", hook, diff)
		}
		for _, call := range s.called() {
			if len(want) == 1 && strings.Contains(call, "kratos-external-idp:2 ") {
				t.Errorf("asked about it: %s", call)
			}
		}
	}
}

// TestObserveAddress: asked for where Prometheus wants it, and absent while the
// pod has none.
func TestObserveAddress(t *testing.T) {
	t.Parallel()
	const related = "\nrelations: [{id: \"metrics-endpoint:5\", app: prometheus}]"
	for state, want := range map[string]string{
		"address: 10.9.8.7" + related: "10.9.8.7",
		"address: none" + related:     "",
		"address: 10.9.8.7":           "",
	} {
		s := surround(t, state).hook("config-changed")
		if got := s.observe(t).Address; got != want {
			t.Errorf("%s: %q", state, got)
		}
		if asked := slices.Contains(s.called(), "network-get metrics-endpoint"); asked != strings.Contains(state, related) {
			t.Errorf("%s: asked for %t", state, asked)
		}
	}
}

// TestObserveGranted: each secret is read once, at its newest revision and with
// its label. One that is not handed out is left out, whatever was written there.
func TestObserveGranted(t *testing.T) {
	t.Parallel()
	const (
		given   = "secret:cql684nmp25c75sflo1g"
		denied  = "secret:cql684nmp25c75sflo2g"
		missing = "secret:cql684nmp25c75sflo3g"
		twisted = "secret://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/cql684nmp25c75sflo1g" // 36 letters, and no UUID
	)
	s := surround(t, `
relations:
- {id: "pg-database:1", app: pg, app-data: {secret-user: "`+given+`", secret-tls: "`+denied+`"}}
- {id: "smtp:5", app: mailer, app-data: {password_id: "`+missing+`"}}
- {id: "kratos-login-webhook:7", app: hooks, app-data: {auth_config_value_secret: "`+given+`"}}
- {id: "kratos-login-webhook:8", app: hooks, app-data: {auth_config_value_secret: "`+twisted+`"}}
- {id: "kratos-login-webhook:9", app: hooks, app-data: {auth_config_value_secret: "no id"}}
secrets:
- {id: cql684nmp25c75sflo1g, owner: pg, grants: [kratos], revisions: [{password: old}, {password: s3cr3t-mark}], consumers: {kratos/0: {revision: 1}}}
- {id: cql684nmp25c75sflo2g, owner: pg, revisions: [{tls: "True"}]}
`).hook("secret-changed")
	want := relation.Secrets{given: {"password": "s3cr3t-mark"}}
	if diff := cmp.Diff(want, s.observe(t).Granted); diff != "" {
		t.Error(diff)
	}
	var calls []string
	for _, call := range s.called() {
		if strings.HasPrefix(call, "secret-get secret:") {
			calls = append(calls, call)
		}
	}
	wantCalls := []string{
		"secret-get " + given + " --refresh --label=pg-database.1.user.secret",
		"secret-get " + denied + " --refresh --label=pg-database.1.tls.secret",
		"secret-get " + missing + " --refresh",
	}
	slices.Sort(calls)
	if diff := cmp.Diff(wantCalls, calls); diff != "" {
		t.Error(diff)
	}
}
