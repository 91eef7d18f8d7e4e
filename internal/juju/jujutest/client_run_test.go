package jujutest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// anything takes any parameters; strict takes one string.
const someActions = `
anything: {additionalProperties: true}
strict: {required: [username], params: {username: {type: string}, age: {type: integer, default: 7}}}
`

// actor is a unit whose dispatch does what the script says.
func actor(t *testing.T, state, script string) *Unit {
	t.Helper()
	u := NewUnit(t, state)
	u.charm("actions.yaml", someActions, 0o600)
	u.charm("dispatch", "#!/bin/sh\n"+script, 0o755)
	return u
}

func TestRunTypesArguments(t *testing.T) {
	t.Parallel()
	tests := []struct{ typed, want string }{ // want is JSON
		{"v=bob", `"bob"`}, {"v=12345", `12345`}, {"v=007", `7`}, {"v=0x1f", `31`}, {"v=1e3", `1000`}, {"v=1_000", `1000`},
		{"v=12345678901234567890123", `1.2345678901234568e+22`}, {"v=9007199254740993", `9007199254740992`}, {"v=1.50", `1.5`},
		{"v=yes", `true`}, {"v=no", `false`}, {"v=on", `true`}, {"v=off", `false`}, {"v=true", `true`},
		{"v=y", `true`}, {"v=n", `false`},
		{"v=null", `null`}, {"v=~", `null`}, {"v=", `""`},
		{"v=a: b", `{"a":"b"}`}, {"v=bob #x", `"bob"`}, {"v=#x", `"#x"`}, {"v=-", `[null]`}, {"v=-a", `"-a"`},
		{"v=2001-01-01", `"2001-01-01"`}, {"v=12:30:45", `"12:30:45"`}, {"v='12345'", `"12345"`}, {`v="007"`, `"007"`},
		{"v=[a, b]", `["a","b"]`}, {`v={"name": "Alice", "n": {"x": 1}}`, `{"n":{"x":1},"name":"Alice"}`},
		{"v.count=7", `{"count":7}`}, {"v=a=b", `"a=b"`}, {"v=a@example.com", `"a@example.com"`}, {"v=+4412", `4412`},
		{"v=3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10", `"3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10"`},
	}
	for _, test := range tests {
		t.Run(test.typed, func(t *testing.T) {
			t.Parallel()
			u := actor(t, "", "")
			if _, stderr, code := u.Juju("run", "kratos/0", "anything", test.typed); code != 0 {
				t.Fatal(stderr)
			}
			var params map[string]json.RawMessage
			u.check(json.Unmarshal([]byte(u.State().Tasks[0].Params), &params))
			if got := string(params["v"]); got != test.want {
				t.Errorf("%s, not %s", got, test.want)
			}
		})
	}
}

func TestRunStringArgs(t *testing.T) {
	t.Parallel()
	u := actor(t, "", "")
	file := filepath.Join(t.TempDir(), "params.yaml")
	u.check(os.WriteFile(file, []byte("my_key: 1\nv: file\nw: {x: 012, z: no}\n"), 0o600))
	if _, stderr, code := u.Juju("run", "kratos/leader", "anything", "--string-args", "v=007", "w.y=bob #x", "--params", file); code != 0 {
		t.Fatal(stderr)
	}
	want := `{"my_key":1,"v":"007","w":{"x":10,"y":"bob #x","z":false}}`
	if got := u.State().Tasks[0].Params; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	const badKey = ` must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`
	refused := func(text string) said {
		return said{0, "", "\nOperation 1 failed to schedule any tasks:\n" + text + "\n"}
	}
	tests := map[string]struct {
		args []string
		want said
	}{
		"no unit":             {words("strict"), mistaken("no unit specified")},
		"no action":           {words("kratos/0"), mistaken("no action specified")},
		"nothing":             {nil, mistaken("no unit specified")},
		"a bad name":          {words("kratos/0 Strict"), mistaken(`invalid unit or action name "Strict"`)},
		"no pair":             {words("kratos/0 strict username"), mistaken(`argument "username" must be of the form key.key.key...=value`)},
		"an underscore":       {words("kratos/0 strict user_name=x"), mistaken(`key "user_name"` + badKey)},
		"an unknown option":   {words("kratos/0 strict --username=x"), mistaken("option provided but not defined: --username")},
		"no YAML":             {words("kratos/0 strict username=@foo"), failed("yaml: found character that cannot start any token")},
		"a backtick":          {words("kratos/0 strict username=`x`"), failed("yaml: found character that cannot start any token")},
		"a percent sign":      {words("kratos/0 strict username=%x"), failed("yaml: found incompatible YAML document")},
		"no string key":       {[]string{"kratos/0", "strict", "username={1: 2}"}, failed("map keyed with non-string value")},
		"infinity":            {words("kratos/0 strict username=.inf"), failed("json: unsupported value: +Inf")},
		"another unit":        {words("kratos/1 strict username=x"), refused(`unit "kratos/1" not found`)},
		"an unknown action":   {words("kratos/0 nope"), refused(`action "nope" not defined on unit "kratos/0"`)},
		"digits":              {words("kratos/0 strict username=12345"), refused("validation failed: (root).username : must be of type string, given 12345")},
		"an undeclared one":   {words("kratos/0 strict username=x extra=1"), refused(`validation failed: (root) : additional property "extra" is not allowed, given {"extra":1,"username":"x"}`)},
		"a string for an int": {words("kratos/0 strict --string-args username=x age=3"), refused(`validation failed: (root).age : must be of type integer, given "3"`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := actor(t, "", "exit 9")
			stdout, stderr, code := u.Juju(append([]string{"run"}, test.args...)...)
			got := said{code, stdout, stderr}
			if name == "a percent sign" { // the parser's words are not ours to hold it to
				got.Stderr = test.want.Stderr
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if len(u.State().Tasks) > 0 {
				t.Error("there is a task")
			}
		})
	}
}

func TestRunDefaults(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"":                               `{"username":"x"}`,
		"model: {insert-defaults: true}": `{"age":7,"username":"x"}`,
	} {
		u := actor(t, state, "")
		if _, stderr, code := u.Juju("run", "kratos/0", "strict", "username=x"); code != 0 {
			t.Fatal(stderr)
		}
		task := u.State().Tasks[0]
		if task.Params != want || task.Status != "completed" {
			t.Errorf("%q: %s, %s %s", state, task.Params, task.Status, task.Message)
		}
	}
}

