package jujutest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// record is a testscript.T that keeps what a script's run came to.
type record struct {
	failed bool
	log    strings.Builder
}

func (r *record) Skip(...any)       { runtime.Goexit() }
func (r *record) Parallel()         {}
func (r *record) Verbose() bool     { return false }
func (r *record) Log(args ...any)   { fmt.Fprintln(&r.log, args...) }
func (r *record) FailNow()          { r.failed = true; runtime.Goexit() }
func (r *record) Fatal(args ...any) { r.Log(args...); r.FailNow() }

func (r *record) Run(_ string, f func(testscript.T)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
}

func TestScriptCommands(t *testing.T) {
	t.Parallel()
	const seeded = `
-- juju.yaml --
debug-log: [INFO a s3cr3t-mark]
secrets: [{id: cql684nmp25c75sflot0, owner: model, revisions: [{password: kept-mark}]}]
tasks: [{id: "2", params: '{"password":"typed-mark"}', results: {a: {b: nested-mark}}, message: told-mark, log: [{text: logged-mark}]}]
-- file --
filed-mark
`
	const argument = "exec juju exec --unit kratos/0 -- action-set a=marked\n"
	tests := map[string]struct {
		script string
		want   string // in the failure; empty where there is to be none
	}{
		"exits, as it should":      {"exits 3 sh -c 'echo out; echo err >&2; exit 3'\nstdout out\nstderr err", ""},
		"exits with 0":             {"exits 0 true", ""},
		"exits otherwise":          {"exits 3 false", "exit code 1, not 3"},
		"exits by a signal":        {"exits -1 sh -c 'kill -9 $$'", ""},
		"exits without a program":  {"exits 0 no-such-program", "no-such-program"},
		"exits without a number":   {"exits true", "usage: exits N program"},
		"not exits":                {"! exits 0 false", "usage: exits N program"},
		"tools, in order":          {argument + "exec juju exec --unit kratos/0 is-leader\ntools action-set is-leader", ""},
		"tools, counted":           {argument + "tools 1", ""},
		"tools, none":              {"tools", ""},
		"tools, none since":        {argument + "tools 1\ntools 0\n" + argument + "tools 1", ""},
		"tools, another":           {argument + "tools action-get", "1 hook tools were called: action-set"},
		"tools, too many":          {argument + "tools 0", "1 hook tools were called: action-set"},
		"tools, not none":          {argument + "tools", "1 hook tools were called: action-set"},
		"nowhere":                  {argument + "nowhere s3cr3t-mark", ""},
		"nowhere, not so":          {"! nowhere s3cr3t-mark", `"s3cr3t-mark" is nowhere`},
		"nowhere, a result":        {"exec true\nnowhere nested-mark" + seeded, "is in what Juju keeps"},
		"nowhere, a message":       {"nowhere told-mark" + seeded, "is in what Juju keeps"},
		"nowhere, an action's log": {"nowhere logged-mark" + seeded, "is in what Juju keeps"},
		"nowhere, the debug-log":   {"nowhere s3cr3t-mark" + seeded, "is in what Juju keeps"},
		"nowhere, a secret":        {"nowhere kept-mark" + seeded, ""},
		"nowhere, a parameter":     {"nowhere typed-mark" + seeded, ""},
		"nowhere, an argument":     {argument + "nowhere a=marked", "is in an argument of action-set"},
		"nowhere, stdout":          {"exec echo s3cr3t-mark\nnowhere s3cr3t-mark", "is in stdout"},
		"nowhere, stderr":          {"exec sh -c 'echo s3cr3t-mark >&2'\nnowhere s3cr3t-mark", "is in stderr"},
		"nowhere, an output":       {"exits 0 echo s3cr3t-mark\nexec true\nnowhere s3cr3t-mark", "is in the output of an earlier program"},
		"nowhere, a file":          {"nowhere filed-mark file" + seeded, "is in file"},
		"nowhere, nothing asked":   {"nowhere", "usage: [!] nowhere"},
		"a state that cannot be":   {"exits 0 juju show-secret x\n-- juju.yaml --\nledaer: true\n", "exit code 1, not 0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "script.txtar")
			if err := os.WriteFile(file, []byte(test.script+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			var r record
			testscript.RunT(&r, testscript.Params{Files: []string{file}, Setup: Setup, Cmds: ScriptCommands()})
			switch {
			case r.failed != (test.want != ""):
				t.Errorf("failed: %v\n%s", r.failed, r.log.String())
			case test.want != "" && !strings.Contains(r.log.String(), test.want):
				t.Errorf("no %q in\n%s", test.want, r.log.String())
			}
		})
	}
}
