package selfservice

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// maxBody is how large a request may be, in bytes: identity traits and security
// keys, with room to spare.
const maxBody = 1 << 20

// outermost gives every request its id, its limits, its line in the log and, if
// all else fails, its page.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		e := s.newExchange(r)
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		seen := &recorder{ResponseWriter: w}
		s.setHeaders(w.Header(), e)
		defer s.logRequest(r, seen, began)
		defer s.recovered(seen, r)
		next.ServeHTTP(seen, r)
	})
}

// recovered makes a page of a panic. Where the answer has begun there is no page
// to be had any more, and the connection is cut.
func (s *Server) recovered(w *recorder, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	// What a panic says may hold anything that a request held; where it happened
	// may not.
	s.o.Log.ErrorContext(r.Context(), "a request panicked", "id", exchangeOf(r.Context()).id, "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.broken(w, r)
}

// logRequest writes the request's line.
func (s *Server) logRequest(r *http.Request, w *recorder, began time.Time) {
	e := exchangeOf(r.Context())
	level := slog.LevelInfo
	switch {
	case w.status >= 500:
		level = slog.LevelWarn
	case e.route == "GET /health/alive" || e.route == "GET /health/ready":
		level = slog.LevelDebug
	}
	s.o.Log.Log(r.Context(), level, "request served",
		"id", e.id, "method", knownMethod(r.Method), "route", e.route, "status", w.status, "bytes", w.bytes,
		"milliseconds", time.Since(began).Milliseconds(), "client", e.client.String())
}

// knownMethod keeps what a client invents out of the log.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// labelled notes the route that a request took.
func labelled(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).route = route
		next.ServeHTTP(w, r)
	})
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 before the answer has begun
	bytes  int64
}

// WriteHeader notes the status. One that only announces another is not the
// answer.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the size.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets net/http find what else the writer can do.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
