package page

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestBrand(t *testing.T) {
	t.Parallel()
	refused := []Brand{
		{Colour: "red"}, {Colour: "#12345"}, {Colour: "#12345g"}, {Colour: "123456"}, {Colour: "+#12345"},
		{Logo: "//evil.example/x.png"}, {Logo: "https://evil.example/x.png"}, {Logo: "javascript:x"}, {Logo: "data:text/html;base64,AAAA"},
		{Logo: `/\evil.example/x.png`}, {Logo: "/\t/evil.example"}, {Logo: `data:image/png;base64,AAAA" onload="x`},
	}
	for _, b := range refused {
		if _, err := New(b); err == nil {
			t.Errorf("the brand %+v is taken", b)
		}
	}
	for _, b := range []Brand{{}, {Colour: "#ABCDEF"}, {Logo: "/logo.svg"}, {Logo: "data:image/png;base64,AAAA"}} {
		if _, err := New(b); err != nil {
			t.Errorf("the brand %+v is refused: %v", b, err)
		}
	}
}

// TestBrandContrast: whatever colour an operator has, it can be read.
func TestBrandContrast(t *testing.T) {
	t.Parallel()
	light, dark := tokens(styleSheet)
	for _, c := range []string{"#ffffff", "#000000", "#ffd400", "#00ff00", "#808080", "#1d56c9", "#ff0000", "#0000ff"} {
		names, err := Brand{Colour: c}.check()
		if err != nil {
			t.Fatal(err)
		}
		accents := brandPath().FindStringSubmatch(names.Brand)
		for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
			accent := map[string]string{"light": accents[1], "dark": accents[2]}[scheme]
			with := map[string]string{"accent": "#" + accent, "bg": colours["bg"], "surface": colours["surface"], "on-accent": colours["on-accent"]}
			wantContrast(t, c+" "+scheme, with, "accent", "bg", 4.5)
			wantContrast(t, c+" "+scheme, with, "accent", "surface", 4.5)
			wantContrast(t, c+" "+scheme, with, "on-accent", "accent", 4.5)
		}
	}
	names, err := Brand{Colour: "#1d56c9"}.check()
	if err != nil || !strings.Contains(names.Brand, "1d56c9") {
		t.Errorf("a colour that can be read is changed: %s, %v", names.Brand, err)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	names, err := Brand{Colour: "#ffd400"}.check()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		method, path, kind string
		status             int
	}{
		{"GET", names.Style, "text/css; charset=utf-8", 200},
		{"HEAD", names.Style, "text/css; charset=utf-8", 200},
		{"GET", names.Script, "text/javascript; charset=utf-8", 200},
		{"GET", names.Brand, "text/css; charset=utf-8", 200},
		{"GET", "/assets/brand-12345-123456.css", "", 404},
		{"GET", "/assets/brand-12345g-123456.css", "", 404},
		{"GET", "/assets/page.css", "", 404},
		{"GET", "/assets/", "", 404},
		{"POST", names.Style, "", 405},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		Assets().ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, w.Code, test.status)
		}
		if test.status == http.StatusOK && (w.Header().Get("Content-Type") != test.kind || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0) {
			t.Errorf("%s %s: %v, %d bytes", test.method, test.path, w.Header(), w.Body.Len())
		}
	}
}

// TestScript: our script and the pages mean the same by the names they share.
func TestScript(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"data-load-trigger", "data-script", "dataset.trigger", "dataset.copy", "dataset.done", "data-code", `"print" in`} {
		if !strings.Contains(script, name) {
			t.Errorf("the script knows no %s", name)
		}
	}
	if regexp.MustCompile(`eval\(|innerHTML|new Function`).MatchString(script) {
		t.Error("the script makes code of text")
	}
}
