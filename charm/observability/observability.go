// Package observability holds what an on-call person gets with the charm: the
// rules by which Prometheus and Loki raise alerts, and Grafana's dashboard. They
// are files beside this one; a test holds every query to what a real Kratos
// says of itself.
package observability

import (
	_ "embed" // for the files
	"fmt"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

//go:embed prometheus/kratos.yaml
var prometheusRules string

//go:embed loki/kratos.yaml
var lokiRules string

//go:embed dashboards/kratos.json
var dashboard string

// Rules gives the alert rules for [relation.WriteMetrics] and
// [relation.WriteLogging], with the mark of the topology still in their queries.
// The names of groups and alerts are what people's alert routes go by. The error
// says that a file of this package is malformed.
func Rules() (prometheus, loki []relation.AlertGroup, err error) {
	if prometheus, err = relation.ParseAlerts([]byte(prometheusRules)); err != nil {
		return nil, nil, fmt.Errorf("cannot give Prometheus its rules: %w", err)
	}
	if loki, err = relation.ParseAlerts([]byte(lokiRules)); err != nil {
		return nil, nil, fmt.Errorf("cannot give Loki its rules: %w", err)
	}
	return prometheus, loki, nil
}

// Dashboards gives the dashboards for [relation.WriteDashboards]. They declare
// no variables, since Grafana's charm puts in those that they use: prometheusds,
// lokids, juju_model, juju_model_uuid, juju_application and juju_unit.
//
// The path is not that of the file here: the uid in people's links is made of it.
func Dashboards() []relation.Dashboard {
	return []relation.Dashboard{{
		File: "kratos.json",
		Path: "src/grafana_dashboards/kratos.json.tmpl",
		JSON: []byte(dashboard),
	}}
}
