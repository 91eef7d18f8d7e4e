package page

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// known to the code: a label of the schema, and the list of backup codes.
var needNoText = []string{"1050015", "1070002"}

func TestEveryMessageHasAText(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := loaded(t)
	found := regexp.MustCompile(`(?m)^(\d{7}) (\w+)$`).FindAllStringSubmatch(string(text), -1)
	if len(found) < 130 {
		t.Fatalf("there are %d messages", len(found))
	}
	for _, m := range found {
		for tag, l := range all {
			if _, ok := l.texts[m[1]]; !ok && !slices.Contains(needNoText, m[1]) {
				t.Errorf("%s has no text for %s %s", tag, m[1], m[2])
			}
		}
	}
}

func loaded(t *testing.T) map[string]*language {
	t.Helper()
	all, err := loadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestLanguagesAgree: every language says everything, with the same filled in.
func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	all := loaded(t)
	if all["de"] == nil || all[standard] == nil {
		t.Fatalf("the languages are %q", Languages())
	}
	for tag, l := range all {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(all[standard].texts)), slices.Sorted(maps.Keys(l.texts))); diff != "" {
			t.Errorf("%s has other keys than %s (-%s +%s):\n%s", tag, standard, standard, tag, diff)
		}
		for key, text := range l.texts {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s %s is %q", tag, key, text)
			}
			if diff := cmp.Diff(braces(all[standard].texts[key]), braces(text)); diff != "" {
				t.Errorf("%s %s has other braces:\n%s", tag, key, diff)
			}
		}
	}
}

func braces(text string) []string {
	all := placeholder().FindAllString(text, -1)
	slices.Sort(all)
	return all
}

// TestLanguageFilesNameKeysOnce: of a key that is there twice JSON keeps one.
func TestLanguageFilesNameKeysOnce(t *testing.T) {
	t.Parallel()
	files, err := languageFiles.ReadDir("lang")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := languageFiles.ReadFile("lang/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^  "([^"]+)": `).FindAllStringSubmatch(string(text), -1) {
			if seen[m[1]] {
				t.Errorf("%s has %s twice", f.Name(), m[1])
			}
			seen[m[1]] = true
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	tests := []struct {
		tags []string
		want string
	}{
		{nil, "en"},
		{[]string{"de"}, "de"},
		{[]string{"de-AT"}, "de"},
		{[]string{"DE-Latn-AT"}, "de"},
		{[]string{"fr", "de", "en"}, "de"},
		{[]string{"fr", "en-GB", "de"}, "en"},
		{[]string{"*", "", "-", "x-y-z"}, "en"},
	}
	for _, test := range tests {
		if got := choose(loaded(t), test.tags).tag; got != test.want {
			t.Errorf("%q chooses %s, want %s", test.tags, got, test.want)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ language, message, want string }{
		"filled in":          {"en", `{"id":1010002,"text":"k","context":{"provider":"Acme"}}`, "Sign in with Acme"},
		"nothing to fill in": {"en", `{"id":1010002,"text":"Kratos' own"}`, "Kratos' own"},
		"empty to fill in":   {"en", `{"id":1010002,"text":"Kratos' own","context":{"provider":""}}`, "Kratos' own"},
		"unknown":            {"de", `{"id":9999999,"text":"Kratos' own"}`, "Kratos' own"},
		"number":             {"de", `{"id":4000032,"text":"k","context":{"min_length":8}}`, "Bitte verwenden Sie mindestens 8 Zeichen für Ihr Passwort."},
		"label known":        {"de", `{"id":1070002,"text":"First name","context":{"title":"First name"}}`, "Vorname"},
		"label unknown":      {"de", `{"id":1070002,"text":"Shoe size","context":{"title":"Shoe size"}}`, "Shoe size"},
		"list":               {"en", `{"id":4000028,"text":"k","context":{"credential_identifier_hint":"a@b.c","available_credential_types":["password","oidc","new"]}}`, "a@b.c already belongs to another account. You can sign in to it with your password, social sign-in or new."},
		"list of one":        {"en", `{"id":4000028,"text":"k","context":{"credential_identifier_hint":"a@b.c","available_credential_types":["password"]}}`, "a@b.c already belongs to another account. You can sign in to it with your password."},
		"list of none":       {"en", `{"id":4000028,"text":"k","context":{"credential_identifier_hint":"a@b.c","available_credential_types":[]}}`, "k"},
		"time to come":       {"en", `{"id":1060001,"text":"k","context":{"privileged_session_expires_at_unix":1893456000}}`, "Welcome back: you are signed in. Please set a password, or another way to sign in, within the next 15 minutes."},
		"called off":         {"en", reasonMessage(reasonOfCalledOff + ": no"), "You called off the sign-in at the other service. You can try again, or choose another way."},
		"called off, abroad": {"de", reasonMessage(reasonOfCalledOff), "Sie haben die Anmeldung beim anderen Dienst abgebrochen. Versuchen Sie es erneut oder wählen Sie einen anderen Weg."},
		"provider failed":    {"en", reasonMessage(reasonOfProvider + `"server_error": s3cr3t-mark`), "The sign-in at the other service did not work. Please try again, or choose another way."},
		"another reason":     {"de", reasonMessage("The reason."), "The reason."},
		"no time":            {"en", `{"id":1060001,"text":"k","context":{"privileged_session_expires_at_unix":"soon"}}`, "k"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m Message
			d := json.NewDecoder(bytes.NewReader([]byte(test.message)))
			d.UseNumber()
			if err := d.Decode(&m); err != nil {
				t.Fatal(err)
			}
			w := messageWriter{language: loaded(t)[test.language], now: today}
			if got := w.text(m); got != test.want {
				t.Errorf("the text is %q, want %q", got, test.want)
			}
		})
	}
}

// reasonMessage is the message that has a reason in Kratos' own words.
func reasonMessage(reason string) string {
	text, err := json.Marshal(map[string]any{"id": 4000001, "text": reason, "context": map[string]string{"reason": reason}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestMissingText: what a language lacks it borrows, and what none has is shown
// by its key.
func TestMissingText(t *testing.T) {
	t.Parallel()
	l := &language{tag: "xx", texts: map[string]string{"or": "xx {a}"}, fallback: loaded(t)[standard]}
	for key, want := range map[string]string{"or": "xx b", "continue": "Continue", "no.such.key": "no.such.key"} {
		if got := l.text(key, map[string]string{"a": "b"}); got != want {
			t.Errorf("the text of %s is %q, want %q", key, got, want)
		}
	}
	if l.has("no.such.key") || !l.has("continue") {
		t.Error("the language does not know what it has")
	}
}
