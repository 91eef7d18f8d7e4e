package page

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestEveryPage holds the golden pages to what a page owes to all who use it.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		t.Run(g.name, func(t *testing.T) {
			var text strings.Builder
			g.write(t, &text)
			for _, complaint := range complaints(parse(t, text.String())) {
				t.Error(complaint)
			}
		})
	}
}

// complaints says what is wrong with a page.
func complaints(page *html.Node) []string {
	checks := []func(*html.Node) []string{
		checkFrame, checkIDs, checkLabels, checkErrors, checkButtons, checkForms, checkPolicy, checkKeys,
	}
	var all []string
	for _, check := range checks {
		all = append(all, check(page)...)
	}
	return all
}

func checkFrame(page *html.Node) []string {
	var all []string
	if lang := attribute(elements(page, "html")[0], "lang"); !slices.Contains(Languages(), lang) {
		all = append(all, "the page's language is "+lang)
	}
	for _, name := range []string{"title", "h1", "main"} {
		found := elements(page, name)
		if len(found) != 1 || textOf(found[0]) == "" {
			all = append(all, "the page has not one "+name)
		}
	}
	return all
}

func checkIDs(page *html.Node) []string {
	var all []string
	seen := idsOf(page)
	for id, times := range seen {
		if times > 1 || strings.ContainsAny(id, " \t\n") || id == "" {
			all = append(all, "the id is not unique: "+id)
		}
	}
	for n := range page.Descendants() {
		for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "data-copy"} {
			for _, id := range strings.Fields(attribute(n, key)) {
				if seen[id] != 1 {
					all = append(all, key+" names nothing: "+id)
				}
			}
		}
	}
	return all
}

func idsOf(page *html.Node) map[string]int {
	seen := map[string]int{}
	for n := range page.Descendants() {
		if has(n, "id") {
			seen[attribute(n, "id")]++
		}
	}
	return seen
}

func checkLabels(page *html.Node) []string {
	labelled := map[string]bool{}
	for _, l := range elements(page, "label") {
		labelled[attribute(l, "for")] = textOf(l) != ""
	}
	var all []string
	for _, n := range elements(page, "input", "select") {
		if attribute(n, "aria-hidden") == "true" {
			if attribute(n, "tabindex") != "-1" || has(n, "name") || !has(n, "readonly") {
				all = append(all, "the input that nobody hears of can be reached, or is sent")
			}
			continue
		}
		if attribute(n, "type") != "hidden" && !labelled[attribute(n, "id")] {
			all = append(all, "the input has no label: "+attribute(n, "name"))
		}
	}
	for _, n := range elements(page, "img") {
		if !has(n, "alt") {
			all = append(all, "the image has no text")
		}
	}
	return all
}

// checkErrors wants every complaint read out, and every refused input to name
// its own.
func checkErrors(page *html.Node) []string {
	var all []string
	alerts := map[string]bool{}
	for n := range page.Descendants() {
		class := strings.Fields(attribute(n, "class"))
		if attribute(n, "role") == "alert" {
			alerts[attribute(n, "id")] = true
		} else if slices.Contains(class, "error") || slices.Contains(class, "complaint") {
			all = append(all, "the error is not an alert: "+textOf(n))
		}
	}
	for _, n := range elements(page, "input", "select", "button") {
		described := strings.Fields(attribute(n, "aria-describedby"))
		alerted := slices.ContainsFunc(described, func(id string) bool { return alerts[id] })
		if alerted != (attribute(n, "aria-invalid") == "true") {
			all = append(all, "the input and its error do not belong together: "+attribute(n, "name"))
		}
	}
	return all
}

func checkButtons(page *html.Node) []string {
	var all []string
	for _, n := range elements(page, "button", "a", "summary") {
		if textOf(n) == "" {
			all = append(all, "there is nothing to read on a "+n.Data)
		}
		if n.Data == "button" && !has(n, "type") {
			all = append(all, "the button has no type: "+textOf(n))
		}
	}
	return all
}

func checkForms(page *html.Node) []string {
	var all []string
	for _, f := range elements(page, "form") {
		if attribute(f, "method") != "post" || !strings.HasPrefix(attribute(f, "action"), "http://localhost:4455/self-service/") {
			all = append(all, "the form leads nowhere: "+attribute(f, "action"))
		}
	}
	return all
}

var ownScripts = regexp.MustCompile(`^(/assets/page-[0-9a-f]{16}\.js|/\.well-known/ory/webauthn\.js)$`)

