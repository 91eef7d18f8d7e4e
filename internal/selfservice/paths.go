package selfservice

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// onlyPlainPaths hands on requests whose path says what it means, and all others
// to refused. Every part that reads a path (we, a gateway, Kratos) has its own
// mind about dots, parameters behind a semicolon, doubled slashes and encoded
// ones, and no route of ours or of
// Kratos' public API needs them.
func onlyPlainPaths(next, refused http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if plain(r.URL) {
			next.ServeHTTP(w, r)
			return
		}
		refused.ServeHTTP(w, r)
	})
}

func plain(u *url.URL) bool {
	p := u.Path
	if !strings.HasPrefix(p, "/") || u.Opaque != "" || strings.Contains(u.EscapedPath(), "%") {
		return false
	}
	if strings.ContainsFunc(p, func(c rune) bool { return c <= ' ' || c == '\\' || c == ';' || c >= 0x7f }) {
		return false
	}
	return p == "/" || !strings.HasSuffix(p, "//") && path.Clean(p) == strings.TrimSuffix(p, "/")
}
