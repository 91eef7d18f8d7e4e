package dispatch_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// BenchmarkHook measures steady hooks of a unit with everything related, and
// counts what each asks of others. The hook tools run in this process: Juju's own
// cost a process each, some 2.4 ms, so their number is what counts.
func BenchmarkHook(b *testing.B) {
	c := newModel(b, kratostest.Binaries(b)[0]).deploy(b, jujutest.NewUnit(b, ""))
	c.come(mark)
	c.once("kratos-pebble-ready")
	for _, endpoint := range []string{
		"ui-endpoint-info", "public-route", "internal-route", "hydra-endpoint-info", "kratos-info", "tracing", "logging",
		"metrics-endpoint", "grafana-dashboard", "receive-ca-cert", "kratos-external-idp",
	} {
		c.integrate(endpoint, "other", nil)
	}
	c.once("config-changed")
	for _, hook := range []string{"install", "config-changed", "kratos-pebble-ready", "leader-elected", "update-status", "kratos-info-relation-changed"} {
		b.Run(hook, func(b *testing.B) {
			tools := len(c.unit.Calls())
			c.pod.Forget()
			c.model.kube.Forget()
			for b.Loop() {
				c.once(hook)
			}
			per := func(n int) float64 { return float64(n) / float64(b.N) }
			b.ReportMetric(per(len(c.unit.Calls())-tools), "tools/op")
			b.ReportMetric(per(len(c.pod.Journal())), "pebble/op")
			b.ReportMetric(per(len(c.model.kube.Journal())), "kubernetes/op")
		})
	}
}
