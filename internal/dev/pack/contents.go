package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
)

// entry is one file of the charm. A symbolic link holds its target as data.
type entry struct {
	name string
	mode fs.FileMode
	data []byte
}

func (e entry) isLink() bool { return e.mode&fs.ModeSymlink != 0 }

// writtenByCharmcraft says whether charmcraft puts this file into the charm by
// itself, from the project's own of that name or, the manifest, from what it
// did.
func (e entry) writtenByCharmcraft() bool {
	return slices.Contains([]string{"metadata.yaml", "actions.yaml", "config.yaml", "manifest.yaml"}, e.name)
}

// contents are the charm's files, sorted by name. agent is the binary for arch:
// Juju starts it as dispatch, a person as kratos-agent.
func contents(tree fs.FS, arch, version string, agent []byte) ([]entry, error) {
	entries := []entry{
		{"dispatch", 0o755, agent},
		{"kratos-agent", fs.ModeSymlink | 0o777, []byte("dispatch")},
		{"manifest.yaml", 0o644, manifest(arch)},
		{"version", 0o644, []byte(version + "\n")},
	}
	for name, source := range map[string]string{
		"metadata.yaml": "metadata.yaml",
		"actions.yaml":  "actions.yaml",
		"config.yaml":   "config.yaml",
		"LICENSE":       "LICENSE",
		"README.md":     "charm/README.md",
		"icon.svg":      "charm/icon.svg",
	} {
		data, err := fs.ReadFile(tree, source)
		if err != nil {
			return nil, fmt.Errorf("cannot read a file of the charm: %w", err)
		}
		entries = append(entries, entry{name, 0o644, data})
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return entries, nil
}

// manifest says what the charm runs on. Juju reads the bases alone, and refuses
// metadata with containers where there are none. What charmcraft adds about
// itself (its version, when it was started) is left out: it was not there.
func manifest(arch string) []byte {
	return fmt.Appendf(nil, `bases:
- name: %s
  channel: '%s'
  architectures:
  - %s
analysis:
  attributes:
  - name: language
    result: unknown
  - name: framework
    result: unknown
`, baseName, baseChannel, arch)
}

// fileName is the packed charm's, NAME_BASE_ARCH.charm.
func fileName(arch string) string {
	return fmt.Sprintf("kratos_%s-%s_%s.charm", baseName, baseChannel, arch)
}
