// Command pack builds the charm, without charmcraft and without a network:
// build/charm/, unpacked, for this machine, and one build/*.charm for each
// architecture. Two runs on the same commit write the same bytes.
//
// With -stage it writes into a directory only those files that charmcraft does
// not write itself: charmcraft.yaml calls it so.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// What the charm is built for. The base is written in manifest.yaml, and with
// a hyphen in the file names.
const baseName, baseChannel = "ubuntu", "24.04"

func architectures() []string { return []string{"amd64", "arm64"} }

func main() {
	version := flag.String("version", "", "the version to stamp; by default what git describes, or dev")
	stage := flag.String("stage", "", "write only what charmcraft does not, into this `directory`")
	arch := flag.String("arch", runtime.GOARCH, "with -stage: the architecture to build for")
	flag.Parse()
	ctx := context.Background()
	if *version == "" {
		*version = describe(ctx)
	}
	var err error
	if *stage != "" {
		err = packStage(ctx, *stage, *arch, *version)
	} else {
		err = packAll(ctx, "build", *version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func packAll(ctx context.Context, out, version string) error {
	for _, arch := range architectures() {
		entries, err := compiled(ctx, arch, version)
		if err != nil {
			return err
		}
		if arch == runtime.GOARCH {
			dir := filepath.Join(out, "charm")
			if err := unpacked(dir, entries); err != nil {
				return err
			}
			fmt.Println(dir)
		}
		path := filepath.Join(out, fileName(arch))
		if err := writeZipFile(path, entries, sourceDate(ctx)); err != nil {
			return err
		}
		fmt.Println(path)
	}
	if !slices.Contains(architectures(), runtime.GOARCH) {
		fmt.Fprintf(os.Stderr, "no %s: the charm is not built for %s\n", filepath.Join(out, "charm"), runtime.GOARCH)
	}
	return nil
}

// unpacked writes the charm as Juju unpacks it, and nothing that an earlier run
// left.
func unpacked(dir string, entries []entry) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return writeDir(dir, entries)
}

func packStage(ctx context.Context, dir, arch, version string) error {
	entries, err := compiled(ctx, arch, version)
	if err != nil {
		return err
	}
	return writeDir(dir, slices.DeleteFunc(entries, entry.writtenByCharmcraft))
}

// compiled are the entries of the charm with an agent built for arch.
func compiled(ctx context.Context, arch, version string) ([]entry, error) {
	agent, err := build(ctx, arch, version)
	if err != nil {
		return nil, err
	}
	return contents(os.DirFS("."), arch, version, agent)
}
