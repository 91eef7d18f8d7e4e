package dispatch_test

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// traefik is an ingress that follows the routes that the charm wrote, as far as
// these go: paths and prefixes, one middleware, services by the names that they
// have in the cluster.
type traefik struct {
	host   string
	routes func() string // the dynamic configuration, as it is now
	local  map[string]string
}

// newTraefik listens. The ports of the services in the cluster are those of this
// machine's.
func newTraefik(t testing.TB, routes func() string, ports map[int]int) *traefik {
	t.Helper()
	listener := testneed.Listen(t)
	f := &traefik{host: listener.Addr().String(), routes: routes, local: map[string]string{}}
	for inside, here := range ports {
		f.local[fmt.Sprintf("http://kratos.iam.svc.cluster.local:%d", inside)] = fmt.Sprintf("http://127.0.0.1:%d", here)
	}
	server := &http.Server{Handler: f}
	go func() { _ = server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { server.Close() })
	return f
}

type dynamic struct {
	HTTP struct {
		Middlewares map[string]struct {
			ReplacePath struct{ Path string } `yaml:"replacePath"`
		}
		Routers map[string]struct {
			EntryPoints []string `yaml:"entryPoints"`
			Rule        string
			Middlewares []string
			Service     string
		}
		Services map[string]struct {
			LoadBalancer struct {
				Servers []struct{ URL string }
			} `yaml:"loadBalancer"`
		}
	}
}

func (f *traefik) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var d dynamic
	if err := yaml.Unmarshal([]byte(f.routes()), &d); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	for _, router := range d.HTTP.Routers {
		if router.EntryPoints[0] != "web" || !matches(router.Rule, r.URL.Path) {
			continue
		}
		for _, name := range router.Middlewares {
			r.URL.Path = d.HTTP.Middlewares[name].ReplacePath.Path
		}
		target, err := url.Parse(f.local[d.HTTP.Services[router.Service].LoadBalancer.Servers[0].URL])
		if err != nil || target.Host == "" {
			http.Error(w, "no such service", http.StatusBadGateway)
			return
		}
		proxy := httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }}
		proxy.ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

// matches tells whether a rule takes a path.
func matches(rule, path string) bool {
	kind, rest, _ := strings.Cut(rule, "(`")
	want := strings.TrimSuffix(rest, "`)")
	return kind == "Path" && path == want || kind == "PathPrefix" && strings.HasPrefix(path, want)
}
