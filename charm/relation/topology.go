package relation

import (
	"fmt"
	"strings"
)

// Topology says where in Juju a log line, a metric or a dashboard comes from.
type Topology struct {
	Model     string `json:"model"`
	ModelUUID string `json:"model_uuid"`
	App       string `json:"application"`
	Unit      string `json:"unit"`
	Charm     string `json:"charm_name"`
}

// LogLabels are the labels of every log line that Pebble forwards.
func (t Topology) LogLabels() map[string]string {
	return map[string]string{
		"product":          "Juju",
		"charm":            t.Charm,
		"juju_model":       t.Model,
		"juju_model_uuid":  t.ModelUUID,
		"juju_application": t.App,
		"juju_unit":        t.Unit,
	}
}

// labels are those of a whole application, in the order in which they are
// matched. The unit is not among them: an alert is about all units.
func (t Topology) labels() [][2]string {
	return [][2]string{
		{"juju_model", t.Model},
		{"juju_model_uuid", t.ModelUUID},
		{"juju_application", t.App},
		{"juju_charm", t.Charm},
	}
}

// matchers give the labels as a query matches them: those that metrics and log
// lines both carry. The charm's is called charm on the one and juju_charm on the
// other, and the application says it already.
func (t Topology) matchers() string {
	var parts []string
	for _, l := range t.labels()[:3] {
		parts = append(parts, fmt.Sprintf("%s=%q", l[0], l[1]))
	}
	return strings.Join(parts, ", ")
}

// identifier names the application among all that one observer sees.
func (t Topology) identifier() string {
	short := t.ModelUUID
	if len(short) > 8 {
		short = short[:8]
	}
	return strings.Join([]string{t.Model, short, t.App}, "_")
}
