package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	var log bytes.Buffer
	if ok, err := run(root, true, &log); ok || err != nil {
		t.Errorf("an empty tree is up to date: %t %v", ok, err)
	}
	for _, f := range files() {
		if !strings.Contains(log.String(), f.path+" is not what its source makes it") {
			t.Errorf("%s is not named in\n%s", f.path, &log)
		}
	}
	if ok, err := run(root, false, &log); !ok || err != nil {
		t.Fatal(ok, err)
	}
	log.Reset()
	if ok, err := run(root, true, &log); !ok || err != nil || log.Len() > 0 {
		t.Errorf("what was just written differs: %t %v %s", ok, err, &log)
	}
	changed := files()[0].path
	if err := os.WriteFile(filepath.Join(root, changed), []byte("by hand"), 0o644); err != nil {
		t.Fatal(err)
	}
	if ok, err := run(root, true, &log); ok || err != nil || log.String() != changed+" is not what its source makes it: run make generate\n" {
		t.Errorf("a change by hand: %t %v %s", ok, err, &log)
	}
}

// TestSamples finds a parameter that no example can be made of.
func TestSamples(t *testing.T) {
	t.Parallel()
	declared, err := spec.Parse([]byte(`
turn:
  description: Turn it.
  required: [by]
  additionalProperties: false
  params:
    by: {type: string, description: How far.}
`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := actionsReference(declared); err == nil || !strings.Contains(err.Error(), "the parameter by of turn") {
		t.Errorf("got %v", err)
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"give --email or a_b":        "give `--email` or a\\_b",
		"--force=false turns it off": "`--force=false` turns it off",
		"a <b> [c](d) and *e*":       "a &lt;b> \\[c](d) and \\*e\\*",
		"an address - or --":         "an address - or --",
	} {
		if got := prose(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := cell("a|b\nc"); got != `a\|b<br>c` {
		t.Errorf("got %s", got)
	}
}
