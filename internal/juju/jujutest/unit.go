package jujutest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Unit is the double inside of a Go test. It runs hook tools as a juju.Runner,
// in the test's own process, for the action or the hook that was begun last. It
// is for one goroutine.
type Unit struct {
	tb    testing.TB
	store store
	env   []string
}

// NewUnit makes a unit. The state is YAML as a script's juju.yaml, see [State].
func NewUnit(tb testing.TB, state string) *Unit {
	tb.Helper()
	return NewUnitOf(tb, nil, state)
}

// NewUnitOf makes a unit of another charm: its files, such as metadata.yaml,
// stand in for the agent's own.
func NewUnitOf(tb testing.TB, charm map[string]string, state string) *Unit {
	tb.Helper()
	u := &Unit{tb: tb, store: store{path: filepath.Join(tb.TempDir(), "juju.yaml")}}
	u.check(os.WriteFile(u.store.path, []byte(state), 0o600))
	u.check(os.Mkdir(u.store.charmDir(), 0o755))
	for name, text := range charm {
		u.check(os.WriteFile(filepath.Join(u.store.charmDir(), name), []byte(text), 0o600))
	}
	u.State() // a state that cannot be is found here
	return u
}

func (u *Unit) check(err error) {
	u.tb.Helper()
	if err != nil {
		u.tb.Fatal(err)
	}
}

// State gives the state as it is now.
func (u *Unit) State() *State {
	u.tb.Helper()
	st, err := u.store.view()
	u.check(err)
	return st
}

// BeginAction begins an action with parameters that nobody has checked.
func (u *Unit) BeginAction(action string, params map[string]any) {
	u.tb.Helper()
	sent, err := json.Marshal(params)
	u.check(err)
	if params == nil {
		sent = []byte("{}")
	}
	u.begin(func(st *State) Running {
		id := st.newID()
		st.Tasks = append(st.Tasks, &Task{
			ID: id, Action: action, Params: string(sent), Status: "running",
			Results: map[string]any{}, Enqueued: now(), Started: now(),
		})
		return Running{Task: id}
	})
}

// BeginHook begins a hook. The variables, as in JUJU_RELATION_ID=smtp:5, are
// those that Juju gives to hooks of this kind beside the ones of all.
func (u *Unit) BeginHook(name string, env ...string) {
	u.tb.Helper()
	u.begin(func(*State) Running { return Running{Hook: name} })
	u.env = append(u.env, env...)
}

func (u *Unit) begin(what func(*State) Running) {
	u.tb.Helper()
	u.check(u.store.update(func(st *State) error {
		u.env = st.begin(u.world(nil), u.store, what(st))
		return nil
	}))
}

// End ends what was begun, as a process that exits with this code. It gives
// the action's task, or nil for a hook.
func (u *Unit) End(code int) *Task {
	u.tb.Helper()
	e := ended{code: code}
	if code != 0 {
		e.failure = "exit status " + strconv.Itoa(code)
	}
	var task *Task
	u.check(u.store.update(func(st *State) error {
		if task = st.action(); task == nil {
			st.finishHook(st.Running.Hook, e)
			return nil
		}
		st.finish(e)
		return nil
	}))
	return task
}

// Env gives the environment that Juju gives to what was begun last.
func (u *Unit) Env() []string { return u.env }

// Run runs a hook tool.
func (u *Unit) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, -1, err
	}
	if tools()[tool] == nil {
		return nil, nil, -1, &exec.Error{Name: tool, Err: exec.ErrNotFound}
	}
	w := u.world(args)
	w.stdin = bytes.NewReader(stdin)
	code := runTool(w, tool)
	return w.stdout.(*bytes.Buffer).Bytes(), w.stderr.(*bytes.Buffer).Bytes(), code, nil
}

// Juju runs the juju client as an administrator would.
func (u *Unit) Juju(args ...string) (stdout, stderr string, code int) {
	w := u.world(args)
	code = client(w)
	return w.stdout.(*bytes.Buffer).String(), w.stderr.(*bytes.Buffer).String(), code
}

// Calls gives the hook tools that were called, with their arguments.
func (u *Unit) Calls() [][]string {
	u.tb.Helper()
	text, err := os.ReadFile(u.journal())
	if !errors.Is(err, fs.ErrNotExist) {
		u.check(err)
	}
	calls, err := readCalls(text)
	u.check(err)
	return calls
}

// world is what a program sees in this unit. What was begun is seen by hook
// tools; to the others it makes no difference.
func (u *Unit) world(args []string) *world {
	env := append([]string{
		"PATH=" + os.Getenv("PATH"), EnvState + "=" + u.store.path, EnvUnit + "=" + u.store.unit, EnvJournal + "=" + u.journal(),
	}, u.env...)
	return &world{
		args: args, env: env, dir: filepath.Dir(u.store.path),
		stdin: bytes.NewReader(nil), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{},
	}
}
