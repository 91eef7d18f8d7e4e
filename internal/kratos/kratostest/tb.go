package kratostest

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// Env is the environment variable that names the servers to test on, paths
// separated by colons.
const Env = "KRATOS_BIN"

// Binaries gives the servers to test on: those that KRATOS_BIN names, else the
// pinned one where it is built. With neither the test is skipped.
func Binaries(tb testing.TB) []string {
	tb.Helper()
	if list := os.Getenv(Env); list != "" {
		return filepath.SplitList(list)
	}
	path, err := BinaryPath()
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		testneed.Skip(tb, "no Kratos", "the test needs a real server ("+err.Error()+")",
			"build it with make kratos, or name one in "+Env)
	}
	return []string{path}
}

// New starts a server that ends with the test. Where the configuration names no
// binary it is the first of [Binaries].
//
// On SQLite, in memory or in a file, Kratos serves one request at a time:
// requests that meet fail with 400, 401 or 500. So subtests that share such a
// server do not run in parallel.
func New(tb testing.TB, c Config) *Server {
	tb.Helper()
	s := start(tb, c)
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func start(tb testing.TB, c Config) *Server {
	tb.Helper()
	if c.Binary == "" {
		c.Binary = Binaries(tb)[0]
	}
	s, err := Start(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Email gives an address that no other test has, however often this one runs.
func Email(tb testing.TB) string {
	tb.Helper()
	return "person-" + strings.ToLower(rand.Text()[:12]) + "@example.com"
}
