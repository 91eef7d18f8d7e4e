package charm

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kube"
)

// statusTexts gives the constants of status.go that are a status' text, by name.
func statusTexts(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "status.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, given := range spec.Values {
			name := spec.Names[i].Name
			value, ok := given.(*ast.BasicLit)
			if !ok || !strings.HasPrefix(name, "status") {
				continue
			}
			if texts[name], err = strconv.Unquote(value.Value); err != nil {
				t.Fatal(err)
			}
		}
		return true
	})
	return texts
}

// pattern gives what the note of a text has to look like: words in capitals
// where the text has verbs.
func pattern(text string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(text), "%s", "[A-Z]+") + "$")
}

func TestEveryStatusHasANote(t *testing.T) {
	t.Parallel()
	texts := statusTexts(t)
	if len(texts) < 20 {
		t.Fatalf("only %d texts were found in status.go", len(texts))
	}
	for name, text := range texts {
		noted := 0
		for _, n := range Statuses() {
			if pattern(text).MatchString(n.Text) {
				noted++
			}
		}
		if noted != 1 {
			t.Errorf("%s (%q) has %d notes", name, text, noted)
		}
	}
}

func TestStatusNotesAreWhole(t *testing.T) {
	t.Parallel()
	var texts []string
	last := 0
	for _, n := range Statuses() {
		if n.When == "" || n.Next == "" || strings.Contains(n.Text, "%") {
			t.Errorf("a part is missing or not filled in: %+v", n)
		}
		if slices.Contains(texts, n.Text) {
			t.Errorf("%q is there twice", n.Text)
		}
		texts = append(texts, n.Text)
		if now := badness(n.Status); now < last {
			t.Errorf("%q: the worst kind does not come first", n.Text)
		} else {
			last = now
		}
	}
}

// example gives what a note's text stands for: its words in capitals are others
// from case to case, and a reason can follow.
func example(n StatusNote) *regexp.Regexp {
	words := regexp.MustCompile(`[A-Z]{4,}`).ReplaceAllString(regexp.QuoteMeta(n.Text), ".+")
	return regexp.MustCompile("^" + words + "(: .+)?$")
}

// TestStatusNotesTellTheKind: what is said under another kind than noted is what
// an operator does not find.
func TestStatusNotesTellTheKind(t *testing.T) {
	t.Parallel()
	related := func(endpoints ...string) World {
		w := World{Unit: "kratos/0", Options: Options{LocalIDP: true}, Relations: map[string][]relation.Relation{}}
		for i, e := range endpoints {
			w.Relations[e] = []relation.Relation{{ID: i, Endpoint: e}}
		}
		return w
	}
	refused := World{Unit: "kratos/0", Cluster: Cluster{Asked: true, Err: kube.ErrForbidden}}
	var said []Condition
	for _, w := range []World{
		related(), refused, related(relation.DatabaseEndpoint),
		related(relation.ExternalIDPEndpoint), related(relation.ExternalIDPEndpoint, relation.KratosInfoEndpoint),
	} {
		said = append(said, conditions(w, readFacts(w), &Keys{Rotation: relation.Rotation{Number: 1, Step: 1}}, schemaUnknown)...)
	}
	f := &facts{database: &relation.Database{}, peers: &relation.Peers{}}
	for _, state := range []schemaState{schemaOlder, schemaElsewhere, schemaUnanswered} {
		said = append(said, f.schemaConditions(World{Unit: "kratos/0"}, state)...)
	}
	failed := errors.New("it fails")
	o := Outcome{ContainerGone: true, MigrationErr: failed, Refused: "x", Undecided: "x", Failed: "x", CourierFailed: true, ClusterErr: failed}
	said = append(said, o.conditions(World{Unit: "kratos/0"}, Plan{})...)
	said = append(said, Outcome{ReadyDown: true}.conditions(World{}, Plan{})...)
	said = append(said, Outcome{}.conditions(World{Container: Container{Ready: true}}, Plan{})...)
	for _, c := range said {
		if !slices.ContainsFunc(Statuses(), func(n StatusNote) bool { return n.Status == c.Status && example(n).MatchString(c.Text) }) {
			t.Errorf("%s %q has no note", c.Status, c.Text)
		}
	}
	if len(said) < 25 {
		t.Errorf("only %d conditions were looked at", len(said))
	}
}
