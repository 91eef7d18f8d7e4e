package charm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// surroundings are what a pass finds around it: a unit of Juju, and nothing else
// that answers unless a test brings it.
type surroundings struct {
	*jujutest.Unit
	Deps
	path string   // JUJU_DISPATCH_PATH
	told []string // by Tell
	// asked are the databases that were looked into, and their CAs.
	asked [][2]string
	// cluster counts how often the client of Kubernetes was asked for.
	clusters int
}

var errNoCluster = errors.New("this is no pod")

func surround(t *testing.T, state string) *surroundings {
	t.Helper()
	s := &surroundings{Unit: jujutest.NewUnit(t, state)}
	s.Deps = Deps{
		Tools:  juju.Tools{Runner: s.Unit},
		Pebble: pebble.New("/nowhere/pebble.socket"),
		Cluster: func() (*kube.Client, error) {
			s.clusters++
			return nil, errNoCluster
		},
		Database: func(_ context.Context, dsn, ca string) (bool, error) {
			s.asked = append(s.asked, [2]string{dsn, ca})
			return false, errors.New("cannot reach the database")
		},
		Getenv: func(name string) string {
			for _, pair := range append(s.Env(), "JUJU_DISPATCH_PATH="+s.path) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		},
		Random: strings.NewReader(strings.Repeat("s3cr3t-mark", 20)),
		Tell:   func(_ context.Context, text string) { s.told = append(s.told, text) },
	}
	return s
}

// hook begins a hook.
func (s *surroundings) hook(name string, env ...string) *surroundings {
	s.BeginHook(name, env...)
	s.path = "hooks/" + name
	return s
}

// action begins an action.
func (s *surroundings) action(name string) *surroundings {
	s.BeginAction(name, nil)
	s.path = "actions/" + name
	return s
}

// observe gives the World, which there must be, and sees that nothing that was
// told shows a secret.
func (s *surroundings) observe(t *testing.T) World {
	t.Helper()
	w, err := observe(t.Context(), s.Deps)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(s.told, "\n"), "s3cr3t-mark") {
		t.Errorf("a secret was told: %q", s.told)
	}
	return w
}

// called gives the calls of hook tools, each as a line.
func (s *surroundings) called() []string {
	var lines []string
	for _, call := range s.Calls() {
		lines = append(lines, strings.TrimSuffix(strings.Join(call, " "), " --format=json"))
	}
	return lines
}

// refusing is a unit one of whose tools fails.
type refusing struct {
	juju.Runner
	tool, said string
}

func (r refusing) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	if strings.HasPrefix(strings.Join(append([]string{tool}, args...), " "), r.tool) {
		return nil, []byte("ERROR " + r.said + "\n"), 1, nil
	}
	return r.Runner.Run(ctx, tool, args, stdin)
}

func TestObserveUnit(t *testing.T) {
	t.Parallel()
	s := surround(t, `
unit: my-kratos/3
leader: false
ports: [4434/tcp, 4433/tcp]
model: {name: iam, uuid: 3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10}
config: {log_level: debug, dev: true, cpu: 500m}
relations:
- {id: "kratos-peers:7"}
`).hook("update-status")
	got := s.observe(t)
	want := World{
		Unit: "my-kratos/3", Model: "iam", ModelUUID: "3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10",
		Options: Options{
			CPU: "500m", Dev: true, LocalIDP: true, EnforceMFA: true, SenderEmail: "identity@canonical.com",
			SenderName: "Canonical Identity Platform", LogLevel: "debug",
		},
		Relations: map[string][]relation.Relation{relation.PeersEndpoint: {{
			ID: 7, Endpoint: relation.PeersEndpoint, App: "my-kratos", RemoteApp: relation.Databag{}, LocalUnit: ownBag("10.1.0.10"),
		}}},
		Granted:   relation.Secrets{},
		OpenPorts: []string{"4433/tcp", "4434/tcp"},
		Ports:     Ports{Public: 4433, Admin: 4434, UI: 4455},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(World{}, "Fresh")); diff != "" {
		t.Error(diff)
	}
}

// ownBag is a unit's databag with what Juju keeps there, and some pairs.
func ownBag(address string, pairs ...string) relation.Databag {
	b := relation.Databag{"egress-subnets": address + "/32", "ingress-address": address, "private-address": address}
	for i := 0; i < len(pairs); i += 2 {
		b[pairs[i]] = pairs[i+1]
	}
	return b
}

