package pebbletest

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Options say how a double differs from the usual one.
type Options struct {
	// Layer is the image's own layer, in YAML. It is there after each start.
	Layer string
	// Hold keeps the double from starting the enabled services by itself, as
	// Juju's --hold does.
	Hold bool
	// Grace is how long a service must live to have started: 0 means the second
	// that Pebble waits.
	Grace time.Duration
	// Programs are the paths of programs by the name that a command begins with.
	// Others are found as Pebble does.
	Programs map[string]string
	// Environment is what Pebble itself was started with, besides PATH.
	Environment map[string]string
	// Old makes it answer as the Pebble of Juju 3.4: checks know no startup and
	// cannot be started and stopped.
	Old bool
}

// Double is a Pebble. It ends with the test, and all that it started with it.
type Double struct {
	Socket string // what to connect to
	Root   string // the directory that stands for / in the container

	tb      testing.TB
	options Options

	mu      sync.Mutex
	daemon  *daemon
	server  *http.Server
	journal []string
}

// Start starts a double.
func Start(tb testing.TB, o Options) *Double {
	tb.Helper()
	if o.Grace == 0 {
		o.Grace = time.Second
	}
	d := &Double{Socket: filepath.Join(socketDir(tb), "pebble.socket"), Root: tb.TempDir(), tb: tb, options: o}
	d.Start()
	tb.Cleanup(d.Stop)
	return d
}

// socketDir makes a directory with a short name: a socket's path has at most
// 107 bytes.
func socketDir(tb testing.TB) string {
	dir, err := os.MkdirTemp("", "pebble")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Start starts the double again after Stop: with the same files, and without
// any layer but the image's own.
func (d *Double) Start() {
	d.tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	daemon, err := newDaemon(d.options, d.Root)
	if err != nil {
		d.tb.Fatal(err)
	}
	listener, err := net.Listen("unix", d.Socket)
	if err != nil {
		d.tb.Fatal(err)
	}
	d.daemon, d.server = daemon, &http.Server{Handler: d.record(daemon.routes())}
	server := d.server
	daemon.running.Go(func() { _ = server.Serve(listener) })
	if !d.options.Hold {
		daemon.autostart()
	}
}

// Stop ends the double and its processes, and takes the socket away. It can be
// called again.
func (d *Double) Stop() {
	d.mu.Lock()
	daemon, server := d.daemon, d.server
	d.daemon, d.server = nil, nil
	d.mu.Unlock()
	if daemon == nil {
		return
	}
	_ = server.Close()
	daemon.stop()
}

// Restart is what a restart of the container is: the services die, and the
// layers that were added are lost.
func (d *Double) Restart() {
	d.tb.Helper()
	d.Stop()
	d.Start()
}

// Path gives where a path of the container is on this machine.
func (d *Double) Path(path string) string { return filepath.Join(d.Root, filepath.Clean("/"+path)) }

// Journal gives the requests so far, as "POST /v1/services", without queries.
func (d *Double) Journal() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.journal)
}

// Forget empties the journal.
func (d *Double) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.journal = nil
}

func (d *Double) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.journal = append(d.journal, r.Method+" "+r.URL.Path)
		d.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// daemon is one run of Pebble.
type daemon struct {
	options Options
	root    string
	ctx     context.Context // ends with the run
	end     context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	layers   []*layer
	plan     plan
	services map[string]*service
	checks   map[string]*check
	changes  map[string]*change
	execs    map[string]*execution
	lastID   int
}

func newDaemon(o Options, root string) (*daemon, error) {
	ctx, cancel := context.WithCancel(context.Background())
	d := &daemon{
		options: o, root: root, ctx: ctx, end: cancel,
		services: map[string]*service{}, checks: map[string]*check{},
		changes: map[string]*change{}, execs: map[string]*execution{},
	}
	if o.Layer == "" {
		return d, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d, d.addLayer("image", o.Layer, false)
}

// stop ends everything: at first the services in an orderly way.
func (d *daemon) stop() {
	d.mu.Lock()
	names := keys(d.services)
	d.mu.Unlock()
	for _, name := range names {
		_ = d.stopService(name)
	}
	d.end()
	d.mu.Lock()
	for _, e := range d.execs {
		e.kill()
	}
	for _, s := range d.services { // started while the others were stopped
		if s.state == starting || s.state == running {
			_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		}
	}
	d.mu.Unlock()
	d.running.Wait()
}

func keys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
