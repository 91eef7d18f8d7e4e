package selfservice

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// forward hands a request on to Kratos' public API.
func (s *Server) forward(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect || r.Method == http.MethodTrace || r.Header.Get("Upgrade") != "":
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case r.ContentLength > maxBody:
		s.tooLarge(w, r)
		return
	case s.preview(w, r), s.resume(w, r):
		return
	case !s.recognised(r.Context()):
		s.away(w, r, errNotRecognised)
		return
	}
	if isSentLink(r.URL) {
		exchangeOf(r.Context()).retry = retryLink
	}
	s.proxy.ServeHTTP(w, r)
}

func (s *Server) newProxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: s.rewrite, ModifyResponse: s.modify, ErrorHandler: s.proxyFailed,
		Transport: s.o.Transport,
		ErrorLog:  slog.NewLogLogger(discardAttrs{s.o.Log.Handler()}, slog.LevelWarn),
	}
}

func (s *Server) rewrite(p *httputil.ProxyRequest) {
	unmark(p.Out.URL)
	p.SetURL(s.o.KratosURL)
	if keepsHost(s.o.KratosURL) {
		p.Out.Host = p.In.Host
	}
	s.forwardedFor(p.Out.Header, p.In)
}

// modify changes what Kratos answers a browser in two places: where it sends it
// to, and a failure that is no page.
func (s *Server) modify(a *http.Response) error {
	a.Header.Del(requestIDHeader)
	for name := range ourHeaders {
		a.Header.Del(name)
	}
	r := a.Request
	if a.StatusCode >= 500 && wantsPage(r) && !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		return errServerFailed
	}
	if a.StatusCode != http.StatusSeeOther && a.StatusCode != http.StatusFound {
		return nil
	}
	target, err := url.Parse(a.Header.Get("Location"))
	if err != nil || target.String() == "" {
		return nil
	}
	if s.isOurs(target) && isPage(target.Path) {
		q := target.Query()
		told, added := tellKind(r.URL.Path, target.Path, q), exchangeOf(r.Context()).addTo(q)
		if told || added {
			target.RawQuery = q.Encode()
			a.Header.Set("Location", target.String())
		}
		return nil
	}
	s.throughGate(a, target)
	return nil
}

// kindParam tells the page of a failure in which kind of flow it happened, which
// Kratos does not.
const kindParam = "kind"

// tellKind adds it to the query, if the path of a flow of Kratos' leads to that
// page. It tells whether it has.
func tellKind(from, to string, q url.Values) bool {
	_, path, _ := strings.Cut(from, "/self-service/")
	kind, _, _ := strings.Cut(path, "/")
	if to != errorPath || !isFlowPage("/"+kind) {
		return false
	}
	q.Set(kindParam, kind)
	return true
}

// ourHeaders are those that the outermost handler has set already: Kratos' would
// be a second one beside them.
var ourHeaders = map[string]struct{}{"X-Content-Type-Options": {}, "Referrer-Policy": {}}

// isOurs tells whether the URL leads to this server.
func (s *Server) isOurs(u *url.URL) bool {
	return u.Host == "" || u.Scheme == s.o.PublicURL.Scheme && u.Host == s.o.PublicURL.Host
}

var errServerFailed = errors.New("kratos answered with a failure of its own")

// proxyFailed answers where Kratos did not.
func (s *Server) proxyFailed(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		s.tooLarge(w, r)
	case r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // the browser is gone
	default:
		s.away(w, r, err)
	}
}

// wantsPage tells whether a person looks at the answer.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "text/html") && !strings.HasPrefix(accept, "application/json")
}

// discardAttrs keeps a message that a library made up out of the log, since it
// may quote a request, and writes that there was one.
type discardAttrs struct{ slog.Handler }

func (h discardAttrs) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "net/http reports a failed connection", 0))
}