func TestObserveAsGiven(t *testing.T) {
	t.Parallel()
	s := surround(t, "").action("rotate-secrets")
	s.Ports, s.Asked = Ports{Public: 1, Admin: 2, UI: 3}, AskedRotation
	if w := s.observe(t); w.Ports != s.Ports || w.Asked != AskedRotation {
		t.Errorf("%+v, %d", w.Ports, w.Asked)
	}
}

const oldSecret = `
secrets:
- {id: cql684nmp25c75sflot0, owner: kratos, label: cookie_secret, revisions: [{cookiesecret: old}, %s]}
`

func TestObserveKeys(t *testing.T) {
	t.Parallel()
	for _, leader := range []string{"leader: true", "leader: false"} {
		for name, test := range map[string]struct {
			content string
			want    Keys
		}{
			"of the charm before": {"{cookiesecret: s3cr3t-mark}", Keys{Cookie: KeyPair{Current: "s3cr3t-mark"}}},
			"in a rotation": {
				`{cookiesecret: a, cookiesecret-other: b, ciphersecret: c, defaultsecret: d, rotation: '{"number":2,"step":1}'}`,
				Keys{
					Cookie: KeyPair{"a", "b"}, Cipher: KeyPair{Current: "c"}, Default: KeyPair{Current: "d"},
					Rotation: relation.Rotation{Number: 2, Step: 1},
				},
			},
		} {
			t.Run(leader+" "+name, func(t *testing.T) {
				t.Parallel()
				s := surround(t, leader+strings.Replace(oldSecret, "%s", test.content, 1)).hook("start")
				got := s.observe(t).Keys
				if diff := cmp.Diff(&test.want, got, cmp.Transformer("", func(p KeyPair) [2]string { return [2]string{string(p.Current), string(p.Other)} })); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// TestObserveNoKeys: there are none, but others that could be. They need nobody
// but the source of randomness.
func TestObserveNoKeys(t *testing.T) {
	t.Parallel()
	s := surround(t, "").hook("start")
	w := s.observe(t)
	if w.Keys != nil {
		t.Error("there are keys")
	}
	seen := map[string]bool{}
	for _, key := range []string{string(w.Fresh.Cookie.Current), string(w.Fresh.Cipher.Current), string(w.Fresh.Default.Current)} {
		if len(key) != 32 || seen[key] {
			t.Errorf("a fresh key has %d characters, or is there twice", len(key))
		}
		seen[key] = true
	}
}

func TestObserveTemplate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ state, want string }{
		"off":        {"resources: {verification-email-template: hello}", ""},
		"on":         {"config: {enable_verification: true}\nresources: {verification-email-template: \"{{ .Code }}\\n\"}", "{{ .Code }}\n"},
		"empty":      {"config: {enable_verification: true}\nresources: {verification-email-template: \"\"}", ""},
		"missing":    {"config: {enable_verification: true}", ""},
		"off, unset": {"", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surround(t, test.state).hook("config-changed")
			if got := s.observe(t).VerificationTemplate; got != test.want || len(s.told) > 0 {
				t.Errorf("%q, told %q", got, s.told)
			}
			asked := slices.Contains(s.called(), "resource-get -- verification-email-template")
			if asked != strings.Contains(test.state, "enable_verification") {
				t.Errorf("it was asked for: %t", asked)
			}
		})
	}
}

// TestObserveLongTemplate: one that is too long to be a mail's is not used, and
// the log says so.
func TestObserveLongTemplate(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]int{maxTemplate: maxTemplate, maxTemplate + 1: 0} {
		path := filepath.Join(t.TempDir(), "template")
		if err := os.WriteFile(path, make([]byte, length), 0o600); err != nil {
			t.Fatal(err)
		}
		s := surround(t, "config: {enable_verification: true}").hook("config-changed")
		s.Tools.Runner = answering{s.Unit, "resource-get", path}
		if got := len(s.observe(t).VerificationTemplate); got != want || (want == 0) != (len(s.told) == 1) {
			t.Errorf("%d bytes become %d, told %q", length, got, s.told)
		}
	}
	s := surround(t, "config: {enable_verification: true}").hook("config-changed")
	s.Tools.Runner = answering{s.Unit, "resource-get", "/nowhere/template"}
	if _, err := observe(t.Context(), s.Deps); err == nil {
		t.Error("a file that is not there is no error")
	}
}

// TestObserveToolsFail: a fact that Juju does not tell fails the hook.
func TestObserveToolsFail(t *testing.T) {
	t.Parallel()
	for tool, said := range map[string]string{
		"config-get": "x", "is-leader": "x", "opened-ports": "x", "network-get": "x", "resource-get": "x",
		"relation-ids smtp": "x", "relation-list -r smtp:5": "x", "relation-get -r smtp:5": "x", "relation-get -r kratos-peers:9": "x",
		"relation-list -r receive-ca-cert:11": "x", "relation-list -r logging:13": "x", "relation-get -r metrics-endpoint:14": "x",
		"relation-get -r pg-database:1 --app - kratos": "permission denied",
		"secret-get --label":                           "permission denied", "secret-get secret:": "x",
	} {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			s := surround(t, everything).hook("config-changed")
			s.Tools = juju.Tools{Runner: refusing{s.Unit, tool, said}}
			if w, err := observe(t.Context(), s.Deps); err == nil {
				t.Error("there is no error")
			} else if diff := cmp.Diff(World{}, w); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestObserveErrors(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx    context.Context
		state  string
		change func(*surroundings)
		want   fault.Kind
	}{
		"keys that are none":     {t.Context(), strings.Replace(oldSecret, "%s", "{other: s3cr3t-mark}", 1), nil, fault.Precondition},
		"an option's other type": {t.Context(), "", func(s *surroundings) { s.Tools.Runner = answering{s.Unit, "config-get", `{"dev": "yes"}`} }, fault.Internal},
		"a relation's other id":  {t.Context(), "", func(s *surroundings) { s.Tools.Runner = answering{s.Unit, "relation-ids", `["smtp:x"]`} }, fault.Internal},
		"no randomness":          {t.Context(), "", func(s *surroundings) { s.Random = strings.NewReader("") }, fault.Internal},
		"the end is near":        {ended, "", nil, fault.Cancelled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surround(t, test.state).hook("config-changed")
			if test.change != nil {
				test.change(s)
			}
			_, err := observe(test.ctx, s.Deps)
			if err == nil || fault.KindOf(err) != test.want || strings.Contains(err.Error(), "s3cr3t-mark") {
				t.Errorf("%v, of kind %s", err, fault.KindOf(err))
			}
		})
	}
}

// TestObserveCutShort: a pass that is told to end while it asks does not take
// what no longer answers for a fact.
func TestObserveCutShort(t *testing.T) {
	t.Parallel()
	s := surround(t, "").hook("config-changed")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Cluster = func() (*kube.Client, error) {
		cancel()
		return nil, errNoCluster
	}
	if _, err := observe(ctx, s.Deps); fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
}

// answering is a unit one of whose tools says something of its own.
type answering struct {
	juju.Runner
	tool, says string
}

func (a answering) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	if tool == a.tool {
		return []byte(a.says), nil, 0, nil
	}
	return a.Runner.Run(ctx, tool, args, stdin)
}

