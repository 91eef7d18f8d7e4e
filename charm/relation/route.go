package relation

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// The relations to Traefik, interface traefik_route, in its raw form: this side
// writes Traefik's dynamic configuration.
const (
	PublicRouteEndpoint   = "public-route"
	InternalRouteEndpoint = "internal-route"
)

// The ports that Kratos listens on, and that of the charm's own pages.
const (
	PublicPort = 4433
	AdminPort  = 4434
	UIPort     = 4455
)

// Ingress is where Traefik can be reached from outside.
type Ingress struct {
	Host   string // with the port, if it is not the scheme's own
	Scheme string // http or https
}

// URL gives the address without a slash at its end.
func (i Ingress) URL() string { return i.Scheme + "://" + i.Host }

// ReadRoute reads what Traefik says of itself.
func ReadRoute(r Relation) (Ingress, error) {
	i := Ingress{Host: r.RemoteApp["external_host"], Scheme: r.RemoteApp["scheme"]}
	if i.Host == "" {
		return Ingress{}, r.waiting("external_host")
	}
	if !isHostPort(i.Host) {
		return Ingress{}, r.malformed("external_host", "it is not the name or address of a host")
	}
	switch i.Scheme {
	case "":
		return Ingress{}, r.waiting("scheme")
	case "http", "https":
		return i, nil
	}
	return Ingress{}, r.malformed("scheme", "it is neither http nor https")
}

// WritePublicRoute gives the routes that everybody may take: the callback of
// social logins, the schemas, the script of webauthn, and the page that an
// invitation or a recovery link opens. The admin API is never among them.
func WritePublicRoute(model, app string, ingress Ingress) Databag {
	c := newRoutes(model, app, ingress)
	replace := "juju-sidecar-replace-path-" + c.name
	c.http.Middlewares = map[string]middleware{
		replace: {ReplacePath: replacePath{Path: "/.well-known/ory/webauthn.js"}},
	}
	c.add("public", "well-known", "Path(`/.well-known/webauthn.js`)", replace)
	c.add("public", "self-service-oidc-callback", "PathPrefix(`/self-service/methods/oidc/callback`)")
	c.add("public", "self-service-recovery", "PathPrefix(`/self-service/recovery`)")
	c.add("public", "schemas", "PathPrefix(`/schemas`)")
	c.serve("public", PublicPort)
	return c.databag()
}

// WriteUIRoute gives one route: everything goes to the charm's own pages, which
// pass on to Kratos' public API what belongs there, and nothing to its admin API.
func WriteUIRoute(model, app string, port int, ingress Ingress) Databag {
	c := newRoutes(model, app, ingress)
	c.add("ui", "pages", "PathPrefix(`/`)")
	c.serve("ui", port)
	return c.databag()
}

// WriteInternalRoute gives the routes for neighbours. The admin API is among
// them, and Kratos asks nobody there who they are: whoever reaches this ingress
// owns every identity.
func WriteInternalRoute(model, app string, ingress Ingress) Databag {
	c := newRoutes(model, app, ingress)
	for _, path := range []string{"identities", "recovery", "sessions"} {
		c.add("admin", path, "PathPrefix(`/admin/"+path+"`)")
	}
	for _, path := range []string{"schemas", "self-service", "sessions"} {
		c.add("public", path, "PathPrefix(`/"+path+"`)")
	}
	c.serve("admin", AdminPort)
	c.serve("public", PublicPort)
	return c.databag()
}

// The part of Traefik's dynamic configuration that is used here.
type (
	dynamic struct {
		HTTP traefikHTTP `yaml:"http"`
	}
	traefikHTTP struct {
		Middlewares map[string]middleware `yaml:"middlewares,omitempty"`
		Routers     map[string]router     `yaml:"routers"`
		Services    map[string]service    `yaml:"services"`
	}
	middleware struct {
		ReplacePath replacePath `yaml:"replacePath"`
	}
	replacePath struct {
		Path string `yaml:"path"`
	}
	router struct {
		EntryPoints []string   `yaml:"entryPoints"`
		Rule        string     `yaml:"rule"`
		Middlewares []string   `yaml:"middlewares,omitempty"`
		Service     string     `yaml:"service"`
		TLS         *routerTLS `yaml:"tls,omitempty"`
	}
	routerTLS struct {
		Domains []domain `yaml:"domains"`
	}
	domain struct {
		Main string   `yaml:"main"`
		SANs []string `yaml:"sans"`
	}
	service struct {
		LoadBalancer loadBalancer `yaml:"loadBalancer"`
	}
	loadBalancer struct {
		Servers []server `yaml:"servers"`
	}
	server struct {
		URL string `yaml:"url"`
	}
)

// routes collects the configuration of one application.
type routes struct {
	name, app, model string
	domain           domain
	http             traefikHTTP
}

func newRoutes(model, app string, ingress Ingress) *routes {
	host, _, _ := hostPort(ingress.Host)
	return &routes{
		name: model + "-" + app, app: app, model: model,
		domain: domain{Main: host, SANs: []string{"*." + host}},
		http:   traefikHTTP{Routers: map[string]router{}, Services: map[string]service{}},
	}
}

// add makes a router to an API, and its twin for TLS.
func (c *routes) add(api, name, rule string, middlewares ...string) {
	r := router{EntryPoints: []string{"web"}, Rule: rule, Middlewares: middlewares, Service: c.service(api)}
	key := fmt.Sprintf("juju-%s-%s-api-router-%s", c.name, api, name)
	c.http.Routers[key] = r
	r.EntryPoints, r.TLS = []string{"websecure"}, &routerTLS{Domains: []domain{c.domain}}
	c.http.Routers[key+"-tls"] = r
}

// serve makes the service of an API.
func (c *routes) serve(api string, port int) {
	url := fmt.Sprintf("http://%s.%s.svc.cluster.local:%d", c.app, c.model, port)
	c.http.Services[c.service(api)] = service{LoadBalancer: loadBalancer{Servers: []server{{URL: url}}}}
}

func (c *routes) service(api string) string {
	return fmt.Sprintf("juju-%s-%s-api-service", c.name, api)
}

// databag gives the configuration as Traefik takes it. Without an address of
// the ingress there is nothing to route yet.
func (c *routes) databag() Databag {
	if c.domain.Main == "" {
		return Databag{}
	}
	var text strings.Builder
	e := yaml.NewEncoder(&text)
	e.SetIndent(2)
	if err := e.Encode(dynamic{HTTP: c.http}); err != nil {
		panic("relation: cannot encode routes as YAML: " + err.Error())
	}
	return Databag{"raw": "True", "config": strings.TrimSpace(text.String())}
}
