// Package testneed is how a test says what it needs of the machine.
package testneed

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync/atomic"
	"testing"
)

// NoSkip is the environment variable that, when not empty, turns every skip
// into a failure: continuous integration sets it.
const NoSkip = "KRATOS_AGENT_NO_SKIP"

// Skip ends a test that this machine cannot run: what is missing, why that
// keeps the test from running, and how to enable it.
func Skip(tb testing.TB, what, why, enable string) {
	tb.Helper()
	if os.Getenv(NoSkip) != "" {
		tb.Fatalf("%s: %s (%s is set, so this is a failure; %s)", what, why, NoSkip, enable)
	}
	tb.Skipf("%s: %s; to enable: %s", what, why, enable)
}

// Ports are taken from below 32768, where Linux gives out no ports by itself:
// a client that polls a closed port from that range can connect to itself.
const firstPort, lastPort = 20000, 32700

var next atomic.Uint32

// Port gives a free TCP port on 127.0.0.1. Packages are tested in processes of
// their own at the same time, so each begins elsewhere.
func Port(tb testing.TB) int {
	tb.Helper()
	port, err := FreePort()
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

// FreePort is [Port] for a program that is no test.
func FreePort() (int, error) {
	l, err := FreeListener()
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// Listen listens on such a port. Whoever can, uses it in place of [Port], since
// nobody else can take the port in between. The listener ends with the test.
func Listen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := FreeListener()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

// FreeListener is [Listen] for a program that is no test.
func FreeListener() (net.Listener, error) {
	const span = lastPort - firstPort
	next.CompareAndSwap(0, rand.Uint32N(span)+1)
	for range span {
		port := firstPort + int(next.Add(1))%span
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("cannot find a free port on 127.0.0.1 between %d and %d", firstPort, lastPort)
}
