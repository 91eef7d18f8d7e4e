package charm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// replace puts the candidate in the place of what serves. The files come before
// the layer, whose environment records them: a pass that is cut between the two
// does both again. The configuration comes last, since Kratos reads it as soon
// as it is there.
func (a *applier) replace(ctx context.Context) error {
	if err := a.replaceFiles(ctx); err != nil {
		return err
	}
	if err := a.replaceProgram(ctx); err != nil {
		return err
	}
	if err := a.addLayer(ctx); err != nil {
		return err
	}
	if bytes.Equal(a.world.Container.Config, a.plan.Config) {
		return nil
	}
	return a.Pebble.WriteFiles(ctx, private(configPath, a.plan.Config))
}

// replaceFiles writes the files that are others than recorded, and removes those
// that were recorded and are not wanted any more.
func (a *applier) replaceFiles(ctx context.Context) error {
	have := recorded(a.world.Container.Plan.Services[serviceKratos])
	want := recorded(a.plan.Layer.Services[serviceKratos])
	var changed []pebble.File
	for _, path := range slices.Sorted(maps.Keys(a.plan.Files)) {
		if content := a.plan.Files[path]; have[path] != fingerprint(content) {
			changed = append(changed, private(path, content))
		}
	}
	if len(changed) > 0 {
		if err := a.Pebble.WriteFiles(ctx, changed...); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(have)) {
		_, recorded := want[path]
		_, planned := a.plan.Files[path]
		if recorded || planned || path == configPath {
			continue
		}
		if err := a.Pebble.RemoveFile(ctx, path); err != nil {
			return err
		}
	}
	return nil
}

// replaceProgram writes the program that serves the pages, where it is another
// than the one that the plan has. It is as long as its layer is to come.
func (a *applier) replaceProgram(ctx context.Context) error {
	want := a.plan.Layer.Services[serviceUI].Environment[programVariable]
	have := a.world.Container.Plan.Services[serviceUI].Environment[programVariable]
	if want == "" || want == have || a.world.Program == nil {
		return nil
	}
	return a.Pebble.WriteFiles(ctx, pebble.File{Path: programPath, Content: a.world.Program, Permissions: 0o755, MakeDirs: true})
}

// recorded gives the hashes of the files that a service was given, by path. A
// record that cannot be read is none: all files are then written.
func recorded(s pebble.Service) map[string]string {
	var files map[string]string
	if json.Unmarshal([]byte(s.Environment[filesVariable]), &files) != nil {
		return nil
	}
	return files
}

// record writes what recorded reads.
func record(files map[string]string) string {
	text, _ := json.Marshal(files) // strings alone
	return string(text)
}

// fingerprint is how a file stands in the record.
func fingerprint(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// private makes a file that only its owner can read.
func private(path string, content []byte) pebble.File {
	return pebble.File{Path: path, Content: content, Permissions: 0o600, MakeDirs: true}
}
