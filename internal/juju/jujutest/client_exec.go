package jujutest

import (
	"encoding/json"
	"strings"
	"time"
)

// runExec is juju exec: a shell command with the hook tools, in the unit. Its
// process is no dispatch, so JUJU_DISPATCH_PATH is not set, and a non-zero exit
// is no failure to Juju: what was asked for is committed.
func runExec(w *world, s store) error {
	o := &operation{wait: 5 * time.Minute, quiet: true}
	var f flagSet
	var unit string
	o.flags(&f)
	f.text(&unit, "u", "unit")
	args, err := f.parse(w.args)
	switch {
	case err != nil:
		return err
	case len(args) == 0:
		return usagef("no commands specified")
	case unit == "":
		return usagef("You must specify a target, either through --all, --machine, --application or --unit")
	case !receiver.MatchString(unit):
		return usagef("The following exec targets are not valid:\n  %q is not a valid unit name", unit)
	}
	command := commandString(args)
	id, err := o.enqueue(w, s, "juju-exec", func(st *State) (string, string, error) {
		if unit != st.Unit && (unit != st.application()+"/leader" || !st.Leader) {
			return "", `unit "` + unit + `" not found`, nil
		}
		params, err := json.Marshal(map[string]any{
			"command": command, "timeout": o.wait.Nanoseconds(), "workload-context": true,
		})
		return string(params), "", err
	})
	if err != nil || id == "" {
		return err
	}
	return o.execute(w, s, id, func(env []string) (ended, error) {
		e, err := start(s, env, "/bin/sh", "-c", command)
		if e.code >= 0 {
			e.failure = ""
		}
		return e, err
	})
}

// commandString quotes arguments for the unit's shell. A single one may be a
// whole command line already.
func commandString(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}
