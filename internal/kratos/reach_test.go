package kratos_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// TestUnreached: nobody is there, or nobody that is trusted. A write says so
// without doubt, since it was not sent.
func TestUnreached(t *testing.T) {
	t.Parallel()
	closed := fmt.Sprintf("127.0.0.1:%d", testneed.Port(t))
	plain := serve(t, always(200, "application/json", document))
	secure := unstarted(t, always(200, "application/json", document))
	secure.StartTLS()
	for _, c := range []struct {
		name    string
		options kratos.Options
		want    want
	}{
		{"nobody listens", kratos.Options{Endpoint: "http://" + closed},
			want{kind: fault.Unavailable, texts: []string{"http://" + closed + " refuses connections"}, hints: []string{"KRATOS_ADMIN_URL"}}},
		{"credentials in the endpoint", kratos.Options{Endpoint: "http://me:" + mark + "@" + closed},
			want{kind: fault.Unavailable, texts: []string{"http://" + closed + " refuses connections"}, not: []string{"me:"}}},
		{"no such host", kratos.Options{Endpoint: "http://kratos.invalid:4434"},
			want{kind: fault.Unavailable, texts: []string{"the host of http://kratos.invalid:4434 cannot be found"}, hints: []string{"KRATOS_ADMIN_URL"}}},
		{"unknown authority", kratos.Options{Endpoint: secure.URL},
			want{kind: fault.Unavailable, texts: []string{secure.URL, "authority that is not trusted"}, hints: []string{"--ca-file"}}},
		{"certificate of another", kratos.Options{Endpoint: strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), CAFile: authority(t, secure)},
			want{kind: fault.Unavailable, texts: []string{"is not valid", "localhost"}}},
		{"HTTPS asked of HTTP", kratos.Options{Endpoint: strings.Replace(plain.URL, "http:", "https:", 1)},
			want{kind: fault.Unavailable, texts: []string{"speaks HTTP and not HTTPS"}, hints: []string{"http://"}}},
		{"proxy away", kratos.Options{Endpoint: "http://kratos.invalid", Proxy: through("http://me:" + mark + "@" + closed)},
			want{kind: fault.Unavailable, texts: []string{"the proxy cannot be reached"}, hints: []string{"NO_PROXY"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, m := range []method{methods()[0], methods()[5]} {
				client := must[*kratos.Client](t)(kratos.New(c.options))
				start := time.Now()
				err := m.call(t, client)
				c.want.check(t, err)
				if strings.Contains(err.Error(), "all the same") {
					t.Error("it doubts")
				}
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("it took %s to say so", took)
				}
			}
		})
	}
	if n := len(plain.requests()) + len(secure.requests()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}

// authority writes the server's certificate to a file.
func authority(t *testing.T, d *double) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func through(proxy string) func(*http.Request) (*url.URL, error) {
	return func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
}

// TestHTTPAskedOfHTTPS: the server's own answer is no Kratos'.
func TestHTTPAskedOfHTTPS(t *testing.T) {
	t.Parallel()
	d := unstarted(t, always(200, "application/json", document))
	d.StartTLS()
	_, err := newClient(t, strings.Replace(d.URL, "https:", "http:", 1)).Identity(t.Context(), ghost)
	want{kind: fault.Unavailable, texts: []string{"does not answer as Kratos' admin API (status 400"}}.check(t, err)
}

func TestCAFile(t *testing.T) {
	t.Parallel()
	d := unstarted(t, always(200, "application/json", document))
	d.StartTLS()
	c := must[*kratos.Client](t)(kratos.New(kratos.Options{Endpoint: d.URL, CAFile: authority(t, d)}))
	if got := must[kratos.Identity](t)(c.Identity(t.Context(), ghost)); got.ID != ghost {
		t.Errorf("identity %q", got.ID)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, empty + ".not"} {
		_, err := kratos.New(kratos.Options{CAFile: file})
		want{kind: fault.Usage, texts: []string{file}}.check(t, err)
	}
	if _, err := kratos.New(kratos.Options{CAFile: empty + ".not"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestProxy: one that is given is used, and none otherwise.
func TestProxy(t *testing.T) {
	t.Parallel()
	proxy := serve(t, always(200, "application/json", document))
	c := must[*kratos.Client](t)(kratos.New(kratos.Options{Endpoint: "http://kratos.invalid:4434/x", Proxy: through(proxy.URL)}))
	must[kratos.Identity](t)(c.Identity(t.Context(), ghost))
	if got := proxy.requests(); len(got) != 1 || got[0].uri != "http://kratos.invalid:4434/x/admin/identities/"+ghost {
		t.Errorf("the proxy got %v", got)
	}
}

// TestDeadlineWhileNobodyListens: the time may be shorter than the tries.
func TestDeadlineWhileNobodyListens(t *testing.T) {
	t.Parallel()
	c := newClient(t, fmt.Sprintf("http://127.0.0.1:%d", testneed.Port(t)))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond) // within a pause
	defer cancel()
	_, err := c.Identity(ctx, ghost)
	if fault.KindOf(err) != fault.Timeout { // a machine so busy that not even one try was over
		want{kind: fault.Unavailable, texts: []string{"refuses connections"}}.check(t, err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = c.SetState(ctx, ghost, kratos.Active)
	want{kind: fault.Cancelled, texts: []string{"interrupted"}, not: []string{"all the same"}}.check(t, err)
	if !errors.Is(err, context.Canceled) {
		t.Error("it is not context.Canceled")
	}

	cancel()
	_, err = c.SetState(ctx, ghost, kratos.Active)
	want{kind: fault.Cancelled, not: []string{"all the same"}}.check(t, err)
}
