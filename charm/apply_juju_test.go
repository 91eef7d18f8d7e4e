package charm

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

const applyJuju = `
leader: true
relations:
- {id: "kratos-peers:1", own-app-data: {leader: '"kratos/0"'}, own-units: {kratos/0: {ack: old}}}
- {id: "pg-database:5", app: postgresql, units: {postgresql/0: {}}, own-app-data: {database: iam, stale: x}}
`

// applyUnit gives a rig whose hook tools are those of a strict unit.
func applyUnit(t *testing.T, state string) (*applyRig, *jujutest.Unit) {
	t.Helper()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	u := jujutest.NewUnit(t, state)
	r.deps.Tools = juju.Tools{Runner: u}
	return r, u
}

// hook applies a plan in a hook of its own and gives the tools it called.
func (r *applyRig) hook(u *jujutest.Unit, p Plan) (Outcome, []string) {
	r.t.Helper()
	before := len(u.Calls())
	u.BeginHook("config-changed")
	o := r.apply(p)
	u.End(0)
	var tools []string
	for _, call := range u.Calls()[before:] {
		tools = append(tools, call[0])
		r.noSecret(strings.Join(call, " "))
	}
	return o, tools
}

func peersOf(u *jujutest.Unit) relation.Relation {
	r := u.State().Relation("kratos-peers:1")
	return relation.Relation{ID: 1, Endpoint: "kratos-peers", App: "kratos", LocalApp: r.OwnAppData, LocalUnit: r.OwnUnits["kratos/0"]}
}

func databaseOf(u *jujutest.Unit) relation.Relation {
	r := u.State().Relation("pg-database:5")
	return relation.Relation{ID: 5, Endpoint: "pg-database", App: "postgresql", LocalApp: r.OwnAppData, LocalUnit: r.OwnUnits["kratos/0"]}
}

// tellingPlan is one that has something to say to everybody.
func tellingPlan(r *applyRig, u *jujutest.Unit) Plan {
	p := r.plan(planned{config: "a: 1"})
	p.Bags = []Bag{
		{Relation: peersOf(u), App: relation.Databag{"leader": `"kratos/0"`}},
		{Relation: databaseOf(u), App: relation.Databag{"database": "iam"}, Unit: relation.Databag{"a": "b"}},
	}
	p.Migrated = &Bag{Relation: peersOf(u), App: relation.Databag{"leader": `"kratos/0"`, "migration_version_5": `"v1.3.1"`}}
	p.Acknowledged = &Bag{Relation: peersOf(u), Unit: relation.Databag{"ack": "new"}}
	return p
}

func TestApplyWritesDatabags(t *testing.T) {
	t.Parallel()
	r, u := applyUnit(t, applyJuju)
	p := tellingPlan(r, u)
	p.Migrate = true
	o, tools := r.hook(u, p)
	wantOutcome(t, o, Outcome{Migrated: true, Settled: true})
	if diff := cmp.Diff(slices.Repeat([]string{"relation-set"}, 4), tools); diff != "" {
		t.Error(diff)
	}
	wantBags := func() {
		t.Helper()
		peers, database := u.State().Relation("kratos-peers:1"), u.State().Relation("pg-database:5")
		if diff := cmp.Diff(map[string]string{"leader": `"kratos/0"`, "migration_version_5": `"v1.3.1"`}, peers.OwnAppData); diff != "" {
			t.Error(diff)
		}
		if got := peers.OwnUnits["kratos/0"]["ack"]; got != "new" {
			t.Errorf("acknowledged: %q", got)
		}
		if diff := cmp.Diff(map[string]string{"database": "iam"}, database.OwnAppData); diff != "" {
			t.Error(diff)
		}
		if got := database.OwnUnits["kratos/0"]["a"]; got != "b" {
			t.Errorf("the unit says %q", got)
		}
	}
	wantBags()
	p = tellingPlan(r, u)
	p.Bags[0].App, p.Migrated = p.Migrated.App, nil
	o, tools = r.hook(u, p)
	wantOutcome(t, o, Outcome{Settled: true})
	if len(tools) > 0 {
		t.Errorf("the second time, %s are called", tools)
	}
	wantBags()
}

// Nothing is told that is not so: no version of a database whose migration
// failed, no step of a rotation that Kratos does not serve with.
func TestApplyTellsNoMoreThanWasDone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ as, how string }{
		"migration fails": {"migrate", "say:no"},
		"Kratos fails":    {"serve", "hang"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, u := applyUnit(t, applyJuju)
			r.limits.ready = 500 * time.Millisecond
			r.behave(test.as, test.how)
			p := tellingPlan(r, u)
			p.Migrate = test.as == "migrate"
			o, tools := r.hook(u, p)
			if o.Settled || o.Migrated {
				t.Errorf("%+v", o)
			}
			if len(tools) != 2 { // what others are told of the database goes on
				t.Errorf("%s are called", tools)
			}
			peers := u.State().Relation("kratos-peers:1")
			if peers.OwnUnits["kratos/0"]["ack"] != "old" || peers.OwnAppData["migration_version_5"] != "" {
				t.Errorf("told: %+v", peers)
			}
		})
	}
}

