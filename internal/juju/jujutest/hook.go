package jujutest

import (
	"errors"
	"fmt"
	"strings"
)

// hook is juju-hook NAME [VARIABLE=VALUE...]: Juju finds that a hook is due and
// runs it, with the variables of its kind. What the hook printed is printed
// too. It exits as the hook did, or with 1; what a failed hook asked for is
// dropped.
func hook(w *world) int {
	code, err := runHook(w)
	if err != nil {
		return w.fail(err)
	}
	return code
}

func runHook(w *world) (code int, err error) {
	if len(w.args) == 0 || !name.MatchString(w.args[0]) {
		return 0, usagef("jujutest: juju-hook NAME [VARIABLE=VALUE...]")
	}
	s, err := w.store()
	if err != nil {
		return 0, err
	}
	hook := w.args[0]
	err = s.alone(func() error {
		var env []string
		err := s.update(func(st *State) error {
			env = append(st.begin(w, s, Running{Hook: hook}), w.args[1:]...)
			return nil
		})
		if err != nil {
			return err
		}
		e, err := dispatch(w, s, append(env, "JUJU_DISPATCH_PATH=hooks/"+hook))
		code = e.code
		fmt.Fprintf(w.stdout, "%s", e.stdout)
		fmt.Fprintf(w.stderr, "%s", e.stderr)
		return errors.Join(err, s.update(func(st *State) error {
			st.debugLog(hook, e)
			if !st.finishHook(hook, e) {
				code = max(code, 1)
			}
			return nil
		}))
	})
	return code, err
}

// finishHook ends the hook that runs and tells whether it succeeded.
func (st *State) finishHook(hook string, e ended) bool {
	running := st.Running
	st.Running = nil
	failure := e.failure
	if failure == "" {
		failure = st.Model.CommitError
	}
	if failure != "" {
		st.Status = Status{Status: "error", Message: fmt.Sprintf("hook failed: %q", hook)}
		st.logf("ERROR", "uniter", strings.TrimSpace("hook "+hook+" failed: "+failure))
		return false
	}
	running.Changes.commit(st)
	return true
}
