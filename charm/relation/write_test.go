package relation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

const alertFile = `groups:
- name: KratosUnavailable
  rules:
  - alert: KratosUnavailable-multiple
    expr: sum(up{%%juju_topology%%}) / count(up{%%juju_topology%%}) < 0.7
    for: 1m
    labels: {severity: error}
    annotations:
      summary: "30% of units of {{ $labels.juju_application }} are down"
`

func topology() relation.Topology {
	return relation.Topology{
		Model: "iam", ModelUUID: "7e7d2b0c-3c7e-4f6d-8f4c-0e6a4f0a9b1c", App: "kratos", Unit: "kratos/0", Charm: "kratos",
	}
}

func alerts(tb testing.TB) []relation.AlertGroup {
	tb.Helper()
	groups, err := relation.ParseAlerts([]byte(alertFile))
	if err != nil {
		tb.Fatal(err)
	}
	return groups
}

func info() relation.KratosInfo {
	return relation.KratosInfo{
		AdminURL: "http://kratos.iam.svc.cluster.local:4434", PublicURL: "http://kratos.iam.svc.cluster.local:4433",
		BrowserURL: "https://iam.example.com", ProvidersConfigMap: "oidc-providers", SchemasConfigMap: "identity-schemas",
		ConfigMapsNamespace: "iam", MFA: true,
		Features: relation.Features{Password: true, TOTP: true, BackupCodes: true},
	}
}

// written are the databags under test, by the name of their golden file.
func written(tb testing.TB) map[string]relation.Databag {
	tb.Helper()
	bags := map[string]relation.Databag{}
	bags["database.app"], bags["database.unit"] = relation.WriteDatabase("iam_kratos")
	bags["metrics.app"], bags["metrics.unit"] = relation.WriteMetrics(topology(), "10.1.2.3", alerts(tb))
	bags["metrics-bare.app"], bags["metrics-bare.unit"] = relation.WriteMetrics(topology(), "", nil)
	ingress := relation.Ingress{Host: "iam.example.com:8443", Scheme: "https"}
	bags["public-route"] = relation.WritePublicRoute("iam", "kratos", ingress)
	bags["internal-route"] = relation.WriteInternalRoute("iam", "kratos", ingress)
	bags["route-without-host"] = relation.WritePublicRoute("iam", "kratos", relation.Ingress{})
	providers := []relation.Provider{{ID: "github_x"}, {ID: "ä/b"}}
	bags["redirect-uris"] = relation.WriteRedirectURIs("https://iam.example.com/", providers)
	bags["redirect-uris-without-address"] = relation.WriteRedirectURIs("", providers)
	bags["redirect-uris-without-providers"] = relation.WriteRedirectURIs("https://iam.example.com", nil)
	bags["kratos-info"] = relation.WriteKratosInfo(info())
	off, unknown := info(), info()
	off.MFA, off.Features = false, relation.Features{}
	unknown.BrowserURL = ""
	bags["kratos-info-all-off"] = relation.WriteKratosInfo(off)
	bags["kratos-info-without-address"] = relation.WriteKratosInfo(unknown)
	bags["ca-cert"], bags["tracing"] = relation.WriteCACerts(), relation.WriteTracing()
	bags["logging"] = relation.WriteLogging(topology(), alerts(tb))
	bags["logging-without-alerts"] = relation.WriteLogging(topology(), nil)
	dashboards, err := relation.WriteDashboards(topology(), []relation.Dashboard{{
		File: "kratos.json", Path: "src/grafana_dashboards/kratos.json.tmpl", JSON: []byte(`{"title": "a < b", "tags": ["iam"], "uid": "old"}`),
	}})
	if err != nil {
		tb.Fatal(err)
	}
	bags["dashboards"] = dashboards
	return bags
}

