package observability_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/kratos-agent/kratos-agent/charm/observability"
	"github.com/kratos-agent/kratos-agent/charm/relation"
)

type source struct{ Type, UID string }

// The variables by which Grafana's charm hands in its data sources.
var (
	prometheusSource = source{"prometheus", "${prometheusds}"}
	lokiSource       = source{"loki", "${lokids}"}
)

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  grid
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		RefID, Expr string
		Datasource  source
	}
}

type grid struct{ X, Y, W, H int }

func (g grid) meets(o grid) bool {
	return g.X < o.X+o.W && o.X < g.X+g.W && g.Y < o.Y+o.H && o.Y < g.Y+g.H
}

func panels(tb testing.TB) []panel {
	tb.Helper()
	var d struct{ Panels []panel }
	if err := json.Unmarshal(observability.Dashboards()[0].JSON, &d); err != nil {
		tb.Fatal(err)
	}
	return d.Panels
}

// TestDashboard holds what Grafana and its charm want of a dashboard.
func TestDashboard(t *testing.T) {
	t.Parallel()
	var d map[string]any
	if err := json.Unmarshal(observability.Dashboards()[0].JSON, &d); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"title", "schemaVersion", "time", "panels"} {
		if d[key] == nil {
			t.Errorf("there is no %q", key)
		}
	}
	// Others' ids would be taken for this Grafana's; a second variable of a name
	// that Grafana's charm puts in is shown beside the first.
	for _, key := range []string{"id", "uid", "templating", "__inputs"} {
		if d[key] != nil {
			t.Errorf("%q is for Grafana and its charm to set", key)
		}
	}
	// What Grafana knows it by, and what the uid in people's links is made of.
	sent := observability.Dashboards()[0]
	if sent.File != "kratos.json" || sent.Path != "src/grafana_dashboards/kratos.json.tmpl" {
		t.Errorf("it goes by %q and %q: people's links break", sent.File, sent.Path)
	}
	bag, err := relation.WriteDashboards(topology(), observability.Dashboards())
	if err != nil || bag["dashboards"] == "" {
		t.Errorf("got %q, error %v", bag, err)
	}
}

func TestPanels(t *testing.T) {
	t.Parallel()
	units := []string{"reqps", "s", "bytes", "percentunit", "short"}
	all := panels(t)
	for i, p := range all {
		for _, before := range all[:i] {
			if before.ID == p.ID || before.Title == p.Title || before.GridPos.meets(p.GridPos) {
				t.Errorf("%q and %q share an id, a title or a place", before.Title, p.Title)
			}
		}
		switch {
		case p.Title == "" || p.GridPos.W < 1 || p.GridPos.H < 1 || p.GridPos.X+p.GridPos.W > 24:
			t.Errorf("panel %d: title %q, place %+v", p.ID, p.Title, p.GridPos)
		case p.Type == "row":
		case p.Description == "" || len(p.Targets) == 0:
			t.Errorf("%q says nothing of itself, or shows nothing", p.Title)
		case p.Type != "logs" && !slices.Contains(units, p.FieldConfig.Defaults.Unit):
			t.Errorf("%q has the unit %q", p.Title, p.FieldConfig.Defaults.Unit)
		}
		for _, target := range p.Targets {
			known := target.Datasource == prometheusSource || target.Datasource == lokiSource
			if target.RefID == "" || target.Expr == "" || !known || target.Datasource != p.Datasource {
				t.Errorf("%q has the target %+v", p.Title, target)
			}
		}
	}
}

var (
	stream      = regexp.MustCompile(`\{([^}]*)\}`)
	streamLabel = regexp.MustCompile(`(\w+)=~?"`)
)

// TestStreams holds the panels' queries of log lines to the labels that Pebble
// sends the lines with: one that they do not have selects none.
func TestStreams(t *testing.T) {
	t.Parallel()
	labels, seen := topology().LogLabels(), 0
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			if target.Datasource != lokiSource {
				continue
			}
			for _, m := range streamLabel.FindAllStringSubmatch(stream.FindString(target.Expr), -1) {
				seen++
				if _, ok := labels[m[1]]; !ok {
					t.Errorf("%q: log lines have no label %q", p.Title, m[1])
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no panel shows log lines")
	}
}

// TestRuleStreams: a rule about log lines matches labels that these have.
func TestRuleStreams(t *testing.T) {
	t.Parallel()
	labels := topology().LogLabels()
	_, loki := sent(t)
	for _, r := range loki {
		for _, m := range streamLabel.FindAllStringSubmatch(stream.FindString(r.Expr), -1) {
			if _, ok := labels[m[1]]; !ok {
				t.Errorf("%s: log lines have no label %q", r.Alert, m[1])
			}
		}
	}
}
