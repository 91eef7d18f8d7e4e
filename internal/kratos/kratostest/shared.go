package kratostest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// poolSize is how many servers of a kind the tests of one process share: as many
// tests run at the same time on a small machine, and a server takes 80 MB.
const poolSize = 2

// kind is what servers are shared by.
type kind struct {
	binary   string
	postgres bool // else SQLite in memory
}

// String names the kind in the names of tests.
func (k kind) String() string {
	if k.postgres {
		return filepath.Base(k.binary) + "/postgres"
	}
	return filepath.Base(k.binary) + "/sqlite"
}

// pool lends servers to tests, each to one test at a time, and ends them.
type pool struct {
	mu      sync.Mutex
	open    bool                   // Main will stop the servers
	turns   map[kind]chan struct{} // one for each server that may be lent
	idle    map[kind][]*Server
	cluster *pgtest.Cluster
}

// shared is the pool of this test process. Its tests have nothing else in common
// that could hold it.
var shared = &pool{turns: map[kind]chan struct{}{}, idle: map[kind][]*Server{}}

// Main runs the tests of a package and then ends the servers that they shared:
//
//	func TestMain(m *testing.M) { os.Exit(kratostest.Main(m)) }
func Main(m *testing.M) int {
	shared.mu.Lock()
	shared.open = true
	shared.mu.Unlock()
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// Shared lends the test a server with the base configuration that other tests
// have used before and will use after it, so a test takes identifiers of its own
// ([Email]). The server is the test's alone until the test ends: ask once, and
// hand it to the subtests. It needs [Main].
func Shared(tb testing.TB) *Server {
	tb.Helper()
	return shared.lend(tb, kind{binary: Binaries(tb)[0]})
}

// Each runs a test on every server and every database that there are, each
// lent as by [Shared]: the servers of [Binaries], on SQLite in memory and on
// PostgreSQL.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	for _, binary := range Binaries(t) {
		for _, postgres := range []bool{false, true} {
			k := kind{binary, postgres}
			t.Run(k.String(), func(t *testing.T) { test(t, shared.lend(t, k)) })
		}
	}
}

// lend gives an idle server or starts one, when it is the test's turn.
func (p *pool) lend(tb testing.TB, k kind) *Server {
	tb.Helper()
	turn := p.turn(tb, k)
	turn <- struct{}{}
	s := p.take(k)
	tb.Cleanup(func() {
		if s != nil {
			p.put(k, s)
		}
		<-turn
	})
	if s == nil {
		s = start(tb, Config{Binary: k.binary, DSN: p.database(tb, k)})
	}
	return s
}

func (p *pool) turn(tb testing.TB, k kind) chan struct{} {
	tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		tb.Fatal("kratostest.Main does not run the tests of this package")
	}
	if p.turns[k] == nil {
		p.turns[k] = make(chan struct{}, poolSize)
	}
	return p.turns[k]
}

// take gives an idle server, or nil.
func (p *pool) take(k kind) *Server {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := p.idle[k]
	if len(idle) == 0 {
		return nil
	}
	p.idle[k] = idle[:len(idle)-1]
	return idle[len(idle)-1]
}

func (p *pool) put(k kind, s *Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle[k] = append(p.idle[k], s)
}

// database gives a new database of the process's cluster, or that in memory.
func (p *pool) database(tb testing.TB, k kind) string {
	tb.Helper()
	if !k.postgres {
		return inMemory
	}
	dsn, err := p.newDatabase(tb.Context())
	if errors.Is(err, pgtest.ErrMissing) {
		testneed.Skip(tb, "no PostgreSQL", err.Error(), "apt-get install postgresql")
	}
	if err != nil {
		tb.Fatal(err)
	}
	return dsn
}

func (p *pool) newDatabase(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cluster == nil {
		cluster, err := pgtest.Start(ctx)
		if err != nil {
			return "", err
		}
		p.cluster = cluster
	}
	return p.cluster.Database(ctx)
}

// stop ends the servers. All have been given back when the tests are over.
func (p *pool) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []error
	for _, servers := range p.idle {
		for _, s := range servers {
			all = append(all, s.Stop())
		}
	}
	if p.cluster != nil {
		all = append(all, p.cluster.Stop())
	}
	return errors.Join(all...)
}
