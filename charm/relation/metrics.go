package relation

import "fmt"

// MetricsEndpoint is the relation to Prometheus, interface prometheus_scrape.
const MetricsEndpoint = "metrics-endpoint"

// WriteMetrics tells Prometheus where each unit's metrics are, and what to alert
// about. address is this unit's, and stays unsaid while it is not known. The
// application's databag is for the leader to write, the unit's for each.
func WriteMetrics(t Topology, address string, groups []AlertGroup) (app, unit Databag) {
	type static struct {
		Targets []string `json:"targets"`
	}
	type job struct {
		MetricsPath   string   `json:"metrics_path"`
		StaticConfigs []static `json:"static_configs"`
	}
	jobs := []job{{
		MetricsPath:   "/metrics/prometheus",
		StaticConfigs: []static{{Targets: []string{fmt.Sprintf("*:%d", AdminPort)}}},
	}}
	app = Databag{
		"scrape_jobs":     encode(jobs),
		"scrape_metadata": encode(t),
		"alert_rules":     encodeAlerts(t, groups),
	}
	if address == "" {
		return app, Databag{}
	}
	return app, Databag{
		"prometheus_scrape_unit_address": address,
		"prometheus_scrape_unit_name":    t.Unit,
	}
}
