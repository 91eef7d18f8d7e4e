package pebbletest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRefusals are layers that Pebble refuses and that typed ones cannot be, or
// that the client's own types would let pass.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"- a":                         "cannot parse",
		"services: [a]":               "cannot parse",
		"sevices: {}":                 `unknown section "sevices"`,
		"services: {a: {}":            "cannot parse",
		"services: {a: {command: x}}": `must define "override" for service "a"`,
		"services: {a: {override: both, command: x}}":                                                                   `invalid "override" value`,
		"services: {a: {override: replace, comand: x}}":                                                                 "comand",
		"services: {pebble: {override: replace, command: x}}":                                                           `"pebble"`,
		"services: {a: {override: replace, command: x, environment: [A=b]}}":                                            "environment",
		"services: {a: {override: replace, command: x, kill-delay: 5}}":                                                 "invalid duration",
		"services: {a: {override: replace, command: x, on-failure: explode}}":                                           "explode",
		"checks: {c: {override: replace}}":                                                                              "must specify one of",
		"checks: {c: {override: replace, http: {url: x}, tcp: {port: 1}}}":                                              "must specify one of",
		"checks: {c: {override: replace, tcp: {host: x}}}":                                                              `must set "port"`,
		"checks: {c: {override: replace, period: 1s, tcp: {port: 1}}}":                                                  "timeout must be less than period",
		"checks: {c: {override: replace, exec: {command: x, service-context: a}}}":                                      `non-existent service "a"`,
		"log-targets: {t: {override: replace, type: loki}}":                                                             `must define "location"`,
		"log-targets: {t: {override: replace, type: loki, location: x, services: [a]}}":                                 `unknown service "a"`,
		"log-targets: {t: {override: replace, type: loki, location: x, services: [all], label: {}}}":                    "label",
		"services: {a: {override: replace, command: x}}\nchecks: {c: {override: replace, alive: true, tcp: {port: 1}}}": "alive",
	} {
		d, err := newDaemon(Options{}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		err = d.addLayer("l", text, true)
		layers := len(d.layers)
		d.mu.Unlock()
		d.stop()
		if err == nil || !strings.Contains(err.Error(), why) || layers != 0 {
			t.Errorf("%s: %v, %d layers", text, err, layers)
		}
	}
}

func TestALabelThatIsKnownMustCombine(t *testing.T) {
	t.Parallel()
	d, err := newDaemon(Options{Layer: "services: {a: {override: replace, command: x}}"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.addLayer("image", "services: {b: {override: replace, command: x}}", false)
	if err == nil || err.Error() != `layer "image" already exists` {
		t.Errorf("it says %v", err)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	got := merge(
		entry{"override": "replace", "command": "a", "after": []string{"x"}, "http": entry{"url": "u", "headers": map[string]string{"A": "1"}}},
		entry{"override": "merge", "after": []string{"y"}, "environment": map[string]string{"B": "2"}, "http": entry{"headers": map[string]string{"C": "3"}}},
	)
	want := entry{
		"override": "replace", "command": "a", "after": []string{"x", "y"}, "environment": map[string]string{"B": "2"},
		"http": entry{"url": "u", "headers": map[string]string{"A": "1", "C": "3"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for command, want := range map[string][]string{
		"a b":                      {"a", "b"},
		"  a\t b\n":                {"a", "b"},
		`a "b c" 'd "e'`:           {"a", "b c", `d "e`},
		`a b\ c "d\"e" 'f\g' ''`:   {"a", "b c", `d"e`, `f\g`, ""},
		"kratos serve [ --dev x ]": {"kratos", "serve", "--dev", "x"},
		"":                         nil,
		"a 'b":                     nil,
		`a \`:                      nil,
	} {
		got, err := split(command)
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != (want == nil) {
			t.Errorf("%q: %v %s", command, err, diff)
		}
	}
}
