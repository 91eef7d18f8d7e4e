package jujutest

import (
	"errors"
	"slices"
	"strings"
)

// errNotLeader is what Juju answers a unit that does not lead.
var errNotLeader = errors.New("this unit is not the leader")

type isLeader struct{ out output }

func (t *isLeader) flags(f *flagSet)              { t.out.flags(f, "smart", "yaml", "json") }
func (t *isLeader) init(args []string) error      { return none(args) }
func (t *isLeader) run(w *world, st *State) error { return t.out.write(w, st.Leader) }

type statusSet struct {
	application bool
	status      Status
}

func (t *statusSet) flags(f *flagSet) { f.bool(&t.application, "application") }

func (t *statusSet) init(args []string) error {
	if len(args) == 0 {
		return usagef("invalid args, require <status> [message]")
	}
	known := []string{"maintenance", "blocked", "waiting", "active"}
	if !slices.Contains(known, args[0]) {
		return usagef("invalid status %q, expected one of %v", args[0], known)
	}
	t.status.Status = args[0]
	if len(args) == 1 {
		return nil
	}
	t.status.Message = args[1]
	return none(args[2:])
}

func (t *statusSet) run(_ *world, st *State) error {
	switch {
	case !t.application:
		st.Status = t.status
	case !st.Leader:
		return errNotLeader
	default:
		st.ApplicationStatus = t.status
	}
	return nil
}

type jujuLog struct {
	level, format string
	debug         bool
	text          string
}

func (t *jujuLog) flags(f *flagSet) {
	t.level = "INFO"
	f.bool(&t.debug, "debug")
	f.text(&t.level, "l", "log-level")
	f.text(&t.format, "format")
}

func (t *jujuLog) init(args []string) error {
	if len(args) == 0 {
		return usagef("no message specified")
	}
	t.text = strings.Join(args, " ")
	return nil
}

func (t *jujuLog) run(_ *world, st *State) error {
	level := strings.ToUpper(t.level)
	switch {
	case t.debug:
		level = "DEBUG"
	case !slices.Contains([]string{"TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}, level):
		st.logf("WARNING", "juju-log", `Specified log level of "`+t.level+`" is not valid`)
		level = "INFO"
	}
	st.logf(level, "juju-log", t.text)
	return nil
}
