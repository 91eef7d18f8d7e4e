package selfservice

import (
	"net/http"
	"strings"
)

// setHeaders sets what every answer carries, ours or Kratos'.
//
// Referrer-Policy is strict-origin: a path or a query, where the flow's id is,
// never leaves a page. It is not no-referrer, with which browsers send forms
// with Origin: null, which gateways between us and Kratos may refuse.
func (s *Server) setHeaders(h http.Header, e *exchange) {
	h.Set(requestIDHeader, e.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
}

// pageHeaders sets what a page of ours carries.
func (s *Server) pageHeaders(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.policy())
	h.Set("Cache-Control", "no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Vary", "Accept-Language, Cookie")
}

// policy is the Content-Security-Policy of our pages. Scripts are ours even where
// Kratos calls itself by another host; forms lead there.
func (s *Server) policy() string {
	p := []string{
		"default-src 'none'", "img-src 'self' data:", "script-src 'self'", "style-src 'self'",
		"connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}
	if len(s.o.FormActionOrigins) > 0 {
		forms := []string{"form-action 'self'"}
		if rel := s.relation.Load(); rel != nil && rel.Kind == Siblings && originOf(rel.Kratos) != originOf(s.o.PublicURL) {
			forms = append(forms, originOf(rel.Kratos))
		}
		p = append(p, strings.Join(append(forms, s.o.FormActionOrigins...), " "))
	}
	return strings.Join(p, "; ")
}
