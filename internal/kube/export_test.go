package kube

import (
	"net/http"
	"net/url"
	"time"
)

// Wait sets how long one answer is waited for.
func (c *Client) Wait(d time.Duration) { c.timeout = d }

// ProxyFor gives the proxy of requests to Kubernetes.
func ProxyFor(o Options, r *http.Request) (*url.URL, error) {
	config, _, err := account(o)
	if err != nil {
		return nil, err
	}
	if config.Proxy == nil {
		return http.ProxyFromEnvironment(r)
	}
	return config.Proxy(r)
}
