package charm

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
)

// related is a unit with a database whose relation has the number 3.
const related = `
relations:
- {id: "pg-database:3", app: pg, app-data: {database: d, endpoints: "pg:5432", username: u, password: s3cr3t-mark%s}}
- {id: "kratos-peers:0", own-app-data: {%s}}
`

func TestObserveDatabase(t *testing.T) {
	t.Parallel()
	const (
		version = "v1.3.1"
		dsn     = "postgres://u:s3cr3t-mark@pg:5432/d?sslmode=prefer"
		ca      = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	)
	tests := map[string]struct {
		more, peers string // of the databags
		version     string // that Kratos prints
		empty       bool
		err         error
		want        DatabaseState
		asked       [][2]string
	}{
		"migrated by this one":  {"", `migration_version_3: '"v1.3.1"'`, version, false, nil, DatabaseNotAsked, nil},
		"by an older one":       {"", `migration_version_3: '"v1.3.0"'`, version, false, nil, DatabaseHolds, [][2]string{{dsn, ""}}},
		"another database":      {"", `migration_version_2: '"v1.3.1"'`, version, true, nil, DatabaseEmpty, [][2]string{{dsn, ""}}},
		"by one without a name": {"", `migration_version_3: '""'`, version, false, nil, DatabaseHolds, [][2]string{{dsn, ""}}},
		"peers that are broken": {"", `migration_version_3: '"v1.3.1"', secret_rotation: x`, version, false, nil, DatabaseHolds, [][2]string{{dsn, ""}}},
		"neither has a version": {"", "", "master", false, nil, DatabaseHolds, [][2]string{{dsn, ""}}},
		"nothing is recorded":   {"", "", version, true, nil, DatabaseEmpty, [][2]string{{dsn, ""}}},
		"it is away":            {"", "", version, true, errors.New("cannot reach the database"), DatabaseAway, [][2]string{{dsn, ""}}},
		"it has nothing to say": {`, endpoints: ""`, "", version, true, nil, DatabaseNotAsked, nil},
		"with a CA": {
			`, tls: "True", tls-ca: ` + quote(ca), "", version, false, nil, DatabaseHolds,
			[][2]string{{"postgres://u:s3cr3t-mark@pg:5432/d?sslmode=require", ca}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := strings.Replace(strings.Replace(related, "%s", test.more, 1), "%s", test.peers, 1)
			if strings.Contains(test.more, "endpoints") {
				state = strings.Replace(state, `endpoints: "pg:5432", `, "", 1)
			}
			s := surround(t, state).hook("config-changed")
			s.contain(t, "Version: "+test.version)
			s.Database = func(ctx context.Context, dsn, ca string) (bool, error) {
				s.asked = append(s.asked, [2]string{dsn, ca})
				if limit, ok := ctx.Deadline(); !ok || time.Until(limit) > 5*time.Second {
					t.Errorf("it may take until %s", limit)
				}
				return test.empty, test.err
			}
			if got := s.observe(t).Database; got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
			if diff := cmp.Diff(test.asked, s.asked); diff != "" {
				t.Error(diff)
			}
			if (test.err != nil) != (len(s.told) == 1) {
				t.Errorf("told %q", s.told)
			}
		})
	}
}

// quote writes a text as YAML does in double quotes.
func quote(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }

// TestObserveCluster: when Kubernetes is asked, and for what.
func TestObserveCluster(t *testing.T) {
	t.Parallel()
	const maps, set = "GET /api/v1/namespaces/iam/configmaps", "GET /apis/apps/v1/namespaces/iam/statefulsets/kratos"
	const info = "relations: [{id: \"kratos-info:5\", app: login-ui}]"
	tests := map[string]struct {
		state  string
		what   string // hooks/x or actions/x
		ready  bool
		memory string
		want   []string
	}{
		"a hook":                           {"", "hooks/config-changed", false, "", []string{maps, set}},
		"a hook that remembers":            {"", "hooks/kratos-pebble-ready", true, `{"configmaps": {}}`, []string{maps, set}},
		"update-status":                    {"", "hooks/update-status", true, `{"configmaps": {}}`, nil},
		"update-status without container":  {"", "hooks/update-status", false, "", nil},
		"update-status without memory":     {"", "hooks/update-status", true, "", []string{maps}},
		"update-status, they can be known": {info, "hooks/update-status", true, `{"configmaps": {}}`, []string{maps}},
		"an action":                        {info, "actions/run-migration", true, `{"configmaps": {}}`, nil},
		"an action without memory":         {"", "actions/run-migration", true, `{"refused": {}}`, []string{maps}},
		"an action without container":      {"", "actions/run-migration", false, "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surround(t, test.state)
			if what, ok := strings.CutPrefix(test.what, "hooks/"); ok {
				s.hook(what)
			} else {
				s.action(strings.TrimPrefix(test.what, "actions/"))
			}
			if test.ready {
				leave(t, s.contain(t, "Version: v1.3.1"), memoryPath, test.memory)
			}
			double := s.kubernetes(t, kubetest.Options{
				ConfigMaps: []kubetest.ConfigMap{kubetest.Made("oidc-providers", "kratos", map[string]string{"k": "v"})},
				Owned:      []kubetest.Owned{{Manager: "somebody", Resources: kubetest.Resources{Limits: map[string]string{"cpu": "500m"}}}},
			})
			want := Cluster{}
			if len(test.want) > 0 {
				want = Cluster{Asked: true, ConfigMaps: []kube.ConfigMap{{Name: "oidc-providers", Owner: "kratos", Data: map[string]string{"k": "v"}}}}
			}
			if len(test.want) > 1 {
				want.Limits = &kube.Limits{CPU: "500m"}
			}
			if diff := cmp.Diff(want, s.observe(t).Cluster); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.want, double.Journal()); diff != "" || (s.clusters > 0) != (len(test.want) > 0) {
				t.Errorf("%s; %d clients", diff, s.clusters)
			}
		})
	}
}

// kubernetes gives the surroundings an API server.
func (s *surroundings) kubernetes(t *testing.T, o kubetest.Options) *kubetest.Double {
	t.Helper()
	double := kubetest.Start(t, o)
	s.Cluster = func() (*kube.Client, error) {
		s.clusters++
		return kube.New(kube.Options{Getenv: double.Getenv, Dir: double.TokenDir, App: "kratos"})
	}
	return double
}

// TestObserveClusterFails: that Kubernetes does not answer is a fact, and why.
func TestObserveClusterFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		forbid []kubetest.Rule
		stop   bool
		want   error
	}{
		"without trust":       {kubetest.Everything(), false, kube.ErrForbidden},
		"the limits alone":    {[]kubetest.Rule{{Resource: "statefulsets"}}, false, kube.ErrForbidden},
		"the ConfigMaps only": {[]kubetest.Rule{{Resource: "configmaps"}}, false, kube.ErrForbidden},
		"it is away":          {nil, true, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surround(t, "").hook("config-changed")
			double := s.kubernetes(t, kubetest.Options{Forbid: test.forbid})
			if test.stop {
				double.Stop()
			}
			got := s.observe(t).Cluster
			if got.Err == nil || test.want != nil && !errors.Is(got.Err, test.want) {
				t.Errorf("the error is %v", got.Err)
			}
			got.Err = nil
			if diff := cmp.Diff(Cluster{Asked: true}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	s := surround(t, "").hook("config-changed")
	if got := s.observe(t).Cluster; !got.Asked || !errors.Is(got.Err, errNoCluster) || s.clusters != 1 {
		t.Errorf("%+v, %d clients", got, s.clusters)
	}
}