// checkPolicy wants what a strict Content-Security-Policy lets through.
func checkPolicy(page *html.Node) []string {
	var all []string
	for n := range page.Descendants() {
		if n.Data == "style" || n.Data == "base" || n.Data == "iframe" {
			all = append(all, "the page has a "+n.Data)
		}
		if n.Data == "script" && n.Type == html.ElementNode && (!ownScripts.MatchString(attribute(n, "src")) || textOf(n) != "") {
			all = append(all, "the page has a script of its own")
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "javascript:") || strings.Contains(a.Val, "ZgotmplZ") {
				all = append(all, "the page has an attribute "+a.Key+"="+a.Val)
			}
		}
	}
	for _, n := range elements(page, "img") {
		if src := attribute(n, "src"); !strings.HasPrefix(src, "data:image/png;base64,") && !strings.HasPrefix(src, "/") {
			all = append(all, "the image is from elsewhere: "+src)
		}
	}
	return all
}

var keyLike = regexp.MustCompile(`\b(login|registration|recovery|verification|settings|group|link|notice|error|hint|codes|title|method)[.:][a-z_]{3,}|\{[a-z_|]+\}`)

// checkKeys finds texts that the catalogue lacks.
func checkKeys(page *html.Node) []string {
	if found := keyLike.FindString(textOf(elements(page, "body")[0])); found != "" {
		return []string{"the page shows a key of the catalogue: " + found}
	}
	return nil
}

// TestComplaints shows that the checks find what they look for.
func TestComplaints(t *testing.T) {
	t.Parallel()
	const frame = `<html lang=en><title>t</title><body><main><h1>h</h1>`
	tests := map[string]string{
		"language":        `<html lang=xx><title>t</title><main><h1>h</h1>`,
		"two headings":    frame + `<h1>again</h1>`,
		"same id":         frame + `<p id=a><p id=a>`,
		"unheard":         frame + `<input name=a aria-hidden=true>`,
		"dangling label":  frame + `<label for=a>x</label>`,
		"no label":        frame + `<input name=a>`,
		"silent error":    frame + `<p class="note error">x`,
		"error apart":     frame + `<label for=a>x</label><input id=a aria-invalid=true>`,
		"empty button":    frame + `<button type=submit></button>`,
		"form to nowhere": frame + `<form method=post></form>`,
		"inline script":   frame + `<script>x</script>`,
		"foreign script":  frame + `<script src=//evil.example/page-0.js></script>`,
		"style":           frame + `<p style="x">`,
		"handler":         frame + `<p onclick="x">`,
		"foreign image":   frame + `<img alt="" src="http://evil.example/x.png">`,
		"key":             frame + `<p>link.logout`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(complaints(parse(t, text))) == 0 {
				t.Error("nothing is found wrong with the page")
			}
		})
	}
	if found := complaints(parse(t, frame+`<p id=a>x`)); len(found) > 0 {
		t.Errorf("there is something wrong with a good page: %q", found)
	}
}

// pairs are the colours that text is written in, and on.
var pairs = map[string][]string{
	"text": {"bg", "surface"}, "muted": {"bg", "surface"}, "accent": {"bg", "surface"}, "on-accent": {"accent"},
	"danger": {"surface", "danger-bg"}, "success": {"success-bg"}, "info": {"surface", "info-bg"},
}

func TestContrast(t *testing.T) {
	t.Parallel()
	light, dark := tokens(styleSheet)
	for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, ink := range slices.Sorted(maps.Keys(pairs)) {
			for _, ground := range pairs[ink] {
				wantContrast(t, scheme, colours, ink, ground, 4.5)
			}
		}
		wantContrast(t, scheme, colours, "field", "surface", 3) // the edge of an input
	}
}

func wantContrast(t *testing.T, scheme string, colours map[string]string, ink, ground string, least float64) {
	t.Helper()
	a, errA := parseColour(colours[ink])
	b, errB := parseColour(colours[ground])
	if errA != nil || errB != nil {
		t.Fatalf("%s: %v, %v", scheme, errA, errB)
	}
	if c := contrast(a, b); c < least {
		t.Errorf("%s: --%s on --%s has a contrast of %.2f, below %.1f", scheme, ink, ground, c, least)
	}
}

// TestInksAreKnown finds a colour that a rule writes text in and that no pair of
// TestContrast holds.
func TestInksAreKnown(t *testing.T) {
	t.Parallel()
	for _, m := range regexp.MustCompile(`[{;\s]color: (var\(--([a-z-]+)\)|[^;]+);`).FindAllStringSubmatch(styleSheet, -1) {
		if m[2] == "" && m[1] != "#000000" {
			t.Errorf("a text is in %s, which no test knows", m[1])
		}
		if m[2] != "" && pairs[m[2]] == nil {
			t.Errorf("a text is in --%s, which no test knows", m[2])
		}
	}
}
