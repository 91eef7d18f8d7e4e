package observability_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// lineFilter is what of a query of log lines chooses among them.
var lineFilter = regexp.MustCompile("\\|(=|~) `([^`]*)`")

// filters gives the filter of each alert by its name.
func filters(tb testing.TB) map[string]*regexp.Regexp {
	tb.Helper()
	found := map[string]*regexp.Regexp{}
	_, loki := sent(tb)
	for _, r := range loki {
		m := lineFilter.FindAllStringSubmatch(r.Expr, -1)
		if len(m) != 1 {
			tb.Fatalf("%s has %d filters", r.Alert, len(m))
		}
		pattern := m[0][2]
		if m[0][1] == "=" {
			pattern = regexp.QuoteMeta(pattern)
		}
		found[r.Alert] = regexp.MustCompile(pattern)
	}
	return found
}

func matching(lines []string, filter *regexp.Regexp) (found []string) {
	for _, line := range lines {
		if filter.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// logged runs a server with these settings and gives what it logs meanwhile.
func logged(t *testing.T, settings map[string]any, use func(*kratostest.Server)) []string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	settings["log"] = map[string]any{"level": "info", "format": "json"}
	s, err := kratostest.Start(t.Context(), kratostest.Config{Binary: kratostest.Binaries(t)[0], Settings: settings, Log: file})
	if err == nil {
		use(s)
		err = s.Stop()
	}
	if err != nil {
		t.Logf("the server ended: %v", err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// TestErrorLines: a server that serves, with one error and many lines that are
// none, though a visitor calls himself fatal in each.
func TestErrorLines(t *testing.T) {
	t.Parallel()
	lines := logged(t, map[string]any{}, func(s *kratostest.Server) {
		get(t, s.PublicURL+staleCallback, http.StatusSeeOther)
		get(t, s.PublicURL+"/sessions/whoami", http.StatusUnauthorized)
	})
	if len(matching(lines, regexp.MustCompile(`fatal`))) == 0 {
		t.Fatalf("the visitor's name is not in the log:\n%s", strings.Join(lines, "\n"))
	}
	for name, want := range map[string]int{"ErrorLevelLog": 1, "ErrorLevelLogHighFrequency": 1, "FatalLevelLog": 0} {
		if got := matching(lines, filters(t)[name]); len(got) != want {
			t.Errorf("%s is raised by %d lines, want %d:\n%s", name, len(got), want, strings.Join(got, "\n"))
		}
	}
}

// TestFatalLines: a server that gives up, by itself and as Go does.
func TestFatalLines(t *testing.T) {
	t.Parallel()
	gone := filepath.Join(t.TempDir(), "gone.pem")
	lines := logged(t, map[string]any{"serve.public.tls.cert.path": gone, "serve.public.tls.key.path": gone}, func(*kratostest.Server) {
		t.Error("it serves without the certificate that it is to serve with")
	})
	fatal := filters(t)["FatalLevelLog"]
	if got := matching(lines, fatal); len(got) != 1 {
		t.Errorf("%d lines raise an alert:\n%s", len(got), strings.Join(lines, "\n"))
	}
	for line, want := range map[string]bool{
		"panic: runtime error: index out of range":              true,
		"fatal error: concurrent map writes":                    true,
		`{"level":"info","msg":"no panic: all is well"}`:        false,
		`{"level":"error","msg":"\"level\":\"fatal\" is last"}`: false,
	} {
		if fatal.MatchString(line) != want {
			t.Errorf("%s: an alert is not %t", line, want)
		}
	}
}