// TestObserveCost holds a pass to what it may cost: 4 calls, one for each
// endpoint, three for each relation, one for each unit that speaks for itself,
// one for each secret; and none twice.
func TestObserveCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		leader  string
		units   int // that speak: two of logging, two of receive-ca-cert, and for the leader a peer
		secrets int
	}{{"true", 5, 5}, {"false", 4, 5}} {
		s := surround(t, strings.Replace(everything, "leader: true", "leader: "+test.leader, 1)).hook("config-changed")
		w := s.observe(t)
		relations := 0
		for _, e := range endpoints() {
			if !w.related(e.name) {
				t.Errorf("%s is not related", e.name)
			}
			relations += len(w.Relations[e.name])
		}
		if len(w.Granted)+1 != test.secrets || w.Keys == nil || w.Address == "" {
			t.Errorf("the world has %d secrets", len(w.Granted))
		}
		calls := s.called()
		if most := 4 + len(endpoints()) + 3*relations + test.units + test.secrets; len(calls) > most {
			t.Errorf("leader %s: %d calls, more than %d:\n%s", test.leader, len(calls), most, strings.Join(calls, "\n"))
		}
		slices.Sort(calls)
		for i := 1; i < len(calls); i++ {
			if calls[i] == calls[i-1] {
				t.Errorf("leader %s: asked twice: %s", test.leader, calls[i])
			}
		}
	}
}
