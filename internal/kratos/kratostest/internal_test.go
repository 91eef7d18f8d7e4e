package kratostest

import (
	"encoding/base32"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A port that another process took is told from every other failure to start.
func TestStartOnceTellsTakenPort(t *testing.T) {
	t.Parallel()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	taken := other.Addr().(*net.TCPAddr).Port
	c := Config{Binary: Binaries(t)[0], DSN: inMemory, Log: io.Discard}
	for _, listener := range []string{"serve.admin.port", "serve.public.port"} {
		c.Settings = map[string]any{listener: taken}
		if _, err := startOnce(t.Context(), c); !errors.Is(err, errPortTaken) {
			t.Errorf("%s taken: %v", listener, err)
		}
	}
}

// The vectors of RFC 6238, appendix B, cut to six digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got, err := totpAt(secret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %q, %v; want %q", at, got, err, want)
		}
	}
	if _, err := totpAt("not base 32", time.Now()); err == nil {
		t.Error("a secret that is not base32 is taken")
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	all := map[string]any{"a": map[string]any{"b": 1, "c": map[string]any{"d": 2}}, "x": "y"}
	merge(all, map[string]any{"a.c.e": 3, "a": map[string]any{"b": 4}, "x": nil, "new.deep": true})
	want := map[string]any{
		"a": map[string]any{"b": 4, "c": map[string]any{"d": 2, "e": 3}}, "new": map[string]any{"deep": true},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
}

// The cached server's name changes with whatever it is built from.
func TestCachedName(t *testing.T) {
	t.Parallel()
	path := func(mod, sum string) string {
		root := t.TempDir()
		dir := filepath.Join(root, toolModule)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644),
			os.WriteFile(filepath.Join(dir, "go.sum"), []byte(sum), 0o644)); err != nil {
			t.Fatal(err)
		}
		got, _, err := cached(root)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	const mod = "module m\n\nrequire (\n\tgithub.com/ory/kratos v1.3.1 // indirect\n)\n"
	first := path(mod, "sum")
	if again := path(mod, "sum"); again != first {
		t.Errorf("%q and %q from the same files", first, again)
	}
	for _, other := range []string{path(mod+"\n", "sum"), path(mod, "sum2"), path(strings.Replace(mod, "v1.3.1", "v1.3.2", 1), "sum")} {
		if other == first {
			t.Errorf("%q from other files", other)
		}
	}
}

// The server is built once, and a missing compiler is told before the download.
func TestBuild(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("CC", "no-such-compiler")
	root, err := sourceRoot()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	_, err = Build(t.Context(), root, &log)
	if err == nil || !strings.Contains(err.Error(), "there is no no-such-compiler") {
		t.Errorf("without a compiler: %v", err)
	}
	path, err := BinaryPath()
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Build(t.Context(), root, &log); got != path || err != nil {
		t.Errorf("built already: %q, %v; want %q", got, err, path)
	}
	if log.Len() != 0 {
		t.Errorf("it says %q", log.String())
	}
}
