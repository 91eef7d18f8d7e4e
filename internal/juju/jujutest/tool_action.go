package jujutest

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"
)

// errNoAction is what the action tools say outside of an action.
var errNoAction = errors.New("not running an action")

// name is what Juju takes as the name of an action, of a parameter, and as a
// part of a key.
var name = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)

type actionGet struct {
	out  output
	keys []string
}

func (t *actionGet) flags(f *flagSet) { t.out.flags(f, "smart", "yaml", "json") }

func (t *actionGet) init(args []string) error {
	if len(args) == 0 {
		return nil
	}
	t.keys = strings.Split(args[0], ".")
	return none(args[1:])
}

func (t *actionGet) run(w *world, st *State) error {
	task := st.action()
	if task == nil {
		return errNoAction
	}
	var params any
	if err := json.Unmarshal([]byte(task.Params), &params); err != nil {
		return err
	}
	return t.out.write(w, dig(params, t.keys))
}

type actionSet struct{ pairs [][]string } // keys, then the value

func (t *actionSet) flags(*flagSet) {}

func (t *actionSet) init(args []string) error {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return usagef("argument %q must be of the form key...=value", arg)
		}
		keys := strings.Split(key, ".")
		for _, k := range keys {
			if !name.MatchString(k) {
				return usagef("key %q must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods", k)
			}
			switch k {
			case "stdout", "stdout-encoding", "stderr", "stderr-encoding":
				return usagef("cannot set reserved action key %q", k)
			}
		}
		t.pairs = append(t.pairs, append(keys, value))
	}
	return nil
}

func (t *actionSet) run(_ *world, st *State) error {
	task := st.action()
	if task == nil && len(t.pairs) > 0 {
		return errNoAction
	}
	for _, pair := range t.pairs {
		last := len(pair) - 1
		nest(task.Results, pair[:last], pair[last])
	}
	return nil
}

type actionLog struct{ text string }

func (t *actionLog) flags(*flagSet) {}

func (t *actionLog) init(args []string) error {
	if len(args) == 0 {
		return usagef("no message specified")
	}
	t.text = strings.Join(args, " ")
	return nil
}

func (t *actionLog) run(_ *world, st *State) error {
	task := st.action()
	if task == nil {
		return errNoAction
	}
	task.Log = append(task.Log, Message{Time: now(), Text: t.text})
	return nil
}

type actionFail struct{ text string }

func (t *actionFail) flags(*flagSet) {}

func (t *actionFail) init(args []string) error {
	if len(args) == 0 {
		t.text = "action failed without reason given, check action for errors"
		return nil
	}
	t.text = args[0]
	return none(args[1:])
}

func (t *actionFail) run(_ *world, st *State) error {
	if st.action() == nil {
		return errNoAction
	}
	st.Running.Failed, st.Running.Message = true, t.text
	return nil
}

// now is the time as Juju keeps it of tasks and messages.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
