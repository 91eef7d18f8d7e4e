package selfservice

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// offers remembers which flows Kratos has open, so that no page leads to one
// that is shut. Kratos reads its configuration again while it runs, so what is
// remembered grows old.
type offers struct {
	mu    sync.Mutex
	known map[page.Kind]offer
}

type offer struct {
	open  bool
	until time.Time
}

const offerAge = time.Minute

// offers tells whether Kratos has the flow open. Where it does not say, the flow
// is taken for what it was, or for open.
func (s *Server) offers(r *http.Request, kind page.Kind) bool {
	last, old := s.offered.get(kind)
	if !old {
		return last
	}
	open := s.asksFor(r.Context(), kind, last)
	s.offered.mu.Lock()
	defer s.offered.mu.Unlock()
	s.offered.known[kind] = offer{open, time.Now().Add(offerAge)}
	return open
}

// get gives what is known, and whether whoever asks has to ask Kratos: only one
// does, and all others are content with what was.
func (o *offers) get(kind page.Kind) (open, old bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	last, known := o.known[kind]
	if known && time.Now().Before(last.until) {
		return last.open, false
	}
	if o.known == nil {
		o.known = map[page.Kind]offer{}
	}
	open = !known || last.open
	o.known[kind] = offer{open, time.Now().Add(offerAge)}
	return open, true
}

// asksFor begins a flow as an API client does, which needs no cookie. Kratos
// refuses one that is shut with 400. One that is begun stays in Kratos' database
// until it is cleaned: three rows in a minute at most.
func (s *Server) asksFor(ctx context.Context, kind page.Kind, otherwise bool) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	a, err := s.kratos.get(ctx, "/self-service/"+string(kind)+"/api", nil, nil)
	switch {
	case err != nil:
		return otherwise
	case a.status == http.StatusOK:
		return true
	case a.status == http.StatusBadRequest || a.status == http.StatusNotFound:
		return false
	}
	return otherwise
}
