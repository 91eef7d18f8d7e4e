package kratos_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// proxied are requests, and whether they go through the environment's proxy.
var proxied = map[string]bool{
	"http://kratos.example.com:4434/admin": true, "https://kratos.example.com": true, "http://10.1.2.3:4434": true, "http://svc.example.com": true,
	"http://cluster.localdomain.example": true, "http://[2001:db8::1]:4434": true,
	"http://127.0.0.1:4434": false, "http://127.8.8.8": false, "http://[::1]:4434": false, "http://[::ffff:127.0.0.1]": false,
	"http://localhost:4434": false, "http://kratos.localhost": false, "http://kratos:4434": false, "https://KRATOS": false, "http://kratos.": false,
	"http://kratos.model.svc:4434": false, "http://kratos.model.SVC": false, "http://kratos.model.svc.cluster.local": false,
	"http://kratos.model.svc.cluster.local.": false, "http://excepted.example.com": false,
}

// TestProxyFromEnvironment asks in a process of its own, since the environment
// is read once.
func TestProxyFromEnvironment(t *testing.T) {
	t.Parallel()
	const child = "KRATOS_TEST_PROXY_CHILD"
	if os.Getenv(child) != "" {
		for address := range proxied {
			r := must[*http.Request](t)(http.NewRequest(http.MethodGet, address, nil))
			proxy, err := kratos.ProxyFromEnvironment(r)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println("proxied", address, proxy != nil && proxy.Host == "proxy.example.com:3128")
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyFromEnvironment$")
	cmd.Env = append(os.Environ(), child+"=1", "HTTP_PROXY=http://proxy.example.com:3128", "HTTPS_PROXY=http://proxy.example.com:3128",
		"NO_PROXY=excepted.example.com", "http_proxy=", "https_proxy=", "no_proxy=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == "proxied" {
			got[words[1]] = words[2] == "true"
		}
	}
	if diff := cmp.Diff(proxied, got); diff != "" {
		t.Error(diff)
	}
}
