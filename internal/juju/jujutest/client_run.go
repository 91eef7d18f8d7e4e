package jujutest

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"time"

	"gopkg.in/yaml.v2" // the very parser that juju run types its arguments with
)

// receiver is a unit or an application's leader.
var receiver = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*/(?:0|[1-9][0-9]*|leader)$`)

// actionRun is juju run.
type actionRun struct {
	operation
	unit, action string
	file         string // --params
	raw          bool   // --string-args
	args         [][]string
	sent         []byte // the parameters as the agent gets them
}

func runAction(w *world, s store) error {
	r := &actionRun{operation: operation{wait: time.Minute}}
	var f flagSet
	r.flags(&f)
	f.text(&r.file, "params")
	f.bool(&r.raw, "string-args")
	args, err := f.parse(w.args)
	if err != nil {
		return err
	}
	if err := r.init(args); err != nil {
		return err
	}
	params, err := r.params(w)
	if err != nil {
		return err
	}
	id, err := r.enqueue(w, s, r.action, func(st *State) (string, string, error) { return r.check(s, st, params) })
	if err != nil || id == "" {
		return err
	}
	return r.execute(w, s, id, func(env []string) (ended, error) {
		if failure, err := r.refusedByAgent(s); failure != "" || err != nil {
			return ended{failure: failure, missing: true}, err
		}
		return dispatch(w, s, append(env, "JUJU_DISPATCH_PATH=actions/"+r.action))
	})
}

func (r *actionRun) init(args []string) error {
	for i, arg := range args {
		switch {
		case receiver.MatchString(arg) && r.unit != "":
			return usagef("jujutest: the double has one unit")
		case receiver.MatchString(arg):
			r.unit = arg
		case !name.MatchString(arg):
			return usagef("invalid unit or action name %q", arg)
		case r.unit == "":
			return usagef("no unit specified")
		default:
			r.action = arg
			return r.pairs(args[i+1:])
		}
	}
	if r.unit == "" {
		return usagef("no unit specified")
	}
	return usagef("no action specified")
}

// pairs reads key.key=value.
func (r *actionRun) pairs(args []string) error {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return usagef("argument %q must be of the form key.key.key...=value", arg)
		}
		keys := strings.Split(key, ".")
		for _, k := range keys {
			if !name.MatchString(k) {
				return usagef("key %q must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens", k)
			}
		}
		r.args = append(r.args, append(keys, value))
	}
	return nil
}

// params gives the parameters as they arrive at the controller: typed as YAML
// 1.1, then sent as JSON, which has one kind of number.
func (r *actionRun) params(w *world) (map[string]any, error) {
	params, err := r.fromFile(w)
	if err != nil {
		return nil, err
	}
	for _, arg := range r.args {
		last := len(arg) - 1
		var value any = arg[last]
		if !r.raw {
			if err := yaml.Unmarshal([]byte(arg[last]), &value); err != nil {
				return nil, err
			}
		}
		if value, err = conform(value); err != nil {
			return nil, err
		}
		nest(params, arg[:last], value)
	}
	sent, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	params = nil
	return params, json.Unmarshal(sent, &params)
}

func (r *actionRun) fromFile(w *world) (map[string]any, error) {
	params := map[string]any{}
	if r.file == "" {
		return params, nil
	}
	text, err := os.ReadFile(w.path(r.file))
	if err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(text, &params); err != nil {
		return nil, err
	}
	if params == nil {
		return nil, errors.New("params must contain a YAML map with string keys")
	}
	return conformMap(params)
}

// check is the controller's: a refusal is not an error, and no task is made.
func (r *actionRun) check(s store, st *State, params map[string]any) (sent, refusal string, err error) {
	if r.unit != st.Unit && (r.unit != st.application()+"/leader" || !st.Leader) {
		return "", `unit "` + r.unit + `" not found`, nil
	}
	declared, err := s.declared()
	if err != nil {
		return "", "", err
	}
	schema, known := declared[r.action]
	if !known {
		return "", `action "` + r.action + `" not defined on unit "` + st.Unit + `"`, nil
	}
	if !st.Model.AgentValidates {
		if err := validate(schema, params); err != nil {
			return "", err.Error(), nil
		}
	}
	if st.Model.InsertDefaults {
		insertDefaults(params, schema)
	}
	r.sent, err = json.Marshal(params)
	return string(r.sent), "", err
}

// refusedByAgent is what the unit's agent says of parameters that do not match
// the schema, before it starts anything.
func (r *actionRun) refusedByAgent(s store) (string, error) {
	declared, err := s.declared()
	if err != nil {
		return "", err
	}
	var params map[string]any
	if err := json.Unmarshal(r.sent, &params); err != nil {
		return "", err
	}
	if err := validate(declared[r.action], params); err != nil {
		return `cannot run "` + r.action + `" action: ` + err.Error(), nil
	}
	return "", nil
}
