package jujutest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// operation is what juju run and juju exec have in common.
type operation struct {
	out        output
	wait       time.Duration
	background bool
	quiet      bool // no progress, as in juju exec
}

func (o *operation) flags(f *flagSet) {
	o.out.flags(f, "plain", "yaml", "json")
	f.value(func(v string) (err error) { o.wait, err = time.ParseDuration(v); return err }, "wait")
	f.bool(&o.background, "background")
	var ignored bool // times are in UTC and nothing is coloured
	f.bool(&ignored, "utc", "no-color")
}

// progress prints a line to the one who waits.
func (o *operation) progress(w *world, format string, args ...any) {
	if !o.quiet {
		fmt.Fprintf(w.stderr, format+"\n", args...)
	}
}

// enqueue makes the task of an operation. A refusal makes none.
func (o *operation) enqueue(w *world, s store, action string, check func(*State) (params, refusal string, err error)) (id string, err error) {
	if o.background {
		return "", usagef("jujutest: --background is not part of the double")
	}
	var operation, refusal string
	err = s.update(func(st *State) (err error) {
		var params string
		operation = st.newID()
		if params, refusal, err = check(st); err != nil || refusal != "" {
			return err
		}
		id = st.newID()
		st.Tasks = append(st.Tasks, &Task{
			ID: id, Action: action, Params: params, Status: "running",
			Results: map[string]any{}, Enqueued: now(),
		})
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case refusal != "":
		o.progress(w, "")
		fmt.Fprintf(w.stderr, "Operation %s failed to schedule any tasks:\n%s\n", operation, refusal)
		return "", nil
	}
	o.progress(w, "Running operation %s with 1 task", operation)
	return id, nil
}

// execute runs a task in the unit and tells how it went.
func (o *operation) execute(w *world, s store, id string, run func(env []string) (ended, error)) error {
	began := time.Now()
	err := s.alone(func() error {
		var env []string
		var unit string
		err := s.update(func(st *State) error {
			st.task(id).Started = now()
			unit, env = st.Unit, st.begin(w, s, Running{Task: id})
			return nil
		})
		if err != nil {
			return err
		}
		o.progress(w, "  - task %s on unit-%s\n\nWaiting for task %s...", id, strings.ReplaceAll(unit, "/", "-"), id)
		e, err := run(env)
		return errors.Join(err, s.update(func(st *State) error {
			st.debugLog(st.task(id).Action, e)
			st.finish(e)
			return nil
		}))
	})
	if err != nil {
		return err
	}
	return o.report(w, s, id, time.Since(began))
}

// report tells an administrator how a task went. A failed action is one whose
// process failed: action-fail alone is no reason for another exit code.
func (o *operation) report(w *world, s store, id string, took time.Duration) error {
	st, err := s.view()
	if err != nil {
		return err
	}
	task := st.task(id)
	for _, m := range task.Log {
		fmt.Fprintf(w.stderr, "%s %s\n", m.Time.Format("15:04:05"), m.Text)
	}
	if len(task.Log) > 0 {
		o.progress(w, "")
	}
	if took > o.wait {
		return fmt.Errorf("timed out waiting for results from: unit %s", st.Unit)
	}
	if err := o.print(w, st.Unit, task); err != nil {
		return err
	}
	if code, _ := task.Results["return-code"].(int); code >= 1 {
		return fmt.Errorf("the following task failed:\n - id %q with return code %d\n\nuse 'juju show-task' to inspect the failure", id, code)
	}
	return nil
}

func (o *operation) print(w *world, unit string, task *Task) error {
	switch {
	case o.out.format != "plain":
		return o.out.write(w, map[string]any{unit: task.view(unit)})
	case o.quiet:
		return task.printOutput(w.stdout)
	}
	return task.print(w.stdout)
}

// view is a task as --format yaml and json show it.
func (t *Task) view(unit string) map[string]any {
	view := map[string]any{"id": t.ID, "unit": unit, "status": t.Status}
	if t.Message != "" {
		view["message"] = t.Message
	}
	if len(t.Results) > 0 {
		view["results"] = t.Results
	}
	var log []string
	for _, m := range t.Log {
		log = append(log, m.Time.String()+" "+m.Text)
	}
	if log != nil {
		view["log"] = log
	}
	timing := map[string]string{}
	for key, at := range map[string]time.Time{"enqueued": t.Enqueued, "started": t.Started, "completed": t.Completed} {
		if !at.IsZero() {
			timing[key] = at.String()
		}
	}
	view["timing"] = timing
	return view
}

// print shows a task as juju run does for eyes: what the action set, without
// what Juju adds, then what it printed.
func (t *Task) print(to io.Writer) error {
	set := map[string]any{}
	for key, value := range t.Results {
		switch key {
		case "return-code", "stdout", "stdout-encoding", "stderr", "stderr-encoding":
		default:
			set[key] = value
		}
	}
	text := ""
	switch {
	case len(t.Results) == 0:
		text = fmt.Sprintf("Task %s %s\n", t.ID, t.Status)
	case len(set) > 0:
		var err error
		if text, err = asYAML(set); err != nil {
			return err
		}
	}
	if t.Status == "failed" {
		fmt.Fprintf(to, "Action id %s failed: %s\n", t.ID, t.Message)
	}
	fmt.Fprintln(to, text)
	for _, key := range []string{"stdout", "stderr"} {
		if said, _ := t.Results[key].(string); said != "" {
			fmt.Fprintln(to, strings.Trim(said, "\n"))
		}
	}
	return nil
}

// printOutput shows a task as juju exec does for eyes.
func (t *Task) printOutput(to io.Writer) error {
	for _, key := range []string{"stdout", "stderr"} {
		if said, _ := t.Results[key].(string); said != "" {
			fmt.Fprintln(to, strings.TrimSuffix(said, "\n"))
		}
	}
	return nil
}
