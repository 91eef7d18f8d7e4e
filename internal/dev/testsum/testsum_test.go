package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is printed now as what is to be printed")

// TestReport gives the recorded streams in testdata to the command; what it
// prints stands beside each.
func TestReport(t *testing.T) {
	t.Parallel()
	for name, wantOK := range map[string]bool{
		"good":     true,
		"cached":   true,
		"repeated": true,
		"bad":      false, // failed subtests, and a parent that fails by itself
		"broken":   false, // does not build, nor does what imports it
		"panics":   false, // and takes a waiting parallel test with it
		"hangs":    false, // until go test's timeout
		"exits":    false, // TestMain ends with a status of its own
		"none":     false, // no test at all
		"noise":    false, // lines that are no events
		"cut":      false, // the stream ends before the package does
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := read(t, filepath.Join("testdata", name+".json"))
			if ok != wantOK {
				t.Errorf("ok = %v, want %v", ok, wantOK)
			}
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}

func read(t *testing.T, path string) (string, bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	r := newReport(&out, "example.com/m")
	other := func(line []byte) { out.Write(line) }
	if err := readEvents(f, r.handle, other); err != nil {
		t.Fatal(err)
	}
	ok := r.finish(0)
	return out.String(), ok
}

func TestClosingLineIsAlone(t *testing.T) {
	t.Parallel()
	out, _ := read(t, "testdata/good.json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if got, want := lines[len(lines)-1], "6 passed, 0 failed, 3 skipped"; got != want {
		t.Errorf("the last line is %q, want %q", got, want)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, script string
		wantOK       bool
		want         string
	}{
		{"passes", "cat testdata/good.json", true, "6 passed, 0 failed, 3 skipped\n"},
		{"status without a failure", "cat testdata/good.json; exit 2", false, "6 passed, 1 failed, 3 skipped\n"},
		{"nothing", "exit 1", false, "0 passed, 1 failed, 0 skipped\n"},
		{"stopped", "cat testdata/good.json; kill -TERM $$", false, "6 passed, 1 failed, 3 skipped\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			ok, err := run([]string{"sh", "-c", "echo said >&2; " + tc.script}, strings.NewReader(""), &out, &errs)
			if err != nil {
				t.Fatal(err)
			}
			if ok != tc.wantOK {
				t.Errorf("ok = %v, want %v", ok, tc.wantOK)
			}
			if !strings.HasSuffix(out.String(), "\n"+tc.want) {
				t.Errorf("printed\n%s\nwhich does not end in %q", &out, tc.want)
			}
			if errs.String() != "said\n" {
				t.Errorf("the command's stderr became %q", &errs)
			}
		})
	}
	t.Run("no such command", func(t *testing.T) {
		t.Parallel()
		if _, err := run([]string{"/nonexistent/go"}, nil, os.Stdout, os.Stderr); err == nil {
			t.Error("no error")
		}
	})
}
