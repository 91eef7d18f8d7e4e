package jujutest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"
)

func nowhere(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 || args[0] == "" {
		ts.Fatalf("usage: [!] nowhere text [file...]")
	}
	var found []string
	look := func(place string, texts ...string) {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, args[0]) }) {
			found = append(found, place)
		}
	}
	look("stdout", ts.ReadFile("stdout"))
	look("stderr", ts.ReadFile("stderr"))
	look("the output of an earlier program", string(readAll(ts, ts.Getenv(envOutputs))))
	for _, call := range calls(ts, readAll(ts, ts.Getenv(EnvJournal))) {
		look("an argument of "+call[0], call[1:]...)
	}
	st, err := store{path: ts.Getenv(EnvState)}.view()
	ts.Check(err)
	texts, err := st.open()
	ts.Check(err)
	look("what Juju keeps", texts...)
	for _, file := range args[1:] {
		look(file, ts.ReadFile(file))
	}
	switch {
	case neg && len(found) == 0:
		ts.Fatalf("%q is nowhere", args[0])
	case !neg && len(found) > 0:
		ts.Fatalf("%q is in %s", args[0], strings.Join(slices.Compact(found), ", "))
	}
}

// open gives all texts in the state but what is rightly kept there: the content
// of secrets, and parameters, which an administrator typed.
func (st *State) open() ([]string, error) {
	for _, s := range st.Secrets {
		s.Revisions = nil
	}
	for _, t := range st.Tasks {
		t.Params = ""
	}
	// By way of YAML, so that whatever a tool family adds to the state is in it.
	text, err := yaml.Marshal(st)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	return leaves(tree), nil
}

// leaves gives the keys and values of a tree.
func leaves(tree any) (texts []string) {
	switch v := tree.(type) {
	case map[string]any:
		for key, value := range v {
			texts = append(append(texts, key), leaves(value)...)
		}
	case []any:
		for _, value := range v {
			texts = append(texts, leaves(value)...)
		}
	default:
		texts = append(texts, fmt.Sprint(v))
	}
	return texts
}
