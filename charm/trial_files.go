package charm

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
)

// besideCandidate is where a file lies while the candidate is tried.
func besideCandidate(name string) string {
	return path.Join(path.Dir(candidatePath), "files", name)
}

// moved changes the names of the files, and of the directories that they lie in,
// to those beside the candidate. So a candidate is tried with its own files: a
// database's new authority would not be trusted otherwise, and the trial would
// never come to an end. A connection string has the names escaped.
func (a *applier) moved() *strings.Replacer {
	names := slices.Collect(maps.Keys(a.plan.Files))
	for name := range a.plan.Files {
		if dir := path.Dir(name); dir != "/" {
			names = append(names, dir)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var pairs []string
	for _, name := range names {
		to := besideCandidate(name)
		pairs = append(pairs, name, to, url.QueryEscape(name), url.QueryEscape(to))
	}
	return strings.NewReplacer(pairs...)
}
