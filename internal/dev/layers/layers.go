// Command layers checks which package of this module imports which, by the
// table in rules.go. Test files may import what they like.
package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	broken, err := check(os.DirFS("."), module, rules())
	if err != nil {
		fmt.Fprintln(os.Stderr, "layers:", err)
		os.Exit(1)
	}
	for _, line := range broken {
		fmt.Fprintln(os.Stderr, line)
	}
	if len(broken) > 0 {
		os.Exit(1)
	}
}

// rule forbids imports. The patterns are import paths, those of this module
// without its path ("." is its root package); "..." stands for any string, as in
// the patterns of the go command.
type rule struct {
	// in names the packages that must keep the rule, but those that need not.
	in, but []string
	// not names the imports that are forbidden, save those that are not.
	not, save []string
	// why is printed with each violation.
	why string
}

// imported is one import in one file.
type imported struct {
	file, by, what string
}

// check reads the Go files of a module and returns a line for every import that
// breaks a rule.
func check(tree fs.FS, module string, rules []rule) ([]string, error) {
	imports, err := scan(tree, module)
	if err != nil {
		return nil, err
	}
	var broken []string
	for _, i := range imports {
		for _, r := range rules {
			if r.forbids(i) {
				broken = append(broken, fmt.Sprintf("%s: %s must not import %q: %s", i.file, i.by, i.what, r.why))
			}
		}
	}
	return broken, nil
}

func (r rule) forbids(i imported) bool {
	return matches(r.in, i.by) && !matches(r.but, i.by) && matches(r.not, i.what) && !matches(r.save, i.what)
}

// matches says whether one of the patterns matches. As in the go command, the
// slash before a trailing "..." is optional: "x/..." matches "x".
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		expr := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
		if rest, ok := strings.CutSuffix(expr, `/.*`); ok {
			expr = rest + `(/.*)?`
		}
		return regexp.MustCompile(`^(` + expr + `)$`).MatchString(name)
	})
}

// scan collects the imports of every Go file that is no test and not in a
// module of its own. The files are parsed, so build constraints and a tree that
// does not compile hide nothing.
func scan(tree fs.FS, module string) ([]imported, error) {
	var all []imported
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipDir(tree, name)
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		found, err := importsOf(tree, name, module)
		all = append(all, found...)
		return err
	})
	return all, err
}

func skipDir(tree fs.FS, name string) error {
	base := path.Base(name)
	if name == "." {
		return nil
	}
	if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := fs.Stat(tree, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func importsOf(tree fs.FS, name, module string) ([]imported, error) {
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var found []imported
	for _, spec := range file.Imports {
		what, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		found = append(found, imported{file: name, by: path.Dir(name), what: local(what, module)})
	}
	return found, nil
}

// local is an import path as the rules write it.
func local(what, module string) string {
	if what == module {
		return "."
	}
	return strings.TrimPrefix(what, module+"/")
}
