package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everywhere is what a page can lead to.
var everywhere = Links{
	Login: "/login", Registration: "/registration", Recovery: "/recovery", Verification: "/verification",
	Settings: "/settings", Logout: "/logout", Home: "/",
}

// golden is one page: a recorded flow in a language, or a notice.
type golden struct {
	name  string
	write func(t testing.TB, w *strings.Builder)
}

// goldens gives every page that is kept: each recorded flow in English, one of
// each kind in German and on hold, and the notices.
func goldens(t testing.TB) []golden {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(flowDir, "*.json"))
	if err != nil || len(files) < 50 {
		t.Fatalf("there are %d recorded flows (%v); record them with -update", len(files), err)
	}
	var all []golden
	for _, f := range files {
		all = append(all, recorded(strings.TrimSuffix(filepath.Base(f), ".json"), "en"))
	}
	for _, name := range []string{
		"login.everything", "login.wrong-password", "registration.second-step", "recovery.code-sent",
		"verification.link-done", "settings.everything", "settings.recovered", "settings.codes-new", "error.csrf",
	} {
		all = append(all, recorded(name, "de"))
	}
	return append(all, notices()...)
}

func recorded(name, language string) golden {
	return golden{name + "." + language, func(t testing.TB, w *strings.Builder) {
		t.Helper()
		kind, _, _ := strings.Cut(name, ".")
		v := View{Kind: Kind(kind), Links: everywhere, Languages: []string{language}, RequestID: "request-1"}
		text, err := os.ReadFile(filepath.Join(flowDir, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind == Failure {
			e, err := ParseError(text)
			if err != nil {
				t.Fatal(err)
			}
			err = renderer(t, Brand{}).Error(w, e, v)
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if v.Flow, err = ParseFlow(text); err != nil {
			t.Fatal(err)
		}
		if v.Kind == Settings {
			v.SignedInAs, v.Hold = "ada@example.com", strings.HasSuffix(name, "recovered")
		}
		if err := renderer(t, Brand{}).Flow(w, v); err != nil {
			t.Fatal(err)
		}
	}}
}

func notices() []golden {
	branded := Brand{Name: "Ada & Sons <Ltd>", Logo: "/logo.svg", Colour: "#ffd400", Footer: "Ada & Sons, 12 Analytical Way"}
	return []golden{
		{"notice.expired", notice(Brand{}, Notice{Title: "notice.expired.title", Text: "notice.expired.text", Next: "/login", NextLabel: "link.login"})},
		{"notice.branded", notice(branded, Notice{Title: "notice.signed_in.title", Text: "notice.signed_in.text", Links: everywhere, SignedInAs: "ada@example.com"})},
		{"notice.loop", notice(Brand{Name: "Ada & Sons"}, Notice{
			Title: "notice.loop.title", Text: "notice.loop.text", RequestID: "request-1", Languages: []string{"de-AT"},
			Detail: map[string]string{"here": "localhost:4455", "there": "<b>127.0.0.1</b>"},
		})},
	}
}

func notice(b Brand, n Notice) func(testing.TB, *strings.Builder) {
	return func(t testing.TB, w *strings.Builder) {
		t.Helper()
		if err := renderer(t, b).Notice(w, n); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGoldenPages(t *testing.T) {
	t.Parallel()
	kept := map[string]bool{}
	for _, g := range goldens(t) {
		kept[g.name+".html"] = true
		t.Run(g.name, func(t *testing.T) {
			var page strings.Builder
			g.write(t, &page)
			file := filepath.Join(pageDir, g.name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), page.String()); diff != "" {
				t.Errorf("the page is another; if it should be, run with -update (-want +got):\n%s", diff)
			}
		})
	}
	files, err := os.ReadDir(pageDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !kept[f.Name()] {
			t.Errorf("%s belongs to no page", f.Name())
		}
	}
}
