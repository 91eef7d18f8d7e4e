package observability_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/charm/observability"
	"github.com/kratos-agent/kratos-agent/charm/relation"
)

func topology() relation.Topology {
	return relation.Topology{
		Model: "iam", ModelUUID: "5f2a7c1e-8b0d-4e7a-9c55-1d2e3f405162", App: "kratos", Unit: "kratos/0", Charm: "kratos",
	}
}

// sent gives the rules as they reach Prometheus and Loki.
func sent(tb testing.TB) (prometheus, loki []relation.AlertRule) {
	tb.Helper()
	p, l, err := observability.Rules()
	if err != nil {
		tb.Fatal(err)
	}
	app, _ := relation.WriteMetrics(topology(), "10.1.2.3", p)
	return rulesOf(tb, app), rulesOf(tb, relation.WriteLogging(topology(), l))
}

func rulesOf(tb testing.TB, bag relation.Databag) (rules []relation.AlertRule) {
	tb.Helper()
	var doc struct{ Groups []relation.AlertGroup }
	if err := json.Unmarshal([]byte(bag["alert_rules"]), &doc); err != nil {
		tb.Fatal(err)
	}
	for _, g := range doc.Groups {
		rules = append(rules, g.Rules...)
	}
	return rules
}

// prometheusQueries gives the queries of rules and panels, by where they stand.
func prometheusQueries(tb testing.TB) map[string]string {
	tb.Helper()
	queries := map[string]string{}
	prometheus, _ := sent(tb)
	for _, r := range prometheus {
		queries["alert "+r.Alert] = r.Expr
	}
	for _, p := range panels(tb) {
		for _, target := range p.Targets {
			if target.Datasource == prometheusSource {
				queries["panel "+p.Title+" "+target.RefID] = target.Expr
			}
		}
	}
	return queries
}

// TestNames holds the names by which people route alerts. Those of groups and
// of rules that Charmed Kratos has had for long are among them.
func TestNames(t *testing.T) {
	t.Parallel()
	prometheus, loki, err := observability.Rules()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, g := range slices.Concat(prometheus, loki) {
		for _, r := range g.Rules {
			got[g.Name] = append(got[g.Name], r.Alert+" "+r.Labels["severity"])
		}
	}
	want := map[string][]string{
		"KratosUnavailable": {
			"KratosUnitDown warning", "KratosUnavailable-multiple error", "KratosUnavailable-all fatal", "KratosNotReady error",
		},
		"KratosRequests":        {"KratosServerErrors error", "KratosSlow warning", "KratosSignInsRefused warning"},
		"KratosProcess":         {"KratosRestarting warning", "KratosFileDescriptors warning"},
		"KratosHighSeverityLog": {"ErrorLevelLog warning", "ErrorLevelLogHighFrequency error", "FatalLevelLog error"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

var (
	mentioned = regexp.MustCompile(`\$labels\.(\w+)`)
	grouping  = regexp.MustCompile(`\bby \(([^)]*)\)`)
	duration  = regexp.MustCompile(`^([1-9][0-9]*[smh])?$`)
)

// TestRules looks for what makes an alert useless to who gets it.
func TestRules(t *testing.T) {
	t.Parallel()
	prometheus, loki := sent(t)
	for _, r := range slices.Concat(prometheus, loki) {
		text := r.Annotations["summary"] + r.Annotations["description"]
		switch {
		case r.Annotations["summary"] == "":
			t.Errorf("%s has no summary", r.Alert)
		case strings.Count(text, "{{") != strings.Count(text, "}}"):
			t.Errorf("%s has a template that does not end", r.Alert)
		case !strings.Contains(r.Expr, `juju_application="kratos"`), strings.Contains(r.Expr, "%%"):
			t.Errorf("%s is not about this application: %s", r.Alert, r.Expr)
		case !duration.MatchString(r.For):
			t.Errorf("%s waits for %q", r.Alert, r.For)
		}
		by := grouping.FindStringSubmatch(r.Expr)
		for _, m := range mentioned.FindAllStringSubmatch(text, -1) {
			if by != nil && !slices.Contains(strings.Split(by[1], ", "), m[1]) {
				t.Errorf("%s speaks of %s, which its query drops", r.Alert, m[1])
			}
		}
	}
	if len(prometheus) == 0 || len(loki) == 0 {
		t.Errorf("%d rules for Prometheus, %d for Loki", len(prometheus), len(loki))
	}
}

// TestEveryPlaceIsOfThisApplication: a part of a query without the topology
// would count other applications' requests.
func TestEveryPlaceIsOfThisApplication(t *testing.T) {
	t.Parallel()
	for where, query := range prometheusQueries(t) {
		found, err := selectors(query)
		if err != nil {
			t.Errorf("%s: %v", where, err)
		}
		for _, s := range found {
			var names []string
			for _, m := range s.Matchers {
				names = append(names, m.Label)
			}
			want := []string{"juju_model", "juju_model_uuid", "juju_application"}
			if strings.HasPrefix(where, "panel ") { // whose variables may stand for all applications
				want = append(want, "juju_charm")
			}
			for _, n := range want {
				if !slices.Contains(names, n) {
					t.Errorf("%s: %s is not held to a %s", where, s.Metric, n)
				}
			}
		}
	}
}
