package charm

import (
	"fmt"

	"github.com/kratos-agent/kratos-agent/charm/observability"
	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kube"
)

// bags gives the databags as they should be. The applications' are for the
// leader to write, which apply sees to.
func bags(w World, f *facts, c kratosconf.Config) []Bag {
	all := map[string]func(relation.Relation) Bag{
		relation.DatabaseEndpoint: func(relation.Relation) Bag {
			app, _ := relation.WriteDatabase(w.Model + "_" + w.App())
			return Bag{App: app}
		},
		relation.ExternalIDPEndpoint: func(r relation.Relation) Bag { return redirectURIs(f, r) },
		relation.PublicRouteEndpoint: func(relation.Relation) Bag {
			if w.builtinUI() {
				return Bag{App: relation.WriteUIRoute(w.Model, w.App(), w.Ports.UI, f.public)}
			}
			return Bag{App: relation.WritePublicRoute(w.Model, w.App(), f.public)}
		},
		relation.InternalRouteEndpoint: func(relation.Relation) Bag {
			return Bag{App: relation.WriteInternalRoute(w.Model, w.App(), f.internal)}
		},
		relation.KratosInfoEndpoint: func(r relation.Relation) Bag { return Bag{App: relation.WriteKratosInfo(info(w, f, c, r))} },
		relation.CACertsEndpoint:    func(relation.Relation) Bag { return Bag{App: relation.WriteCACerts()} },
		relation.TracingEndpoint:    func(relation.Relation) Bag { return Bag{App: relation.WriteTracing()} },
	}
	var list []Bag
	for endpoint, make := range all {
		for _, r := range w.Relations[endpoint] {
			bag := make(r)
			bag.Relation = r
			list = append(list, bag)
		}
	}
	list = append(list, observed(w, f)...)
	sortBags(list)
	return list
}

// observed gives the databags of those who watch: metrics, logs, dashboards.
func observed(w World, f *facts) []Bag {
	if !w.related(relation.MetricsEndpoint) && !w.related(relation.LoggingEndpoint) && !w.related(relation.DashboardEndpoint) {
		return nil
	}
	prometheus, loki, err := observability.Rules()
	f.trouble(false, err)
	dashboards, err := relation.WriteDashboards(w.topology(), observability.Dashboards())
	f.trouble(false, err)
	var list []Bag
	for _, r := range w.Relations[relation.MetricsEndpoint] {
		app, unit := relation.WriteMetrics(w.topology(), w.Address, prometheus)
		list = append(list, Bag{Relation: r, App: app, Unit: unit})
	}
	for _, r := range w.Relations[relation.LoggingEndpoint] {
		list = append(list, Bag{Relation: r, App: relation.WriteLogging(w.topology(), loki)})
	}
	for _, r := range w.Relations[relation.DashboardEndpoint] {
		list = append(list, Bag{Relation: r, App: dashboards})
	}
	return list
}

// redirectURIs leaves alone what an integrator was told whose providers cannot
// be read: they are registered with what it says.
func redirectURIs(f *facts, r relation.Relation) Bag {
	providers, ok := f.byRelation[r.ID]
	if !ok && r.RemoteApp["providers"] != "" {
		return Bag{}
	}
	return Bag{App: relation.WriteRedirectURIs(f.publicURL(), providers)}
}

// info is what the users of this Kratos are told.
func info(w World, f *facts, c kratosconf.Config, r relation.Relation) relation.KratosInfo {
	methods := c.SelfService.Methods
	admin, public := w.inCluster(w.Ports.Admin), w.inCluster(w.Ports.Public)
	if f.internal.Host != "" {
		admin, public = f.internal.URL(), f.internal.URL()
	}
	providers, schemas := w.configMapNames(r.LocalApp)
	return relation.KratosInfo{
		AdminURL: admin, PublicURL: public, BrowserURL: f.publicURL(),
		ProvidersConfigMap: providers, SchemasConfigMap: schemas, ConfigMapsNamespace: w.Model,
		MFA: w.Options.EnforceMFA, OIDCWebauthnSequencing: w.Options.Sequencing, Verification: w.Options.Verification,
		Features: relation.Features{
			Password: methods.Password.Enabled, Webauthn: methods.WebAuthn.Enabled, TOTP: methods.TOTP.Enabled,
			BackupCodes: methods.LookupSecret.Enabled, AccountLinking: methods.OIDC.Enabled,
		},
	}
}

// inCluster gives the address of one of Kratos' ports within the cluster.
func (w World) inCluster(port int) string {
	return fmt.Sprintf("http://%s.%s.svc.cluster.local:%d", w.App(), w.Model, port)
}

// configMapNames gives the names of the two ConfigMaps: those that were told of
// already while Kubernetes does not say what there is.
func (w World) configMapNames(told relation.Databag) (providers, schemas string) {
	if !w.Cluster.known() && told["providers_configmap_name"] != "" && told["schemas_configmap_name"] != "" {
		return told["providers_configmap_name"], told["schemas_configmap_name"]
	}
	return kube.Names(w.App(), w.Cluster.ConfigMaps)
}

// known tells whether Kubernetes has answered.
func (c Cluster) known() bool { return c.Asked && c.Err == nil }
