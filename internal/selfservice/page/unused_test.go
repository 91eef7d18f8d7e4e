package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoTextIsUnused finds texts that no page shows: notices that no code names,
// and words that the code here does not. What Kratos names (its messages, errors,
// groups and ways to sign in) may come at any time.
func TestNoTextIsUnused(t *testing.T) {
	t.Parallel()
	code := source(t, "*.go") + source(t, "../*.go")
	for key := range loaded(t)[standard].texts {
		word := key
		switch family, rest, _ := strings.Cut(key, "."); family {
		case "notice":
			word, _, _ = strings.Cut(rest, ".")
		case "link", "reason", "hint", "codes", "resend", "account", "continue", "or", "list", "minute", "minutes", "image", "request", "noscript":
		default:
			continue
		}
		if !strings.Contains(code, `"`+word+`"`) {
			t.Errorf("no code uses the text %s", key)
		}
	}
}

// source gives the code of the files, without tests.
func source(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 5 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	var all strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
