package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func declared(t *testing.T, arch, name string) object {
	t.Helper()
	o, err := readYAML(charmFile(t, arch, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return o
}

// TestCharmObeysJuju holds the packed files to the rules of Juju's parsers.
func TestCharmObeysJuju(t *testing.T) {
	t.Parallel()
	for _, arch := range architectures() {
		meta, manifest := declared(t, arch, "metadata.yaml"), declared(t, arch, "manifest.yaml")
		for file, found := range map[string]problems{
			"metadata.yaml": checkMetadata(meta, manifest),
			"manifest.yaml": checkManifest(manifest, arch),
			"config.yaml":   checkConfig(declared(t, arch, "config.yaml")),
			"actions.yaml":  checkActions(declared(t, arch, "actions.yaml")),
		} {
			for _, problem := range found {
				t.Errorf("%s for %s: %s", file, arch, problem)
			}
		}
		if name := meta["name"]; !strings.HasPrefix(fileName(arch), name.(string)+"_") {
			t.Errorf("the file is called %s, the charm %s", fileName(arch), name)
		}
	}
	if version := charmFile(t, "amd64", "version"); bytes.Count(version, []byte("\n")) != 1 {
		t.Errorf("version is not one line: %q", version)
	}
}

// TestSameInBothYAMLs: Juju reads YAML 1.1, and we read with a 1.2 parser. A
// word that the two take differently would mean two things.
func TestSameInBothYAMLs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"metadata.yaml", "actions.yaml", "config.yaml", "manifest.yaml"} {
		data := charmFile(t, "amd64", name)
		var ours object
		if err := yaml.Unmarshal(data, &ours); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(declared(t, "amd64", name), ours); diff != "" {
			t.Errorf("%s (-YAML 1.1 +ours):\n%s", name, diff)
		}
		for _, word := range ambiguous(t, data) {
			t.Errorf("%s: quote %s", name, word)
		}
	}
}

var twofold = regexp.MustCompile(`^(?i:y|yes|n|no|on|off)$|^[-+]?0[0-9_]+$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+$`)

// ambiguous are the bare words that YAML 1.1 alone takes for a boolean or a
// number, keys too.
func ambiguous(t *testing.T, data []byte) []string {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var found []string
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Style == 0 && twofold.MatchString(n.Value) {
			found = append(found, n.Value)
		}
		for _, inner := range n.Content {
			walk(inner)
		}
	}
	walk(&doc)
	return found
}

