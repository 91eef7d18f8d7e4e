package juju

import (
	"context"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Level is a level of Juju's debug-log.
type Level string

// The levels of the debug-log.
const (
	Debug   Level = "DEBUG"
	Info    Level = "INFO"
	Warning Level = "WARNING"
	Error   Level = "ERROR"
)

// JujuLog writes a text to Juju's debug-log. An empty one is not sent. What an
// argument cannot hold is cut.
func (t Tools) JujuLog(ctx context.Context, level Level, text string) error {
	if text == "" {
		return nil
	}
	if err := t.do(ctx, "juju-log", "--log-level="+string(level), "--", argument(text)); err != nil {
		return fault.Wrap(err, "cannot write to Juju's log")
	}
	return nil
}
