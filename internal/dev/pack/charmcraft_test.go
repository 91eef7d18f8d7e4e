package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// project is charmcraft.yaml.
type project struct {
	Type      string
	Base      string
	Platforms map[string]struct {
		BuildFor []string `yaml:"build-for"`
	}
	Parts map[string]struct {
		Plugin        string
		OverrideBuild string `yaml:"override-build"`
	}
}

func readProject(t *testing.T) project {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "charmcraft.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var p project
	if err := yaml.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCharmcraftProject holds charmcraft.yaml to what is packed here.
func TestCharmcraftProject(t *testing.T) {
	t.Parallel()
	p := readProject(t)
	if p.Type != "charm" || p.Base != baseName+"@"+baseChannel {
		t.Errorf("type %q, base %q", p.Type, p.Base)
	}
	var arches []string
	for _, platform := range p.Platforms {
		arches = append(arches, platform.BuildFor...)
	}
	slices.Sort(arches)
	if diff := cmp.Diff(architectures(), arches); diff != "" {
		t.Errorf("architectures (-packed here +charmcraft.yaml):\n%s", diff)
	}
}

// TestCharmcraftKeepsMetadataApart: charmcraft refuses a project that has these
// in two files.
func TestCharmcraftKeepsMetadataApart(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "charmcraft.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := yaml.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"name", "summary", "description", "actions", "config", "containers", "resources", "assumes"} {
		if _, ok := keys[key]; ok {
			t.Errorf("%q stands in charmcraft.yaml and in a file beside it", key)
		}
	}
}

// TestCharmcraftBuild runs the build step as charmcraft would, and compares
// what it leaves with what is packed here.
func TestCharmcraftBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command("/bin/bash", "-eux", "-c", readProject(t).Parts["charm"].OverrideBuild)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CRAFT_PART_INSTALL="+dir, "CRAFT_ARCH_BUILD_FOR=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var want, got []string
	for _, e := range fakeContents(t, "amd64") {
		if !e.writtenByCharmcraft() {
			want = append(want, e.mode.String()+" "+e.name)
		}
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, info.Mode().String()+" "+f.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-packed here +charmcraft):\n%s", diff)
	}
}
