package jujutest

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// envOutputs names the file that collects what exits has run, for nowhere.
const envOutputs = "JUJUTEST_OUTPUTS"

// Setup gives a script its unit: the state in $WORK/juju.yaml, the charm in
// $WORK/charm. It is testscript's Setup, or is called by a test's own.
func Setup(env *testscript.Env) error {
	hidden := filepath.Join(env.WorkDir, ".juju")
	for _, dir := range []string{hidden, filepath.Join(env.WorkDir, "charm")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	env.Setenv(EnvState, filepath.Join(env.WorkDir, "juju.yaml"))
	env.Setenv(EnvJournal, filepath.Join(hidden, "journal"))
	env.Setenv(envOutputs, filepath.Join(hidden, "outputs"))
	if env.Getenv("GORACE") == "" {
		// Under the race detector every program sleeps a second at its end
		// unless told otherwise.
		env.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	return nil
}

// ScriptCommands gives the commands that scripts have beside testscript's own:
//
//   - exits N PROGRAM [ARG...] runs a program and asserts its exit code. stdout
//     and stderr can be looked at afterwards, as after exec.
//   - tools [NAME...] asserts which hook tools were called since the last tools,
//     in this order; tools N asserts how many.
//   - [!] nowhere TEXT [FILE...] asserts that a text is nowhere to be seen: not
//     in the arguments of a hook tool; the results, messages and logs of an
//     action; a status, a log or whatever else Juju keeps; the last output, or
//     one of exits; the files. It is let be where it belongs: in the secrets
//     themselves and in the parameters that an administrator typed.
func ScriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits": exits, "tools": called, "nowhere": nowhere,
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if path := ts.Getenv(envOutputs); path != "" {
		ts.Check(appendTo(path, []byte(ts.ReadFile("stdout")+ts.ReadFile("stderr"))))
	}
	if code != want {
		ts.Fatalf("exit code %d, not %d", code, want)
	}
}

// called is the command tools.
func called(ts *testscript.TestScript, neg bool, want []string) {
	if neg {
		ts.Fatalf("usage: tools [N | name...]")
	}
	var names []string
	for _, call := range newCalls(ts) {
		names = append(names, call[0])
	}
	if len(want) == 1 {
		if count, err := strconv.Atoi(want[0]); err == nil && count == len(names) {
			return
		}
	}
	if !slices.Equal(names, want) {
		ts.Fatalf("%d hook tools were called: %s", len(names), strings.Join(names, " "))
	}
}

// newCalls gives the hook tools called since it was last asked.
func newCalls(ts *testscript.TestScript) [][]string {
	journal := ts.Getenv(EnvJournal)
	seen := journal + ".seen"
	past := 0
	if text := readAll(ts, seen); len(text) > 0 {
		var err error
		past, err = strconv.Atoi(string(text))
		ts.Check(err)
	}
	text := readAll(ts, journal)
	ts.Check(os.WriteFile(seen, []byte(strconv.Itoa(len(text))), 0o600))
	return calls(ts, text[past:])
}

// calls reads lines of the journal.
func calls(ts *testscript.TestScript, lines []byte) [][]string {
	all, err := readCalls(lines)
	ts.Check(err)
	return all
}

// readAll reads a file that need not be there.
func readAll(ts *testscript.TestScript, path string) []byte {
	text, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		ts.Check(err)
	}
	return text
}
