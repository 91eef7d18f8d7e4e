package selfservice

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// exchange is what is known of one request beyond net/http's record of it.
type exchange struct {
	id      string
	client  netip.Addr // the zero value where the peer has none
	trusted bool       // the peer is a trusted proxy
	route   string     // the route's pattern; "" before it is found
	retry   retry      // the marker that the request came with
	// challenge is OAuth2's, which the request came with.
	challenge string
}

const challengeParam = "login_challenge"

type exchangeKey struct{}

// exchangeOf gives the record that the outermost handler made.
func exchangeOf(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{}
}

func (s *Server) newExchange(r *http.Request) *exchange {
	e := &exchange{retry: retryOf(r), challenge: r.URL.Query().Get(challengeParam)}
	e.client, e.trusted = clientOf(r, s.o.TrustedProxies)
	if id := r.Header.Get(requestIDHeader); e.trusted && requestID().MatchString(id) {
		e.id = id
	} else {
		e.id = strings.ToLower(rand.Text()[:16])
	}
	return e
}

const requestIDHeader = "X-Request-Id"

// requestID is what a request's id may look like when a proxy gives it: it goes
// into logs, pages and headers.
var requestID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`) })

// clientOf gives the address of the browser, and whether the peer is a trusted
// proxy. Of X-Forwarded-For it believes what trusted proxies wrote: the last
// address that is none of theirs.
func clientOf(r *http.Request, proxies []netip.Prefix) (client netip.Addr, trusted bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	client = peer.Addr().Unmap()
	if !within(proxies, client) {
		return client, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		ip, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		client = ip.Unmap()
		if !within(proxies, client) {
			break
		}
	}
	return client, true
}

func within(prefixes []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// forwardedFor sets what Kratos is told of the request's way. Kratos takes a
// client's address from any of these headers, so those that a client sent are
// removed, whoever it is.
func (s *Server) forwardedFor(out http.Header, in *http.Request) {
	e := exchangeOf(in.Context())
	for _, name := range []string{"True-Client-Ip", "X-Real-Ip", "Forwarded"} {
		out.Del(name)
	}
	for name := range out {
		if !e.trusted && strings.HasPrefix(name, "Cf-") || strings.HasPrefix(name, "X-Forwarded-") || name == "Cf-Connecting-Ip" {
			out.Del(name)
		}
	}
	out.Set(requestIDHeader, e.id)
	out.Set("X-Forwarded-Host", s.hostOf(in))
	out.Set("X-Forwarded-Proto", s.o.PublicURL.Scheme)
	if e.client.IsValid() {
		out.Set("X-Forwarded-For", e.client.String())
	}
	if !e.trusted {
		return
	}
	if proto := in.Header.Get("X-Forwarded-Proto"); proto == "http" || proto == "https" {
		out.Set("X-Forwarded-Proto", proto)
	}
}
