package kratos

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// ProxyFromEnvironment gives the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY
// name for the request, but never one for a host that no proxy can reach:
// loopback addresses, names without a dot, and names below svc and
// cluster.local, which Kubernetes alone resolves.
func ProxyFromEnvironment(r *http.Request) (*url.URL, error) {
	if nearby(r.URL.Hostname()) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

func nearby(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") ||
		strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".cluster.local")
}
