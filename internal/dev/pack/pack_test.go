package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// root is this module's, seen from the test.
const root = "../../.."

const fakeAgent = "#!/bin/sh\necho agent\n"

func fakeContents(t *testing.T, arch string) []entry {
	t.Helper()
	entries, err := contents(os.DirFS(root), arch, "v1.2.3-4-gabcdef0", []byte(fakeAgent))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func packed(t *testing.T, entries []entry, at time.Time) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := writeZip(&out, entries, at); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// charmFile is the content of one file of a packed charm.
func charmFile(t *testing.T, arch, name string) []byte {
	t.Helper()
	for _, e := range fakeContents(t, arch) {
		if e.name == name {
			return e.data
		}
	}
	t.Fatalf("the charm has no %s", name)
	return nil
}

func TestZipEntries(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 4, 5, 6, 8, 0, time.UTC)
	data := packed(t, fakeContents(t, "arm64"), at)
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	type got struct {
		Name string
		Mode fs.FileMode
	}
	var names []got
	for _, f := range archive.File {
		names = append(names, got{f.Name, f.Mode()})
		if !f.Modified.Equal(at) {
			t.Errorf("%s is of %s, want %s", f.Name, f.Modified, at)
		}
	}
	want := []got{
		{"LICENSE", 0o644}, {"README.md", 0o644}, {"actions.yaml", 0o644}, {"config.yaml", 0o644},
		{"dispatch", 0o755}, {"icon.svg", 0o644}, {"kratos-agent", fs.ModeSymlink | 0o777},
		{"manifest.yaml", 0o644}, {"metadata.yaml", 0o644}, {"version", 0o644},
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if got := content(t, archive, "kratos-agent"); got != "dispatch" {
		t.Errorf("kratos-agent points to %q", got)
	}
	if got := content(t, archive, "version"); got != "v1.2.3-4-gabcdef0\n" {
		t.Errorf("version is %q", got)
	}
	if got := content(t, archive, "LICENSE"); !strings.Contains(got, "Apache License") {
		t.Error("LICENSE is not the Apache License")
	}
}

func content(t *testing.T, archive *zip.Reader, name string) string {
	t.Helper()
	f, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	at := earliest()
	one, two := packed(t, fakeContents(t, "amd64"), at), packed(t, fakeContents(t, "amd64"), at)
	if sha256.Sum256(one) != sha256.Sum256(two) {
		t.Error("two runs differ")
	}
	if other := packed(t, fakeContents(t, "arm64"), at); bytes.Equal(one, other) {
		t.Error("the manifest does not name the architecture")
	}
}

// TestUnzip unpacks with the tool that people have: the link is a link and
// dispatch can be started, by both its names.
func TestUnzip(t *testing.T) {
	t.Parallel()
	unzip, err := exec.LookPath("unzip")
	if err != nil {
		testneed.Skip(t, "unzip", "it is not on PATH", "apt-get install unzip")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, fileName("amd64"))
	if err := writeZipFile(path, fakeContents(t, "amd64"), earliest()); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(unzip, "-q", path, "-d", filepath.Join(dir, "charm")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkUnpacked(t, filepath.Join(dir, "charm"))
}

func TestUnpacked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "charm")
	for range 2 { // the second run replaces what the first wrote
		if err := unpacked(dir, fakeContents(t, "amd64")); err != nil {
			t.Fatal(err)
		}
		checkUnpacked(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "left-over"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func checkUnpacked(t *testing.T, dir string) {
	t.Helper()
	if got, err := os.Readlink(filepath.Join(dir, "kratos-agent")); err != nil || got != "dispatch" {
		t.Errorf("kratos-agent points to %q, %v", got, err)
	}
	for _, name := range []string{"dispatch", "kratos-agent"} {
		out, err := exec.Command(filepath.Join(dir, name)).CombinedOutput()
		if string(out) != "agent\n" || err != nil {
			t.Errorf("%s: %v, %q", name, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "left-over")); err == nil {
		t.Error("a file that is no longer of the charm stays in its directory")
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	if _, err := contents(os.DirFS(t.TempDir()), "amd64", "dev", nil); err == nil {
		t.Error("a charm without metadata.yaml was packed")
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	if got, want := fileName("arm64"), "kratos_ubuntu-24.04_arm64.charm"; got != want {
		t.Errorf("fileName = %q, want %q", got, want)
	}
}

func TestSourceDate(t *testing.T) {
	for _, tc := range []struct{ env, want string }{
		{"1700000000", "2023-11-14T22:13:20Z"},
		{"0", "1980-01-01T00:00:00Z"}, // before the first that a zip can hold
		{"yesterday", "1980-01-01T00:00:00Z"},
	} {
		t.Setenv("SOURCE_DATE_EPOCH", tc.env)
		if got := sourceDate(t.Context()).Format(time.RFC3339); got != tc.want {
			t.Errorf("SOURCE_DATE_EPOCH=%s: %s, want %s", tc.env, got, tc.want)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "")
	t.Setenv("GIT_DIR", t.TempDir()) // no repository
	if got := sourceDate(t.Context()); !got.Equal(earliest()) {
		t.Errorf("without a repository: %s", got)
	}
	if got := describe(t.Context()); got != "dev" {
		t.Errorf("without a repository the version is %q", got)
	}
}

// TestCheckStatic compiles a program of one line, as the agent is compiled.
func TestCheckStatic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src := filepath.Join(dir, "main.go")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "main")
	cmd := exec.Command("go", "build", "-o", out, src)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	agent, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkStatic(agent, "amd64"); err != nil {
		t.Error(err)
	}
	if err := checkStatic(agent, "arm64"); err == nil {
		t.Error("a binary for amd64 passes for arm64")
	}
	if err := checkStatic([]byte(fakeAgent), "amd64"); err == nil {
		t.Error("a script passes for a binary")
	}
}

func TestCheckStaticRefusesDynamic(t *testing.T) {
	t.Parallel()
	shell, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	if err := checkStatic(shell, runtime.GOARCH); err == nil || !strings.Contains(err.Error(), "dynamically") {
		t.Errorf("/bin/sh passes as static: %v", err)
	}
}
