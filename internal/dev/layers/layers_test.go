package main

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../../..")
	imports, err := scan(root, module)
	if err != nil {
		t.Fatal(err)
	}
	if len(imports) < 50 {
		t.Errorf("the tree has only %d imports: is this its root?", len(imports))
	}
	broken, err := check(root, module, rules())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range broken {
		t.Error(line)
	}
}

// TestRules shows each rule to refuse what it is there for, and to let pass
// what stands nearest to it.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file, what string
		allowed    bool
	}{
		{"internal/cli/app.go", "github.com/urfave/cli/v2", true},
		{"internal/dev/pack/main.go", "github.com/urfave/cli/v2", true},
		{"cmd/kratos-agent/main.go", "github.com/urfave/cli/v2", false},
		{"internal/dispatch/dispatch.go", "github.com/urfave/cli/v2", false},
		{"internal/kratos/client.go", "github.com/ory/client-go", true},
		{"internal/selfservice/flow.go", "github.com/ory/client-go", true},
		{"actions/get.go", "github.com/ory/client-go", false},
		{"internal/kratos/kratostest/server.go", "github.com/ory/client-go", false},
		{"actions/get.go", module + "/internal/kratos", true},
		{"actions/get.go", "net/http", false},
		{"actions/get.go", "net/http/httptrace", false},
		{"actions/get.go", "net/url", true},
		{"actions/get.go", "os", false},
		{"actions/get.go", "os/exec", false},
		{"actions/get.go", "flag", false},
		{"actions/get.go", module + "/internal/juju", false},
		{"internal/kratos/client.go", "net/http", true},
		{"internal/kratos/client.go", module + "/actions", false},
		{"internal/kratos/client.go", module + "/internal/cli", false},
		{"internal/kratos/client.go", module + "/internal/dispatch", false},
		{"internal/kratos/client.go", module + "/internal/juju", false},
		{"internal/juju/tools.go", "os/exec", true},
		{"internal/juju/tools.go", module + "/internal/kratos", false},
		{"internal/cli/app.go", module + "/internal/dispatch", false},
		{"internal/dispatch/dispatch.go", module + "/internal/cli", false},
		{"cmd/kratos-agent/main.go", module + "/internal/cli", true},
		{"cmd/kratos-agent/main.go", module + "/internal/dispatch", true},
		{"cmd/kratos-agent/main.go", module, true},
		{"internal/spec/spec.go", module + "/internal/fault", true},
		{"internal/spec/spec.go", module, false},
		{"internal/spec/spec.go", module + "/internal/result", false},
		{"internal/result/result.go", "os", false},
		{"internal/fault/fault.go", module + "/actions", false},
		{"charm/relation/smtp.go", module + "/internal/juju", false},
		{"charm/plan.go", module + "/charm/relation", true},
		{"internal/kratos/client.go", "testing", false},
		{"internal/kratos/client.go", "net/http/httptest", false},
		{"internal/kratos/client.go", module + "/internal/kratos/kratostest", false},
		{"internal/kratos/client.go", module + "/internal/testneed", false},
		{"internal/kratos/kratostest/server.go", "testing", true},
		{"internal/juju/jujutest/unit.go", module + "/internal/testneed", true},
		{"internal/dev/demo/main.go", module + "/internal/kratos/kratostest", true},
		{"internal/cli/app.go", module + "/internal/dev/demo", false},
		{"actions/get.go", module + "/cmd/kratos-agent", false},
	} {
		t.Run(tc.file+" "+strings.TrimPrefix(tc.what, module), func(t *testing.T) {
			t.Parallel()
			broken, err := check(tree(tc.file, tc.what), module, rules())
			if err != nil {
				t.Fatal(err)
			}
			if tc.allowed != (len(broken) == 0) {
				t.Errorf("allowed should be %v, found %q", tc.allowed, broken)
			}
		})
	}
}

// TestRulesAreComplete keeps a rule from being there without saying whom it
// forbids what, and why.
func TestRulesAreComplete(t *testing.T) {
	t.Parallel()
	for i, r := range rules() {
		if r.why == "" || len(r.in) == 0 || len(r.not) == 0 {
			t.Errorf("rule %d is incomplete: %+v", i, r)
		}
	}
}

func tree(file, what string) fstest.MapFS {
	return fstest.MapFS{file: {Data: []byte("package p\n\nimport _ \"" + what + "\"\n")}}
}

func TestCheckNamesFileAndReason(t *testing.T) {
	t.Parallel()
	rules := []rule{{in: []string{"a/..."}, not: []string{"os"}, why: "because"}}
	got, err := check(tree("a/b/c.go", "os"), module, rules)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`a/b/c.go: a/b must not import "os": because`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestScanLeavesOut(t *testing.T) {
	t.Parallel()
	src := &fstest.MapFile{Data: []byte("package p\n\nimport (\n\t\"os\"\n\tx \"example.com/x\"\n)\n")}
	got, err := scan(fstest.MapFS{
		"a.go":               src,
		"a_test.go":          src,
		"testdata/a.go":      src,
		"_old/a.go":          src,
		".git/a.go":          src,
		"tools/x/go.mod":     {},
		"tools/x/a.go":       src,
		"internal/x/a.txt":   src,
		"internal/x/only.go": {Data: []byte("//go:build ignore\n\npackage p\n\nimport \"" + module + "\"\n")},
	}, module)
	if err != nil {
		t.Fatal(err)
	}
	want := []imported{{"a.go", ".", "os"}, {"a.go", ".", "example.com/x"}, {"internal/x/only.go", "internal/x", "."}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(imported{})); diff != "" {
		t.Error(diff)
	}
}

func TestScanRefusesWhatDoesNotParse(t *testing.T) {
	t.Parallel()
	if _, err := scan(fstest.MapFS{"a.go": {Data: []byte("package")}}, module); err == nil {
		t.Error("no error")
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, name string
		want          bool
	}{
		{"os", "os", true},
		{"os", "os/exec", false},
		{"os/...", "os", true},
		{"os/...", "os/exec", true},
		{"os/...", "oss", false},
		{"...test", "net/http/httptest", true},
		{"...test", "testing", false},
		{"...", "anything/at.all", true},
		{"a.b", "axb", false},
	} {
		if got := matches([]string{tc.pattern}, tc.name); got != tc.want {
			t.Errorf("matches(%q, %q) = %v", tc.pattern, tc.name, got)
		}
	}
}
