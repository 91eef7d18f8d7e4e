package kratostest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// The nested module that pins the server, and this module's name, by which the
// root of the tree is known.
const (
	toolModule = "tools/kratos"
	rootModule = "module github.com/kratos-agent/kratos-agent\n"
)

var pinned = regexp.MustCompile(`(?m)^\s*github\.com/ory/kratos (v\S+)`)

// buildFlags are those of the pinned server. SQLite needs the tag, and cgo.
func buildFlags(version string) []string {
	return []string{"-tags", "sqlite", "-trimpath", "-ldflags", "-s -w -X github.com/ory/kratos/driver/config.Version=" + version}
}

// BinaryPath is where the pinned Kratos is kept once [Build] has built it: in
// the user's cache, under a name that changes with everything it is built from.
// It works in any folder of the source tree. Whether the file is there it does
// not say.
func BinaryPath() (string, error) {
	root, err := sourceRoot()
	if err != nil {
		return "", err
	}
	path, _, err := cached(root)
	return path, err
}

// cached gives the path of the server that root's module pins, and its version.
func cached(root string) (path, version string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", err
	}
	mod, err := os.ReadFile(filepath.Join(root, toolModule, "go.mod"))
	if err != nil {
		return "", "", err
	}
	sum, err := os.ReadFile(filepath.Join(root, toolModule, "go.sum"))
	if err != nil {
		return "", "", err
	}
	found := pinned.FindSubmatch(mod)
	if found == nil {
		return "", "", fmt.Errorf("%s/go.mod requires no github.com/ory/kratos", toolModule)
	}
	version = string(found[1])
	flags := strings.Join(buildFlags(version), "\x00")
	hash := sha256.Sum256(bytes.Join([][]byte{mod, sum, []byte(flags)}, []byte{0}))
	name := fmt.Sprintf("kratos-%s-%s-%s-%x", version, runtime.GOOS, runtime.GOARCH, hash[:6])
	return filepath.Join(cache, "kratos-agent", name), version, nil
}

// sourceRoot looks for the root of the source tree from the working folder up.
func sourceRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), rootModule) {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("cannot find the source tree of kratos-agent: the working folder is outside it")
		}
		dir = above
	}
}

// Build builds the Kratos that the source tree at root pins, unless it is in the
// cache already, and gives its path. It needs the go command and a C compiler.
func Build(ctx context.Context, root string, log io.Writer) (string, error) {
	path, version, err := cached(root)
	if err != nil {
		return "", fmt.Errorf("cannot build Kratos: %w", err)
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := needCompiler(ctx); err != nil {
		return "", fmt.Errorf("cannot build Kratos: %w", err)
	}
	fmt.Fprintf(log, "building Kratos %s; this takes about two minutes, the first time only (kept as %s)\n", version, path)
	if err := build(ctx, root, path, version, log); err != nil {
		return "", fmt.Errorf("cannot build Kratos: %w", err)
	}
	return path, nil
}

// build puts the binary in its place only when it is whole.
func build(ctx context.Context, root, path, version string, log io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "building-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh := filepath.Join(dir, "kratos")
	args := append([]string{"build", "-C", filepath.Join(root, toolModule)}, buildFlags(version)...)
	cmd := exec.CommandContext(ctx, "go", append(args, "-o", fresh, "github.com/ory/kratos")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return os.Rename(fresh, path)
}

// needCompiler says so when there is no C compiler, before the download.
func needCompiler(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	if err != nil {
		return fmt.Errorf("go env CC: %w", err)
	}
	words := strings.Fields(string(out))
	if len(words) == 0 {
		return errors.New("go env CC names no C compiler")
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return fmt.Errorf("its SQLite needs a C compiler, and there is no %s: install one (apt-get install gcc) or name it in CC", words[0])
	}
	return nil
}
