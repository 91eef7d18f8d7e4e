package kube_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

const mark = "s3cr3t-mark"

// client connects to a double as the charm does in a pod.
func client(t *testing.T, d *kubetest.Double, app string) *kube.Client {
	t.Helper()
	c, err := kube.New(kube.Options{Getenv: d.Getenv, Dir: d.TokenDir, App: app})
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || fault.KindOf(err) != kind {
		t.Errorf("the error is %v of kind %q, want %q", err, fault.KindOf(err), kind)
	}
	if text := fmt.Sprint(err, fault.HintOf(err)); strings.Contains(text, mark) {
		t.Errorf("the error shows a secret: %s", text)
	}
}

func TestAPodIsNeeded(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	for what, c := range map[string]struct {
		environment bool
		files       map[string]string
	}{
		"no environment":  {false, map[string]string{"token": mark, "namespace": "iam", "ca.crt": "copy"}},
		"no files":        {true, nil},
		"no token":        {true, map[string]string{"namespace": "iam", "ca.crt": "copy"}},
		"empty token":     {true, map[string]string{"token": "\n", "namespace": "iam", "ca.crt": "copy"}},
		"no namespace":    {true, map[string]string{"token": mark, "ca.crt": "copy"}},
		"empty namespace": {true, map[string]string{"token": mark, "namespace": " ", "ca.crt": "copy"}},
		"no certificate":  {true, map[string]string{"token": mark, "namespace": "iam"}},
		"bad certificate": {true, map[string]string{"token": mark, "namespace": "iam", "ca.crt": mark}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range c.files {
				write(t, dir, name, text, d)
			}
			getenv := d.Getenv
			if !c.environment {
				getenv = func(string) string { return "" }
			}
			_, err := kube.New(kube.Options{Getenv: getenv, Dir: dir, App: "kratos"})
			wantKind(t, err, fault.Precondition)
		})
	}
}

// write writes a file of a service account; "copy" is what the double has.
func write(t *testing.T, dir, name, text string, d *kubetest.Double) {
	t.Helper()
	if text == "copy" {
		data, err := os.ReadFile(filepath.Join(d.TokenDir, name))
		must(t, err)
		text = string(data)
	}
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

func TestNamespaceIsThatOfThePod(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{Namespace: "controller-a"})
	c := client(t, d, "kratos")
	if c.Namespace() != "controller-a" {
		t.Errorf("it is %q", c.Namespace())
	}
	_, err := c.ConfigMaps(t.Context())
	must(t, err)
}

func TestEveryHookReadsTheToken(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	for range 2 {
		_, err := client(t, d, "kratos").ConfigMaps(t.Context())
		must(t, err)
		d.RenewToken()
	}
}

func TestProxiesAreNotUsed(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	d := kubetest.Start(t, kubetest.Options{})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://kubernetes.example/", nil)
	proxy, err := kube.ProxyFor(kube.Options{Getenv: d.Getenv, Dir: d.TokenDir}, r)
	if proxy != nil || err != nil {
		t.Errorf("it is %v, %v", proxy, err)
	}
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{Forbid: kubetest.Everything()})
	c := client(t, d, "my-kratos")
	_, listed := c.ConfigMaps(t.Context())
	_, read := c.Limits(t.Context(), "kratos")
	for what, err := range map[string]error{
		"list": listed, "read": read,
		"create": c.CreateConfigMap(t.Context(), "oidc-providers"),
		"set":    c.SetLimits(t.Context(), "kratos", kube.Limits{CPU: "1"}),
	} {
		wantKind(t, err, fault.Precondition)
		if !errors.Is(err, kube.ErrForbidden) || fault.HintOf(err) != "Run: juju trust my-kratos --scope=cluster" {
			t.Errorf("%s: %v, hint %q", what, err, fault.HintOf(err))
		}
	}
	d.Forbid()
	_, err := c.ConfigMaps(t.Context())
	must(t, err)
}

func TestAnOldTokenIsForbidden(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	dir := t.TempDir()
	for _, name := range []string{"token", "namespace", "ca.crt"} {
		write(t, dir, name, "copy", d)
	}
	d.RenewToken()
	c, err := kube.New(kube.Options{Host: d.URL, Dir: dir, App: "kratos"})
	must(t, err)
	_, err = c.ConfigMaps(t.Context())
	wantKind(t, err, fault.Precondition)
	if !errors.Is(err, kube.ErrForbidden) {
		t.Error(err)
	}
}

// account writes a service account for a server over plain http.
func account(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "token"), []byte(mark), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "namespace"), []byte("iam"), 0o600))
	return dir
}

