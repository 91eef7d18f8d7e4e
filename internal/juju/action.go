package juju

import (
	"context"
	"regexp"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Pair is one result of an action. Dots in the key nest it.
type Pair struct{ Key, Value string }

// segment is what Juju takes between the dots of a result's key, and reserved
// are the segments that it keeps for itself (juju/juju jujuc/action-set.go).
var segment = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)

func reserved(segment string) bool {
	switch segment {
	case "stdout", "stdout-encoding", "stderr", "stderr-encoding":
		return true
	}
	return false
}

// ActionGet gives the action's parameters, numbers as json.Number. Without any
// it is an empty map.
func (t Tools) ActionGet(ctx context.Context) (map[string]any, error) {
	var params map[string]any
	if err := t.get(ctx, &params, "action-get"); err != nil {
		return nil, fault.Wrap(err, "cannot read the action's parameters")
	}
	if params == nil {
		params = map[string]any{}
	}
	return params, nil
}

// ActionSet sets results, in one call. A pair that Juju or a process argument
// cannot carry is an error that names its key, and then nothing is set. Juju
// delivers results even if the action fails.
func (t Tools) ActionSet(ctx context.Context, pairs []Pair) error {
	if len(pairs) == 0 {
		return nil
	}
	args := make([]string, len(pairs))
	for i, p := range pairs {
		if err := p.check(); err != nil {
			return err
		}
		args[i] = p.Key + "=" + p.Value
	}
	if err := t.do(ctx, "action-set", args...); err != nil {
		return fault.Wrap(err, "cannot set the action's results")
	}
	return nil
}

// check finds what would make action-set fail, since Juju's own message names
// a segment only, and Linux' nothing at all.
func (p Pair) check() error {
	for s := range strings.SplitSeq(p.Key, ".") {
		switch {
		case !segment.MatchString(s):
			return fault.New(fault.Internal, "cannot set result %q: its key may have lower case letters, digits, hyphens and dots, and begins and ends each part with a letter or digit", p.Key)
		case reserved(s):
			return fault.New(fault.Internal, "cannot set result %q: Juju keeps %s for itself", p.Key, s)
		}
	}
	if size := len(p.Key) + 1 + len(p.Value); size > maxArgument {
		return fault.New(fault.Internal, "cannot set result %q: it takes %d bytes, and an argument holds %d", p.Key, size, maxArgument)
	}
	if strings.Contains(p.Value, "\x00") {
		return fault.New(fault.Internal, "cannot set result %q: its value holds a NUL byte", p.Key)
	}
	return nil
}

// ActionLog shows a text to whoever waits for the action, and keeps it in the
// action's log. An empty one is not sent. What an argument cannot hold is cut.
func (t Tools) ActionLog(ctx context.Context, text string) error {
	if text == "" {
		return nil
	}
	if err := t.do(ctx, "action-log", "--", argument(text)); err != nil {
		return fault.Wrap(err, "cannot write to the action's log")
	}
	return nil
}

// ActionFail marks the action as failed, for the reason given. Juju delivers
// the reason only if the process then exits with 0. An empty one becomes
// Juju's own, that none was given. What an argument cannot hold is cut.
func (t Tools) ActionFail(ctx context.Context, text string) error {
	args := []string{"--", argument(text)}
	if text == "" {
		args = nil
	}
	if err := t.do(ctx, "action-fail", args...); err != nil {
		return fault.Wrap(err, "cannot mark the action as failed")
	}
	return nil
}
