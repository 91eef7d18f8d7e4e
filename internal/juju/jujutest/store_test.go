package jujutest

import (
	"os"
	"strings"
	"testing"
)

// What a test or a charm writes into the state is read as it was.
func TestStateKeepsTexts(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	for _, text := range []string{"\n", "\n\n", " \n", "\t\n", "\na", " a\nb", "a\n", "a\n\n", "a\n b", "\r\n", "\r", " ", "", "null", "~", "12", "a: b", "- a", "\u0085\n", "\u2028", "\ufeff"} {
		u.Change(func(st *State) { st.CharmState = map[string]string{"key": text} })
		if got := u.State().CharmState["key"]; got != text {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// The state that the documentation shows is one.
func TestStateInTheDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var state strings.Builder
	for line := range strings.Lines(string(text)) {
		if example, is := strings.CutPrefix(line, "//\t"); is && !strings.Contains(line, "testscript") {
			state.WriteString(example)
		}
	}
	_, shown, _ := strings.Cut(state.String(), "unit: ")
	u := NewUnitOf(t, map[string]string{
		"metadata.yaml": "requires: {smtp: {interface: smtp}}\npeers: {kratos-peers: {interface: peers}}\nresources: {schema: {type: file, filename: x}}",
		"config.yaml":   "options: {log_level: {type: string}}",
	}, "unit: "+shown)
	st := u.State()
	if len(st.Relations) != 2 || st.Owned("cookie") == nil || st.Others[0].Unit != "kratos/1" {
		t.Errorf("%+v", st)
	}
}