func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	const list = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"` + mark + `"`
	for what, c := range map[string]struct {
		code int
		body string
		want fault.Kind
	}{
		"a page":        {http.StatusOK, "<html>" + mark, fault.Unavailable},
		"no kind":       {http.StatusOK, `{"token":"` + mark + `"}`, fault.Unavailable},
		"cut":           {http.StatusOK, `{"kind":"ConfigMapList","apiVersion":"v1","items":[{"data":{"a":"` + mark, fault.Unavailable},
		"broken":        {http.StatusInternalServerError, mark, fault.Unavailable},
		"gateway":       {http.StatusBadGateway, "<html>" + mark, fault.Unavailable},
		"status 500":    {http.StatusInternalServerError, list + `,"reason":"InternalError","code":500}`, fault.Unavailable},
		"status 400":    {http.StatusBadRequest, list + `,"reason":"BadRequest","code":400}`, fault.Precondition},
		"status 404":    {http.StatusNotFound, list + `,"reason":"NotFound","code":404}`, fault.NotFound},
		"status 410":    {http.StatusGone, list + `,"reason":"Expired","code":410}`, fault.Precondition},
		"redirect":      {http.StatusFound, mark, fault.Unavailable},
		"no status 403": {http.StatusForbidden, mark, fault.Precondition},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.code)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			k, err := kube.New(kube.Options{Host: server.URL, Dir: account(t), App: "kratos"})
			must(t, err)
			_, err = k.ConfigMaps(t.Context())
			wantKind(t, err, c.want)
			if !strings.HasPrefix(err.Error(), "cannot list the ConfigMaps: ") {
				t.Error(err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	c := client(t, d, "kratos")
	d.Stop()
	_, err := c.ConfigMaps(t.Context())
	wantKind(t, err, fault.Unavailable)
	if !strings.Contains(err.Error(), "cannot reach Kubernetes: ") {
		t.Error(err)
	}
}

func TestWrongCertificate(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	dir := account(t)
	write(t, dir, "ca.crt", otherAuthority, d)
	c, err := kube.New(kube.Options{Getenv: d.Getenv, Dir: dir, App: "kratos"})
	must(t, err)
	_, err = c.ConfigMaps(t.Context())
	wantKind(t, err, fault.Unavailable)
	if len(d.Journal()) != 0 {
		t.Error("the request, and the token with it, was sent to somebody else")
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "kratos-agent", "kratos-agent/1.2": "kratos-agent/1.2"} {
		var sent string
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent = r.UserAgent() }))
		c, err := kube.New(kube.Options{Host: server.URL, Dir: account(t), UserAgent: given})
		must(t, err)
		_, err = c.ConfigMaps(t.Context())
		server.Close()
		wantKind(t, err, fault.Unavailable) // the answer is empty
		if sent != want {
			t.Errorf("it is %q, want %q", sent, want)
		}
	}
}

// silent is a server that never answers.
func silent(t *testing.T) *kube.Client {
	t.Helper()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-ended }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(ended) })
	c, err := kube.New(kube.Options{Host: server.URL, Dir: account(t), App: "kratos"})
	must(t, err)
	return c
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	t.Run("by itself", func(t *testing.T) {
		t.Parallel()
		c := silent(t)
		c.Wait(50 * time.Millisecond)
		_, err := c.ConfigMaps(t.Context())
		wantKind(t, err, fault.Unavailable)
		if want := "cannot list the ConfigMaps: Kubernetes did not answer within 50ms"; err.Error() != want {
			t.Errorf("the error is %q, want %q", err, want)
		}
	})
	t.Run("by a deadline", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := silent(t).ConfigMaps(ctx)
		wantKind(t, err, fault.Timeout)
	})
	t.Run("by the operator", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantKind(t, silent(t).SetLimits(ctx, "kratos", kube.Limits{CPU: "1"}), fault.Cancelled)
	})
}

func TestPortOfNobody(t *testing.T) {
	t.Parallel()
	host := fmt.Sprintf("http://127.0.0.1:%d", testneed.Port(t))
	c, err := kube.New(kube.Options{Host: host, Dir: account(t), App: "kratos"})
	must(t, err)
	wantKind(t, c.CreateConfigMap(t.Context(), "oidc-providers"), fault.Unavailable)
}

// otherAuthority is a certificate that signs nothing here.
const otherAuthority = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUDsSPATsb53j6pRXmoLTG5U+f1W4wCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIxMTQyNjU4WhgPMjEyNjEwMjgxNDI2
NThaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
j/ocRBxtGwXS1SfFKvWrApsIMphCCvR7wHJU8+TO09LJHmQ+wQL5CqxZwBb/DJK5
IXFKGCoWMuQl+VkCfGPLA6NTMFEwHQYDVR0OBBYEFFH1MJrYeSXuTwsyQGBWE9/A
ndqLMB8GA1UdIwQYMBaAFFH1MJrYeSXuTwsyQGBWE9/AndqLMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgF+J01D2EVtPeqOs73N+cENkL9/kSNE4T
0UHck7BU77ACIQCxfPvTmBZORPCoXsp3Xfc1XRKUEhH+hsW4K2+0Rn4N3g==
-----END CERTIFICATE-----
`
