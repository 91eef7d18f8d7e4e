package kratosconf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/childtest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// verdict is what a real Kratos made of a configuration.
type verdict struct {
	public string // where it serves, if it does
	stderr []byte // what it wrote, if it ended
}

// try runs a real Kratos on the configuration and the environment, until it
// serves or has ended. One that serves ends with the test.
func try(t *testing.T, binary string, file []byte, e kratosconf.Environment) verdict {
	t.Helper()
	for {
		v := tryOnce(t, binary, file, e)
		if v.public != "" || !kratosconf.PortTaken(v.stderr) {
			return v
		}
	}
}

func tryOnce(t *testing.T, binary string, file []byte, e kratosconf.Environment) verdict {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "kratos.yaml")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	listener := func() *kratosconf.Listener { return &kratosconf.Listener{Host: "127.0.0.1", Port: testneed.Port(t)} }
	e.DSN, e.Serve = "memory", kratosconf.Serve{Public: listener(), Admin: listener()}
	cmd := exec.Command(binary, "serve", "all", "--config", path, "--sqa-opt-out")
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	for name, value := range e.Map() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out safeBuffer
	child, err := childtest.Start(cmd, &out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := child.Stop(syscall.SIGTERM, 5*time.Second); err != nil {
			t.Error(err)
		}
	})
	ready := fmt.Sprintf("http://127.0.0.1:%d/admin/health/ready", e.Serve.Admin.Port)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		select {
		case <-child.Done:
			return verdict{stderr: out.bytes()}
		case <-ctx.Done():
			t.Fatal("neither ready nor ended within a minute")
		case <-tick.C:
			if get(ctx, ready) == http.StatusOK {
				return verdict{public: fmt.Sprintf("http://127.0.0.1:%d", e.Serve.Public.Port)}
			}
		}
	}
}

func get(ctx context.Context, url string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}

const awkward = "@ab: 'cd' \"e\"\n{{ .f }}, #g\\ %h ü yes: [" + mark

// A real Kratos serves on what is generated.
func TestRealAccepts(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		for name, c := range map[string]struct {
			config kratosconf.Config
			env    kratosconf.Environment
		}{
			"minimal": {minimal(), kratosconf.Environment{}},
			"full":    {full("a plain text"), environment("a secret of any length")},
			"digits":  {full("12345678901234567890"), environment("12345678901234567890")},
			"awkward": {full(awkward), environment(awkward)},
			"ciphers": {ciphered(), environment("a secret of any length")},
		} {
			t.Run(name, func(t *testing.T) {
				v := try(t, binary, text(t, c.config), c.env)
				if v.public == "" {
					t.Fatalf("refused: %s", kratosconf.Refusal(v.stderr))
				}
			})
		}
	}
}

// A real Kratos has a string as it was written.
func TestRealReadsStrings(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		for _, want := range []string{awkward, "\na\n\n  b\r\n", "0123", "yes"} {
			c := minimal()
			c.SelfService.Methods = methods(want)
			v := try(t, binary, text(t, c), kratosconf.Environment{})
			if v.public == "" {
				t.Fatalf("%q is refused: %s", want, kratosconf.Refusal(v.stderr))
			}
			if got := clientID(t, v.public); got != want {
				t.Errorf("Kratos has %q, want %q", got, want)
			}
		}
	}
}

func ciphered() kratosconf.Config {
	c := minimal()
	c.Ciphers = &kratosconf.Ciphers{Algorithm: kratosconf.CipherXChaCha20}
	return c
}

// clientID begins a login through the first provider, as far as the address that
// the browser is sent to, and gives the client id in it.
func clientID(t *testing.T, public string) string {
	t.Helper()
	var flow struct {
		ID string `json:"id"`
	}
	call(t, http.MethodGet, public+"/self-service/login/api?return_session_token_exchange_code=true", "", &flow)
	var answer struct {
		To string `json:"redirect_browser_to"`
	}
	call(t, http.MethodPost, public+"/self-service/login?flow="+flow.ID, `{"method":"oidc","provider":"github_1"}`, &answer)
	to, err := url.Parse(answer.To)
	if err != nil || to.Host != "github.com" {
		t.Fatalf("the browser is sent to %q (%v)", answer.To, err)
	}
	return to.Query().Get("client_id")
}

func call(t *testing.T, method, url, body string, answer any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		t.Fatalf("%s %s: %d: %v", method, url, res.StatusCode, err)
	}
}

// What a real Kratos refuses is told without a value.
func TestRealRefuses(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		for want, bad := range map[string]func(*kratosconf.Config, *kratosconf.Environment){
			"log.level: must be one of ": func(_ *kratosconf.Config, e *kratosconf.Environment) { e.Log.Level = mark },
			"secrets.cookie.0: length must be >= 16": func(_ *kratosconf.Config, e *kratosconf.Environment) {
				e.CookieSecrets = []kratosconf.Secret{mark}
			},
			"courier.smtp.connection_uri: does not match ": func(_ *kratosconf.Config, e *kratosconf.Environment) {
				e.Courier.ConnectionURI = "http://u:" + mark + "@h"
			},
			"selfservice.methods.oidc.config.providers.0.provider: must be one of ": func(c *kratosconf.Config, _ *kratosconf.Environment) {
				c.SelfService.Methods.OIDC.Config.Providers[0].Provider = mark
			},
			"selfservice.methods.oidc.config.providers.1.issuer_url: is no valid uri": func(c *kratosconf.Config, _ *kratosconf.Environment) {
				c.SelfService.Methods.OIDC.Config.Providers[1].IssuerURL = mark + " x"
			},
			"selfservice.methods.passkey: missing property config": func(c *kratosconf.Config, _ *kratosconf.Environment) {
				c.SelfService.Methods.Passkey.Config = nil
			},
			"identity.schemas.0.url: is no valid uri": func(c *kratosconf.Config, _ *kratosconf.Environment) {
				c.Identity.Schemas = []kratosconf.SchemaURL{{ID: "x", URL: mark}}
			},
			"identity.schemas: a schema is not JSON": func(c *kratosconf.Config, _ *kratosconf.Environment) {
				c.Identity.Schemas[0].URL = kratosconf.Base64URL([]byte(mark))
			},
			"identity.schemas: type: ": func(c *kratosconf.Config, _ *kratosconf.Environment) {
				c.Identity.Schemas[0].URL = kratosconf.Base64URL([]byte(`{"type":"` + mark + `"}`))
			},
		} {
			t.Run(want, func(t *testing.T) {
				config, env := full(mark), environment("a secret of any length")
				bad(&config, &env)
				v := try(t, binary, text(t, config), env)
				if v.public != "" {
					t.Fatal("Kratos serves on it")
				}
				got := kratosconf.Refusal(v.stderr)
				if !strings.HasPrefix(got, want) || strings.Contains(got, mark) {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

// The mappers are jsonnet that Kratos' own linter takes.
func TestRealLintsMappers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("mappers/*.jsonnet")
	if err != nil || len(files) == 0 {
		t.Fatal("no mappers", err)
	}
	broken := filepath.Join(t.TempDir(), "broken.jsonnet")
	if err := os.WriteFile(broken, []byte("{ a: nowhere }"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, binary := range kratostest.Binaries(t) {
		for _, file := range append(files, broken) {
			out, err := exec.CommandContext(t.Context(), binary, "lint", "lint", file).CombinedOutput()
			if (err != nil) != (file == broken) {
				t.Errorf("%s: %v: %s", file, err, out)
			}
		}
	}
}
