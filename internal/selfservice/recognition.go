package selfservice

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errNotRecognised says that nothing is handed on yet.
var errNotRecognised = errors.New("it is not known yet whether it is Kratos' public API that answers")

// recognition keeps requests that come before Kratos is known from asking all at
// once.
type recognition struct {
	mu    sync.Mutex
	tried time.Time // when the last Check of a request failed
}

const (
	recogniseLimit = 2 * time.Second
	recogniseAgain = time.Second
)

// recognised tells whether a Check has succeeded, and makes one if none has.
//
// Nothing goes to Kratos before. At the admin API the paths that are handed on
// have another meaning: /sessions lists the sessions of all people. An address
// of it that was given for that of the public API by mistake answers no Check.
func (s *Server) recognised(ctx context.Context) bool {
	if s.relation.Load() != nil {
		return true
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	switch {
	case s.relation.Load() != nil:
		return true
	case time.Since(s.known.tried) < recogniseAgain:
		return false
	}
	checking, cancel := context.WithTimeout(ctx, recogniseLimit)
	defer cancel()
	_, err := s.Check(checking)
	if err != nil && ctx.Err() == nil {
		s.known.tried = time.Now()
	}
	return err == nil
}