func TestRunAgentValidates(t *testing.T) {
	t.Parallel()
	u := actor(t, "model: {agent-validates: true}", "exit 9")
	stdout, _, code := u.Juju("run", "kratos/0", "strict", "username=12345")
	want := "Action id 2 failed: cannot run \"strict\" action: validation failed: (root).username : must be of type string, given 12345\nTask 2 failed\n\n"
	if diff := cmp.Diff(want, stdout); diff != "" || code != 0 {
		t.Error(code, diff)
	}
}

func TestRunShows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		task Task
		want string
	}{
		"nothing set": {Task{Status: "completed", Results: map[string]any{"return-code": 0}}, "\n"},
		"results, sorted and quoted where they look like something else": {
			Task{Status: "completed", Results: map[string]any{
				"return-code": 0, "stdout": "printed\n", "stderr": "complained\n",
				"count": "3", "note": "true", "identity": map[string]any{"id": "abc", "email": "a@b.c"},
			}},
			"count: \"3\"\nidentity:\n  email: a@b.c\n  id: abc\nnote: \"true\"\n\nprinted\ncomplained\n",
		},
		"a failure with results": {
			Task{ID: "4", Status: "failed", Message: "why", Results: map[string]any{"return-code": 0, "id": "abc"}},
			"Action id 4 failed: why\nid: abc\n\n",
		},
		"a failure without": {Task{ID: "4", Status: "failed", Message: "why"}, "Action id 4 failed: why\nTask 4 failed\n\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			if err := test.task.print(&got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRunProcess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script          string
		code            int // the client's
		status, message string
		results         map[string]any
	}{
		"it succeeds":         {"echo out; echo err >&2", 0, "completed", "", map[string]any{"return-code": 0, "stdout": "out\n", "stderr": "err\n"}},
		"it fails":            {"exit 3", 1, "failed", "exit status 3", map[string]any{"return-code": 3}},
		"it is killed":        {"kill -KILL $$", 0, "failed", "terminated", map[string]any{"return-code": -1}},
		"it crashes":          {"kill -SEGV $$", 0, "failed", "signal: segmentation fault", map[string]any{"return-code": -1}},
		"it prints no text":   {`printf '\377'`, 0, "completed", "", map[string]any{"return-code": 0, "stdout": "/w==", "stdout-encoding": "base64"}},
		"a child outlives it": {"(sleep 3; echo late) & echo soon", 0, "completed", "", map[string]any{"return-code": 0, "stdout": "soon\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := actor(t, "", test.script)
			_, stderr, code := u.Juju("run", "kratos/0", "anything")
			task := u.State().Tasks[0]
			if code != test.code || task.Status != test.status || !strings.HasPrefix(task.Message, test.message) {
				t.Errorf("%d, %s %q, %s", code, task.Status, task.Message, stderr)
			}
			if diff := cmp.Diff(test.results, task.Results); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDispatchThatCannotRun(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]os.FileMode{"permission denied": 0o644, "exec format error": 0o755} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := actor(t, "", "")
			u.check(os.Remove(filepath.Join(u.store.charmDir(), "dispatch")))
			u.charm("dispatch", "no program", mode)
			if _, stderr, code := u.Juju("run", "kratos/0", "anything"); code != 0 {
				t.Error(code, stderr)
			}
			if task := u.State().Tasks[0]; task.Status != "failed" || !strings.Contains(task.Message, name) {
				t.Errorf("%s: %q", task.Status, task.Message)
			}
		})
	}
}

func TestRunTakesTooLong(t *testing.T) {
	t.Parallel()
	u := actor(t, "", "")
	stdout, stderr, code := u.Juju("run", "kratos/0", "anything", "--wait=1ns")
	if code != 1 || stdout != "" || !strings.HasSuffix(stderr, "ERROR timed out waiting for results from: unit kratos/0\n") {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	if status := u.State().Tasks[0].Status; status != "completed" {
		t.Errorf("the action goes on all the same, got %s", status)
	}
}
