package relation

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// topologyMark stands in a rule's query for the labels of this application, as
// in the rule files of other charms.
const topologyMark = "%%juju_topology%%"

// AlertGroup is a group of rules of Prometheus or Loki.
type AlertGroup struct {
	Name  string      `yaml:"name" json:"name"`
	Rules []AlertRule `yaml:"rules" json:"rules"`
}

// AlertRule is one rule. Its Expr holds %%juju_topology%% where the labels of
// this application belong.
type AlertRule struct {
	Alert       string            `yaml:"alert" json:"alert"`
	Expr        string            `yaml:"expr" json:"expr"`
	For         string            `yaml:"for,omitempty" json:"for,omitempty"`
	Labels      map[string]string `yaml:"labels" json:"labels"`
	Annotations map[string]string `yaml:"annotations" json:"annotations"`
}

// ParseAlerts reads a rule file. A key that no rule has, or a rule without name
// or query, is an error: such a file would be dropped by the other side.
func ParseAlerts(file []byte) ([]AlertGroup, error) {
	var doc struct {
		Groups []AlertGroup `yaml:"groups"`
	}
	d := yaml.NewDecoder(strings.NewReader(string(file)))
	d.KnownFields(true)
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("cannot read alert rules: %w", err)
	}
	for _, g := range doc.Groups {
		for _, rule := range g.Rules {
			if g.Name == "" || rule.Alert == "" || rule.Expr == "" {
				return nil, fmt.Errorf("cannot read alert rules: a rule of group %q has no name or no query", g.Name)
			}
		}
	}
	return doc.Groups, nil
}

// encodeAlerts writes the groups for one application; nothing for no groups.
func encodeAlerts(t Topology, groups []AlertGroup) string {
	if len(groups) == 0 {
		return ""
	}
	placed := make([]AlertGroup, 0, len(groups))
	for _, g := range groups {
		rules := make([]AlertRule, 0, len(g.Rules))
		for _, rule := range g.Rules {
			rules = append(rules, rule.placed(t))
		}
		placed = append(placed, AlertGroup{Name: t.identifier() + "_" + g.Name + "_alerts", Rules: rules})
	}
	return encode(map[string][]AlertGroup{"groups": placed})
}

// placed gives the rule with the labels of the application in it.
func (a AlertRule) placed(t Topology) AlertRule {
	a.Expr = strings.ReplaceAll(a.Expr, topologyMark, t.matchers())
	labels := map[string]string{}
	for key, value := range a.Labels {
		labels[key] = value
	}
	for _, l := range t.labels() {
		labels[l[0]] = l[1]
	}
	a.Labels = labels
	return a
}