func TestAmbiguous(t *testing.T) {
	t.Parallel()
	got := ambiguous(t, []byte("a: yes\nb: 'yes'\nn: [012, 12:30, true, 12, text, \"off\", Off]\n"))
	if diff := cmp.Diff([]string{"yes", "n", "012", "12:30", "Off"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestRulesRefuse shows that each rule can fail.
func TestRulesRefuse(t *testing.T) {
	t.Parallel()
	const bases = "\nbases: [{name: ubuntu, channel: '24.04', architectures: [amd64]}]"
	metadata := func(o object) problems { return checkMetadata(o, o) }
	manifest := func(o object) problems { return checkManifest(o, "amd64") }
	const ok = "name: k\nsummary: s\ndescription: d\n"
	const act = "a: {description: d, additionalProperties: false, params: {p: {type: string}}}"
	for _, tc := range []struct {
		name  string
		check func(object) problems
		yaml  string
		want  string // "" where the rule lets it pass
	}{
		{"plain", metadata, ok, ""},
		{"no summary", metadata, "name: k\ndescription: d", "no summary"},
		{"name", metadata, "name: K_8\nsummary: s\ndescription: d", "bad name"},
		{"containers without bases", metadata, ok + "containers: {k: {resource: r}}\nresources: {r: {type: oci-image}}", "without a manifest"},
		{"containers with bases", metadata, ok + "containers: {k: {resource: r}}\nresources: {r: {type: oci-image}}" + bases, ""},
		{"series", metadata, ok + "assumes: [k8s-api]\nseries: [noble]" + bases, "series beside assumes"},
		{"assumes", metadata, ok + "assumes: [juju >= 3.4, {any-of: [k8s-api, juju < 4]}]" + bases, ""},
		{"bad assumes", metadata, ok + "assumes: ['juju => 3']" + bases, "bad assumption"},
		{"bad assumes map", metadata, ok + "assumes: [{one-of: [k8s-api]}]" + bases, "one-of"},
		{"charm-user", metadata, ok + "charm-user: admin" + bases, "charm-user is admin"},
		{"no such resource", metadata, ok + "containers: {k: {resource: r}}" + bases, "is no oci-image"},
		{"no such storage", metadata, ok + "containers: {k: {resource: r, mounts: [{storage: x}]}}\nresources: {r: {type: oci-image}}" + bases, "no storage"},
		{"uid", metadata, ok + "containers: {k: {resource: r, uid: 1000}}\nresources: {r: {type: oci-image}}" + bases, "uid 1000"},
		{"resource type", metadata, ok + "resources: {r: {type: image}}", "not one of"},
		{"resource file", metadata, ok + "resources: {r: {type: file}}", "no filename"},
		{"endpoint", metadata, ok + "requires: {db: {interface: sql, limit: 1, scope: global}}", ""},
		{"endpoint twice", metadata, ok + "requires: {db: {interface: sql}}\npeers: {db: {interface: sql}}", "twice"},
		{"endpoint name", metadata, ok + "requires: {juju-db: {interface: sql}}", "the name is Juju's"},
		{"endpoint interface", metadata, ok + "requires: {db: {limit: 1}}", "interface"},
		{"endpoint limit", metadata, ok + "requires: {db: {interface: sql, limit: one}}", "limit one"},
		{"endpoint scope", metadata, ok + "requires: {db: {interface: sql, scope: local}}", "not one of"},
		{"manifest", manifest, strings.TrimSpace(bases), ""},
		{"no bases", manifest, "bases: []", "no bases"},
		{"base name", manifest, "bases: [{name: debian, channel: '12', architectures: [amd64]}]", "debian"},
		{"base channel", manifest, "bases: [{name: ubuntu, channel: 24.04, architectures: [amd64]}]", "channel is 24.04"},
		{"base architecture", manifest, "bases: [{name: ubuntu, channel: '24.04', architectures: [arm64]}]", "want amd64"},
		{"no options yet", checkConfig, "options: {}", ""},
		{"empty config", checkConfig, "{}", "empty configuration"},
		{"option", checkConfig, "options: {num: {type: int, default: 5, description: d}, s: {type: secret, description: d}}", ""},
		{"option type", checkConfig, "options: {p: {type: password, description: d}}", "password"},
		{"option description", checkConfig, "options: {p: {type: string}}", "no description"},
		{"option default", checkConfig, "options: {num: {type: int, default: five, description: d}}", "is no int"},
		{"option default string", checkConfig, "options: {num: {type: string, default: 5, description: d}}", "is no string"},
		{"option default bool", checkConfig, "options: {num: {type: boolean, default: maybe, description: d}}", "is no boolean"},
		{"option default secret", checkConfig, "options: {num: {type: secret, default: foo, description: d}}", "is no secret"},
		{"action", checkActions, act, ""},
		{"no actions", checkActions, "{}", "no actions"},
		{"action name", checkActions, strings.Replace(act, "a:", "a_b:", 1), "bad action name"},
		{"action reserved", checkActions, strings.Replace(act, "a:", "juju-a:", 1), "the name is Juju's"},
		{"action no map", checkActions, "a: text", "is string"},
		{"description", checkActions, "a: {additionalProperties: false}", "no description"},
		{"additionalProperties", checkActions, "a: {description: d}", "additionalProperties is <nil>"},
		{"null params", checkActions, "a: {description: d, additionalProperties: false, params: }", "params is no map"},
		{"unknown key", checkActions, "a: {description: d, additionalProperties: false, parms: {}}", "nobody reads parms"},
		{"parallel", checkActions, "a: {description: d, additionalProperties: false, parallel: 1}", "parallel is int"},
		{"required", checkActions, "a: {description: d, additionalProperties: false, required: [x]}", "not declared"},
		{"required default", checkActions, "a: {description: d, additionalProperties: false, required: [p], params: {p: {type: string, default: x}}}", "has a default"},
		{"param name", checkActions, strings.Replace(act, "p:", "pQ:", 1), "bad parameter name"},
		{"no type", checkActions, strings.Replace(act, "type: string", "title: t", 1), "has no type"},
		{"type", checkActions, strings.Replace(act, "type: string", "type: text", 1), "is text"},
		{"ref", checkActions, strings.Replace(act, "type: string", "type: string, $ref: x", 1), "$ref"},
		{"schema", checkActions, strings.Replace(act, "type: string", "type: string, $schema: x", 1), "$schema"},
		{"format", checkActions, strings.Replace(act, "type: string", "type: string, format: email", 1), "does not obey format"},
		{"pattern", checkActions, strings.Replace(act, "type: string", "type: string, pattern: '(?=x)'", 1), "error parsing regexp"},
		{"enum", checkActions, strings.Replace(act, "type: string", "type: string, enum: [1]", 1), "of the enum"},
		{"empty enum", checkActions, strings.Replace(act, "type: string", "type: string, enum: []", 1), "enum is empty"},
		{"default type", checkActions, strings.Replace(act, "type: string", "type: string, default: 7", 1), "the default 7"},
		{"default enum", checkActions, strings.Replace(act, "type: string", "type: string, enum: [a], default: b", 1), "not in the enum"},
		{"nested", checkActions, strings.Replace(act, "type: string", "type: object, properties: {x: {type: string}}", 1), "Juju 3 and 4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, err := readYAML([]byte(tc.yaml))
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(tc.check(o), "\n")
			if tc.want == "" && found != "" {
				t.Errorf("refused: %s", found)
			}
			if !strings.Contains(found, tc.want) {
				t.Errorf("found %q, want %q", found, tc.want)
			}
		})
	}
	if _, err := readYAML([]byte("a: 1\na: 2")); err == nil {
		t.Error("a duplicate key passes")
	}
	if _, err := readYAML([]byte("1: a")); err == nil {
		t.Error("a key that is a number passes")
	}
}
