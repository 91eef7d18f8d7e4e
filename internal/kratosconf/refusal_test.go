package kratosconf_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// What Kratos 1.3.1 wrote on bad configurations, as recorded, and what may pass.
func TestRefusalRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/refusal/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("nothing recorded", err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := kratosconf.Refusal(text)
		if got == "" {
			t.Errorf("%s: no reason", file)
		}
		if strings.Contains(got, mark) {
			t.Errorf("%s: a value is shown: %s", file, got)
		}
		all.WriteString(strings.TrimSuffix(filepath.Base(file), ".txt") + "\n    " + got + "\n")
	}
	golden(t, "refusal.golden", []byte(all.String()))
}

func TestRefusalOfNothingKnown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "Error: ", "Error: something with " + mark, "selfservice: " + mark + "\n  ^-- expected string",
		"Error: I[#/a] S[#/b/type] expected string, but got number\nError: " + mark,
	} {
		if got := kratosconf.Refusal([]byte(text)); got != "" {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{"port_taken": true, "provider_typo": false} {
		text, err := os.ReadFile("testdata/refusal/" + file + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if got := kratosconf.PortTaken(text); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

// Whatever value stands where Kratos prints values, none of it passes.
func FuzzRefusal(f *testing.F) {
	for _, seed := range []string{mark, "\nError: I[#/x] S[#/y/enum] value must be one of \"" + mark + "\"", `"\n^--`} {
		f.Add(seed)
	}
	const before = "\nThe configuration contains values or keys which are invalid:\nlog.level: "
	const after = "\n   ^-- value must be one of \"a\"\n\nError: I[#/log/level] S[#/properties/log/properties/level/enum] value must be one of \"a\"\nUsage:\n"
	want := kratosconf.Refusal([]byte(before + after))
	f.Fuzz(func(t *testing.T, value string) {
		if got := kratosconf.Refusal([]byte(before + value + after)); got != want {
			t.Errorf("%q changes the reason: %q", value, got)
		}
	})
}
