package selfservice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Limits of the server.
const (
	headerLimit  = 5 * time.Second
	readLimit    = 30 * time.Second
	writeLimit   = 60 * time.Second
	idleLimit    = 2 * time.Minute
	stopLimit    = 10 * time.Second
	checkLimit   = 5 * time.Second
	maxHeader    = 32 << 10
	checkSoonest = 100 * time.Millisecond
	checkLatest  = 10 * time.Second
	readyTimeout = 2 * time.Second
)

// Serve serves on the listener until the context ends, then lets what is under
// way finish, for ten seconds at most. It closes the listener.
//
// First it compares our public URL with Kratos' own: see [Server.Check]. Where
// these do not fit, or what answers is not Kratos' public API, it returns the
// error. Where Kratos does not answer yet it serves, says so on every page and at
// /health/ready, hands nothing on, and compares later.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	s, err := New(o)
	if err != nil {
		l.Close()
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	known, err := s.firstCheck(ctx)
	if err != nil {
		l.Close()
		return err
	}
	if !known {
		go s.checkUntilKnown(ctx, cancel)
	}
	return s.serve(ctx, l)
}

// firstCheck tells whether Kratos has answered. That it has not is no error.
func (s *Server) firstCheck(ctx context.Context) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	rel, err := s.Check(ctx)
	switch {
	case fault.KindOf(err) == fault.Precondition:
		return false, err
	case err != nil:
		s.o.Log.Warn("kratos does not answer yet", "cause", err.Error())
		return false, nil
	}
	s.tell(ctx, rel)
	return true, nil
}

// tell writes down what an operator may have to set.
func (s *Server) tell(ctx context.Context, rel Relation) {
	if rel.Line != "" {
		s.o.Log.Warn(rel.Line)
	}
	for _, line := range s.misplaced(ctx) {
		s.o.Log.Warn(line)
	}
}

// checkUntilKnown compares until Kratos has answered, and ends the server if the
// two do not fit.
func (s *Server) checkUntilKnown(ctx context.Context, end context.CancelCauseFunc) {
	for wait := checkSoonest; ; wait = min(2*wait, checkLatest) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		rel, err := s.Check(ctx)
		switch {
		case err == nil:
			s.tell(ctx, rel)
			return
		case fault.KindOf(err) == fault.Precondition:
			end(err)
			return
		}
	}
}

// serve runs the HTTP server.
func (s *Server) serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerLimit, ReadTimeout: readLimit, WriteTimeout: writeLimit, IdleTimeout: idleLimit,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(discardAttrs{s.o.Log.Handler()}, slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	s.o.Log.Info("serving", "address", l.Addr().String(), "public", originOf(s.o.PublicURL))
	select {
	case err := <-ended:
		return fault.New(fault.Unavailable, "cannot serve on %s", l.Addr()).Because(err)
	case <-ctx.Done():
	}
	return s.stop(h, context.Cause(ctx))
}

// stop ends the server gracefully. That it was told to end is no error; that the
// origins do not fit is.
func (s *Server) stop(h *http.Server, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	if h.Shutdown(ctx) != nil {
		h.Close()
	}
	if !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

// alive answers while the process does.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, http.StatusOK, "ok")
}

// ready answers with 200 when Kratos is ready too, and is known to be Kratos.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if !s.recognised(ctx) {
		writeHealth(w, http.StatusServiceUnavailable, "kratos' public API is not found yet")
		return
	}
	a, err := s.kratos.get(ctx, "/health/ready", nil, nil)
	if err != nil || a.status != http.StatusOK {
		writeHealth(w, http.StatusServiceUnavailable, "kratos is not ready")
		return
	}
	writeHealth(w, http.StatusOK, "ok")
}

func writeHealth(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"status": text}) // a prober that is gone needs no error
}
