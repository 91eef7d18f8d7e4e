package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// marker is what a hostile Kratos or person would write everywhere.
const marker = "<script>marker"

// FuzzFlow: whatever a flow holds, it is rendered without a panic, and nothing in
// it becomes a part of the page's own text.
func FuzzFlow(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(flowDir, "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		kind, _, _ := strings.Cut(filepath.Base(file), ".")
		f.Add(string(text), kind)
		f.Add(hostile(f, string(text)), kind)
	}
	r := renderer(f, Brand{Name: marker, Footer: marker})
	f.Fuzz(func(t *testing.T, text, kind string) {
		v := View{Kind: Kind(kind), Languages: []string{text, "de"}, RequestID: text, SignedInAs: marker, Links: everywhere}
		var page strings.Builder
		var err error
		if v.Flow, err = ParseFlow([]byte(text)); err == nil {
			err = r.Flow(&page, v)
		}
		if e, bad := ParseError([]byte(text)); bad == nil && err == nil {
			err = r.Error(&page, e, v)
		}
		if err == nil {
			err = r.Notice(&page, Notice{Title: text, Text: marker, Detail: map[string]string{"n": marker}, Next: text, NextLabel: marker})
		}
		if err == nil && strings.Contains(page.String(), marker) {
			t.Errorf("the page holds what was to be escaped:\n%s", page.String())
		}
	})
}

// hostile puts the marker behind every value of the flow but those by which its
// parts are told apart.
func hostile(f *testing.F, text string) string {
	f.Helper()
	var flow any
	if err := json.Unmarshal([]byte(text), &flow); err != nil {
		f.Fatal(err)
	}
	out, err := json.Marshal(mark("", flow))
	if err != nil {
		f.Fatal(err)
	}
	return string(out)
}

func mark(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = mark(k, v[k])
		}
	case []any:
		for i := range v {
			v[i] = mark(key, v[i])
		}
	case string:
		if !slices.Contains([]string{"type", "group", "node_type", "expires_at"}, key) {
			return v + `"> ` + marker
		}
	}
	return v
}

// BenchmarkFlow is the render path on one core: from Kratos' JSON to the page.
func BenchmarkFlow(b *testing.B) {
	for _, name := range []string{"login.everything", "settings.everything"} {
		b.Run(name, func(b *testing.B) {
			text, err := os.ReadFile(filepath.Join(flowDir, name+".json"))
			if err != nil {
				b.Fatal(err)
			}
			kind, _, _ := strings.Cut(name, ".")
			r := renderer(b, Brand{})
			b.ReportAllocs()
			for b.Loop() {
				f, err := ParseFlow(text)
				if err != nil {
					b.Fatal(err)
				}
				var page strings.Builder
				if err := r.Flow(&page, View{Kind: Kind(kind), Flow: f, Links: everywhere}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}
