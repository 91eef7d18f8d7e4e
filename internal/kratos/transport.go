package kratos

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Limits of one request. The context bounds the whole of it.
const (
	dialLimit   = 5 * time.Second
	bodyLimit   = 32 << 20 // bytes of an answer
	headerLimit = 256 << 10
)

// newHTTPClient gives a client that follows no redirect: Kratos' public port
// redirects to the admin port, so a followed redirect would hide that the wrong
// port was given.
func newHTTPClient(proxy func(*http.Request) (*url.URL, error), roots *x509.CertPool) *http.Client {
	transport := &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: dialLimit}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialLimit,
		MaxResponseHeaderBytes: headerLimit,
		IdleConnTimeout:        30 * time.Second,
	}
	return &http.Client{
		Transport:     limitBody{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// limitBody keeps an answer from filling the memory: client-go reads it whole.
// Reading on beyond the limit is an *http.MaxBytesError.
type limitBody struct{ next http.RoundTripper }

// RoundTrip does the request.
func (l limitBody) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, bodyLimit)
	}
	return resp, err
}
