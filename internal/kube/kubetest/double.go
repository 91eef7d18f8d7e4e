package kubetest

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// Options say how a double differs from the usual one.
type Options struct {
	App       string // the application and its StatefulSet; kratos where empty
	Namespace string // the model; iam where empty
	UID       string // of the StatefulSet
	// Containers are those of the StatefulSet; charm and kratos where empty.
	Containers []string
	// Forbid is what the application may not do. [Everything] is an application
	// without trust.
	Forbid []Rule
	// Owned is what others did to the StatefulSet before, in this order.
	Owned []Owned
	// ConfigMaps are there from the beginning.
	ConfigMaps []ConfigMap
}

// Rule is something that can be forbidden. An empty field stands for all.
type Rule struct {
	Verb     string // get, list, create or patch
	Resource string // configmaps or statefulsets
}

// Everything forbids all there is.
func Everything() []Rule { return []Rule{{}} }

// Double is an API server. It ends with the test.
type Double struct {
	URL string // what a client connects to
	// TokenDir holds the files that Kubernetes mounts into a pod: token, ca.crt
	// and namespace.
	TokenDir string

	tb        testing.TB
	server    *httptest.Server
	app       string
	namespace string

	mu      sync.Mutex
	tokens  int
	version int64 // the last resourceVersion
	forbid  []Rule
	maps    map[string]configMap
	set     *statefulSet
	journal []string
}

// Start starts a double.
func Start(tb testing.TB, o Options) *Double {
	tb.Helper()
	d := &Double{
		tb: tb, TokenDir: tb.TempDir(),
		app: or(o.App, "kratos"), namespace: or(o.Namespace, "iam"),
		forbid: o.Forbid, maps: map[string]configMap{},
	}
	d.set = d.newStatefulSet(o)
	for _, m := range o.ConfigMaps {
		d.put(m)
	}
	d.serve()
	d.file("namespace", d.namespace)
	d.file("ca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.server.Certificate().Raw})))
	d.RenewToken()
	return d
}

func (d *Double) serve() {
	d.tb.Helper()
	d.server = httptest.NewUnstartedServer(d.routes())
	_ = d.server.Listener.Close()
	d.server.Listener = testneed.Listen(d.tb)
	d.server.Config.ErrorLog = log.New(io.Discard, "", 0) // a client that breaks off is no news
	d.server.StartTLS()
	d.URL = d.server.URL
	d.tb.Cleanup(d.Stop)
}

// Stop makes the double unreachable, for good.
func (d *Double) Stop() { d.server.Close() }

// Getenv is the part of a pod's environment that tells where the API server is.
func (d *Double) Getenv(name string) string {
	host, port, err := net.SplitHostPort(d.server.Listener.Addr().String())
	if err != nil {
		d.tb.Fatal(err)
	}
	return map[string]string{"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}[name]
}

// RenewToken puts another token into TokenDir, as Kubernetes does before one
// expires, and takes no older one any more. A token holds the mark s3cr3t-mark.
func (d *Double) RenewToken() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens++
	d.file("token", d.token()+"\n")
}

func (d *Double) token() string { return "s3cr3t-mark-" + strconv.Itoa(d.tokens) }

func (d *Double) file(name, text string) {
	d.tb.Helper()
	if err := os.WriteFile(filepath.Join(d.TokenDir, name), []byte(text), 0o600); err != nil {
		d.tb.Fatal(err)
	}
}

// Forbid sets what the application may not do from now on. None at all is what
// `juju trust` gives.
func (d *Double) Forbid(rules ...Rule) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forbid = rules
}

func (d *Double) forbidden(verb, resource string) bool {
	return slices.ContainsFunc(d.forbid, func(r Rule) bool {
		return (r.Verb == "" || r.Verb == verb) && (r.Resource == "" || r.Resource == resource)
	})
}

// Journal gives the requests so far, refused ones too, as
// "GET /api/v1/namespaces/iam/configmaps", without queries.
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

func (d *Double) record(r *http.Request) {
	d.journal = append(d.journal, r.Method+" "+r.URL.Path)
}

// next gives a new resourceVersion.
func (d *Double) next() string {
	d.version++
	return strconv.FormatInt(d.version, 10)
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}
