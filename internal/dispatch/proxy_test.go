package dispatch_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/scripttest"
)

// proxied asks a Kratos of a name with a dot, which Go would reach by the proxy,
// under Juju and by hand.
const proxied = `
env KRATOS_ADMIN_URL=http://kratos.example.test:4434
exec juju run kratos/0 get-identity email=alice@example.com
stdout 'failed: '
-- juju.yaml --
model:
  http-proxy: @proxy@
  https-proxy: @proxy@
`

const byHand = `
env HTTP_PROXY=@proxy@
env KRATOS_ADMIN_URL=http://kratos.example.test:4434
! exec kratos-agent get-identity alice@example.com
`

// TestNoProxy: under dispatch the model's proxy is never asked. By hand the
// environment's is, which shows that the test would see it.
func TestNoProxy(t *testing.T) {
	t.Parallel()
	for script, asked := range map[string]bool{proxied: false, byHand: true} {
		var requests atomic.Int32
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(http.StatusTeapot)
		}))
		file := filepath.Join(t.TempDir(), "proxy.txtar")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(script, "@proxy@", proxy.URL)), 0o600); err != nil {
			t.Fatal(err)
		}
		scripttest.Run(t, testscript.Params{Files: []string{file}, RequireExplicitExec: true, Setup: jujutest.Setup})
		if got := requests.Load() > 0; got != asked {
			t.Errorf("the proxy was asked: %t, want %t\n%s", got, asked, script)
		}
		proxy.Close()
	}
}
