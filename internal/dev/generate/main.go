// Command generate writes the files that are made from the declarations, into
// the tree that it is run at the root of. With -check it writes nothing, names
// the files that are not what they should be, and exits with 1.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/charm"
	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

func main() {
	check := flag.Bool("check", false, "write nothing; name the files that differ and exit with 1")
	flag.Parse()
	ok, err := run(".", *check, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// file is a generated file: where it is, and what makes it.
type file struct {
	path    string
	content func(d declarations) (string, error)
}

// declarations are what the files are made from.
type declarations struct {
	actions   []spec.Action
	options   []option
	endpoints []endpoint
	statuses  []charm.StatusNote
}

// read reads the declarations of the charm.
func read() (d declarations, err error) {
	if d.actions, err = spec.Parse(kratosagent.Actions); err != nil {
		return d, err
	}
	if d.options, err = parseOptions(kratosagent.Config); err != nil {
		return d, err
	}
	d.endpoints, err = parseEndpoints(kratosagent.Metadata)
	d.statuses = charm.Statuses()
	return d, err
}

// files lists the generated files.
func files() []file {
	return []file{
		{"internal/agent/declared.go", ofActions(declaredGo)},
		{"docs/reference/actions.md", ofActions(actionsReference)},
		{"docs/reference/cli.md", ofActions(cliReference)},
		{"docs/reference/options.md", func(d declarations) (string, error) { return optionsReference(d.options), nil }},
		{"docs/reference/relations.md", func(d declarations) (string, error) { return relationsReference(d.endpoints), nil }},
		{"docs/reference/statuses.md", func(d declarations) (string, error) { return statusesReference(d.statuses), nil }},
		{"docs/reference/ui.md", func(declarations) (string, error) { return uiReference(), nil }},
		{"contrib/completion/kratos-agent.bash", completion("bash")},
		{"contrib/completion/kratos-agent.zsh", completion("zsh")},
		{"contrib/completion/kratos-agent.fish", completion("fish")},
		{"contrib/man/kratos-agent.1", ofActions(manual)},
	}
}

// ofActions makes a file from the declared actions alone.
func ofActions(content func([]spec.Action) (string, error)) func(declarations) (string, error) {
	return func(d declarations) (string, error) { return content(d.actions) }
}

func completion(shell string) func(declarations) (string, error) {
	return ofActions(func(declared []spec.Action) (string, error) { return cli.Completion(shell, declared) })
}

func manual(declared []spec.Action) (string, error) { return cli.Manual(declared), nil }

// run brings the files below root up to date, or tells whether they are.
func run(root string, check bool, log io.Writer) (ok bool, err error) {
	declared, err := read()
	if err != nil {
		return false, err
	}
	ok = true
	for _, f := range files() {
		content, err := f.content(declared)
		if err != nil {
			return false, fmt.Errorf("cannot make %s: %w", f.path, err)
		}
		path := filepath.Join(root, filepath.FromSlash(f.path))
		have, err := os.ReadFile(path)
		switch {
		case err == nil && string(have) == content:
		case check:
			ok = false
			fmt.Fprintf(log, "%s is not what its source makes it: run make generate\n", f.path)
		default:
			if err := write(path, content); err != nil {
				return false, err
			}
			fmt.Fprintf(log, "%s written\n", f.path)
		}
	}
	return ok, nil
}

func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