// Only the leader writes for the application.
func TestApplyAsFollower(t *testing.T) {
	t.Parallel()
	r, u := applyUnit(t, strings.Replace(applyJuju, "leader: true", "leader: false", 1))
	r.world.Leader = false
	p := tellingPlan(r, u)
	for i := range p.Bags {
		p.Bags[i].Relation.LocalApp = nil
	}
	o, tools := r.hook(u, p)
	wantOutcome(t, o, Outcome{Settled: true})
	if diff := cmp.Diff(slices.Repeat([]string{"relation-set"}, 2), tools); diff != "" {
		t.Error(diff)
	}
}

func testKeys(number string) *Keys {
	key := func(kind string) kratosconf.Secret {
		return kratosconf.Secret((applyMark + "-" + kind + number + strings.Repeat("-", 32))[:32])
	}
	return &Keys{Cookie: KeyPair{Current: key("cookie")}, Cipher: KeyPair{Current: key("cipher")}, Default: KeyPair{Current: key("default")}}
}

// The keys are kept before anything runs with them.
func TestApplyKeepsKeys(t *testing.T) {
	t.Parallel()
	r, u := applyUnit(t, "leader: true\n")
	var order []string
	r.deps.Tools.Runner = noting{u, func(tool string) { order = append(order, tool+" after "+strings.Join(r.started(), ",")) }}
	p := r.plan(planned{config: "a: 1"})
	p.Keys, p.NewKeys = testKeys("1"), true
	o, tools := r.hook(u, p)
	wantOutcome(t, o, Outcome{Settled: true})
	if diff := cmp.Diff([]string{"secret-add"}, tools); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"secret-add after "}, order); diff != "" {
		t.Error(diff)
	}
	next := p.Keys.accepting(*testKeys("2"))
	p.Keys, p.NewKeys = &next, false
	_, tools = r.hook(u, p)
	if diff := cmp.Diff([]string{"secret-info-get", "secret-set"}, tools); diff != "" {
		t.Error(diff)
	}
	secrets := u.State().Secrets
	if len(secrets) != 1 || secrets[0].Label != keysLabel || len(secrets[0].Revisions) != 2 {
		t.Fatalf("there are %d secrets", len(secrets))
	}
	if diff := cmp.Diff(next.content(), secrets[0].Revisions[1]); diff != "" {
		t.Error(diff)
	}
}

// noting tells of each hook tool before it runs.
type noting struct {
	*jujutest.Unit
	note func(tool string)
}

func (n noting) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	n.note(tool)
	return n.Unit.Run(ctx, tool, args, stdin)
}

// A hook tool that fails is an error: Juju runs the hook again.
func TestApplyJujuFails(t *testing.T) {
	t.Parallel()
	r, u := applyUnit(t, "leader: false\n")
	p := r.plan(planned{config: "a: 1"})
	p.Keys, p.NewKeys = testKeys("1"), true
	u.BeginHook("config-changed")
	_, err := apply(t.Context(), r.deps, r.look(), p, usualPatience())
	if err == nil || strings.Contains(err.Error(), applyMark) {
		t.Errorf("the error is %v", err)
	}
	if got := r.started(); len(got) > 0 {
		t.Errorf("without its keys it started %s", got)
	}
}

func TestApplyPortsAndVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ports   []string
		version string
		asked   bool
		want    []string
	}{
		"all":        {[]string{"4433/tcp", "4434/tcp"}, "v1.3.1", true, []string{"open-port", "open-port", "application-version-set"}},
		"nothing":    {nil, "v1.3.1", false, nil},
		"no version": {nil, "", true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, u := applyUnit(t, "leader: true\n")
			p := r.plan(planned{config: "a: 1"})
			p.OpenPorts = test.ports
			w := r.look()
			w.Container.Version, w.Container.VersionAsked = test.version, test.asked
			u.BeginHook("config-changed")
			if _, err := apply(t.Context(), r.deps, w, p, usualPatience()); err != nil {
				t.Fatal(err)
			}
			u.End(0)
			var tools []string
			for _, call := range u.Calls() {
				tools = append(tools, call[0])
			}
			if diff := cmp.Diff(test.want, tools); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.ports, u.State().Ports); diff != "" {
				t.Error(diff)
			}
		})
	}
}
