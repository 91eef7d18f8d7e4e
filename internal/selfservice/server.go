package selfservice

import (
	"net/http"
	"net/http/httputil"
	"sync/atomic"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// Server serves the pages and Kratos' public API. It may be used by several
// goroutines.
type Server struct {
	o       Options
	pages   *page.Renderer
	kratos  *kratos
	proxy   *httputil.ReverseProxy
	offered offers
	// relation is what the last Check found; nil before the first that succeeded.
	relation atomic.Pointer[Relation]
	known    recognition
	seal     seal
}

// New makes a server. It asks nothing of Kratos yet: see [Server.Check], which
// the first requests make until it has succeeded. Errors are of kind fault.Usage.
func New(o Options) (*Server, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	pages, err := page.New(o.Brand)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s", err)
	}
	s := &Server{o: o, pages: pages, kratos: newKratos(o), seal: newSeal()}
	s.proxy = s.newProxy()
	return s, nil
}

// Handler serves everything: pages, Kratos' public API, assets and health.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range s.routes() {
		mux.Handle(pattern, labelled(pattern, h))
	}
	return s.outermost(onlyPlainPaths(mux, http.HandlerFunc(s.notFound)))
}

// routes gives every route. What is not here is not found, and what is not in
// the last lines never reaches Kratos.
func (s *Server) routes() map[string]http.Handler {
	all := map[string]http.Handler{
		"/":                 http.HandlerFunc(s.notFound),
		"GET /{$}":          http.HandlerFunc(s.home),
		"GET " + errorPath:  http.HandlerFunc(s.failure),
		"GET " + logoutPath: http.HandlerFunc(s.logout),
		"GET " + gatePath:   http.HandlerFunc(s.gate),
		"GET /health/alive": http.HandlerFunc(s.alive),
		"GET /health/ready": http.HandlerFunc(s.ready),
		"/assets/":          page.Assets(),
	}
	for _, kind := range flowKinds {
		all["GET "+pagePath(kind)] = s.flowPage(kind)
	}
	for _, prefix := range kratosPaths {
		all[prefix] = http.HandlerFunc(s.forward)
	}
	return all
}

// kratosPaths are the paths of Kratos' public API that are handed on.
var kratosPaths = [...]string{"/self-service/", "/sessions", "/sessions/", "/schemas/", "/.well-known/ory/"}

// The paths of our own pages.
const (
	homePath   = "/"
	errorPath  = "/error"
	logoutPath = "/logout"
	gatePath   = "/enrol"
)

var flowKinds = [...]page.Kind{page.Login, page.Registration, page.Recovery, page.Verification, page.Settings}

func pagePath(kind page.Kind) string { return "/" + string(kind) }

// isFlowPage tells whether the path is that of a flow's page.
func isFlowPage(path string) bool {
	for _, kind := range flowKinds {
		if path == pagePath(kind) {
			return true
		}
	}
	return false
}

// isPage tells whether the path is that of a page of ours.
func isPage(path string) bool {
	return isFlowPage(path) || path == homePath || path == errorPath || path == logoutPath || path == gatePath
}