// TestWrite compares each databag with its golden file, and writes it twice:
// the same facts must give the same bytes.
func TestWrite(t *testing.T) {
	t.Parallel()
	again := written(t)
	for name, bag := range written(t) {
		var text bytes.Buffer
		e := yaml.NewEncoder(&text)
		e.SetIndent(2)
		if err := e.Encode(map[string]string(bag)); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("testdata", "write", name+".golden"), text.Bytes())
		if set, remove := relation.Diff(bag, again[name]); len(set)+len(remove) > 0 {
			t.Errorf("%s: a steady hook would set %q and remove %q", name, set, remove)
		}
	}
}

func TestFlagsGoWithTheirSwitches(t *testing.T) {
	t.Parallel()
	bags := written(t)
	set, remove := relation.Diff(bags["kratos-info"], bags["kratos-info-all-off"])
	if diff := cmp.Diff([]string{"feature_flags"}, remove); diff != "" {
		t.Errorf("removed (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(relation.Databag{"mfa_enabled": "False"}, set); diff != "" {
		t.Errorf("set (-want +got)\n%s", diff)
	}
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	all := relation.Features{Password: true, Webauthn: true, TOTP: true, BackupCodes: true, AccountLinking: true}
	if got := all.String(); got != "password,webauthn,totp,backup_codes,account_linking" {
		t.Errorf("all features are %q", got)
	}
}

// TestPublicRouteHasNoAdmin reads the configuration as Traefik's side does.
func TestPublicRouteHasNoAdmin(t *testing.T) {
	t.Parallel()
	for name, admin := range map[string]bool{"public-route": false, "internal-route": true} {
		var config struct {
			HTTP struct {
				Routers  map[string]struct{ Rule, Service string }
				Services map[string]any
			}
		}
		if err := yaml.Unmarshal([]byte(written(t)[name]["config"]), &config); err != nil {
			t.Fatal(err)
		}
		found := false
		for key, r := range config.HTTP.Routers {
			found = found || strings.Contains(r.Rule, "admin") || strings.Contains(r.Service, "admin")
			if _, ok := config.HTTP.Services[r.Service]; !ok {
				t.Errorf("%s: router %s has no service", name, key)
			}
		}
		if found != admin || strings.Contains(fmt.Sprint(config.HTTP.Services), "4434") != admin {
			t.Errorf("%s: reaches the admin API: %t", name, found)
		}
	}
}

func TestParseAlertsRefuses(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"an unknown key": "groups: [{name: g, rules: [{alert: a, expr: up, foor: 1m}]}]",
		"no query":       "groups: [{name: g, rules: [{alert: a}]}]",
		"no name":        "groups: [{name: g, rules: [{expr: up}]}]",
		"no group name":  "groups: [{rules: [{alert: a, expr: up}]}]",
		"no YAML":        "groups: [",
		"nothing":        "",
	} {
		if groups, err := relation.ParseAlerts([]byte(file)); err == nil {
			t.Errorf("%s is taken: %v", name, groups)
		}
	}
}

func TestWriteDashboardsRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "[]", `"x"`, `{"tags": 7}`, `{`} {
		if _, err := relation.WriteDashboards(topology(), []relation.Dashboard{{File: "x.json", JSON: []byte(text)}}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if bag, err := relation.WriteDashboards(topology(), nil); err != nil || len(bag) > 0 {
		t.Errorf("no dashboards give %q, error %v", bag, err)
	}
}

func TestDashboardsChangeTheUUID(t *testing.T) {
	t.Parallel()
	uuid := func(text string) string {
		bag, err := relation.WriteDashboards(topology(), []relation.Dashboard{{File: "k.json", JSON: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		var sent struct{ UUID string }
		if err := json.Unmarshal([]byte(bag["dashboards"]), &sent); err != nil {
			t.Fatal(err)
		}
		return sent.UUID
	}
	if uuid(`{"a": 1}`) == uuid(`{"a": 2}`) {
		t.Error("another dashboard has the same uuid")
	}
}

func TestLogLabels(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"product": "Juju", "charm": "kratos", "juju_model": "iam", "juju_model_uuid": topology().ModelUUID,
		"juju_application": "kratos", "juju_unit": "kratos/0",
	}
	if diff := cmp.Diff(want, topology().LogLabels()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
