// Package fault is the one vocabulary of errors: what kind of thing went
// wrong, said in a sentence, with the next step beside it. The doors turn a
// kind into an exit code or an action-fail, and nothing else decides that.
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Kind says what sort of failure an error is, for exit codes and scripts.
type Kind string

// The kinds of failure.
const (
	Internal     Kind = "internal"     // the agent or the server is at fault
	Usage        Kind = "usage"        // the request was malformed; nothing was touched
	NotFound     Kind = "not-found"    // no such identity, credential, ...
	Conflict     Kind = "conflict"     // something else holds what was asked for
	Ambiguous    Kind = "ambiguous"    // several things match
	Precondition Kind = "precondition" // the state or the server's settings forbid it
	Unavailable  Kind = "unavailable"  // the server cannot be reached or is no Kratos
	Partial      Kind = "partial"      // some of it was done, a later step failed
	Timeout      Kind = "timeout"      // the time allowed ran out
	Cancelled    Kind = "cancelled"    // interrupted by the operator
)

// ExitCode gives the process exit code for a kind. The codes are documented in
// every help text.
func ExitCode(k Kind) int {
	switch k {
	case Usage:
		return 2
	case NotFound:
		return 3
	case Conflict, Ambiguous, Precondition:
		return 4
	case Unavailable:
		return 5
	case Partial:
		return 6
	case Timeout:
		return 124
	case Cancelled:
		return 130
	default:
		return 1
	}
}

// Error is a failure of a known kind. Text is a sentence in lower case, "cannot
// <verb> <object>"; Hint, if any, names the next step and is shown on a line of
// its own. Neither ever holds a secret.
type Error struct {
	Kind  Kind
	Text  string
	Hint  string
	Cause error // shown behind Text, and open to errors.Is
}

// New makes an error of the kind with a formatted text.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// Wrap makes an error of cause's own kind whose text stands before that of
// cause; cause's hint is kept.
func Wrap(cause error, format string, args ...any) *Error {
	return &Error{Kind: KindOf(cause), Text: fmt.Sprintf(format, args...), Hint: HintOf(cause), Cause: cause}
}

// WithHint returns a copy of the error with the hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// Of returns a copy of the error with the kind.
func (e *Error) Of(k Kind) *Error {
	c := *e
	c.Kind = k
	return &c
}

// Because returns a copy of the error with the cause, whose text is shown too.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Error gives the text and, behind a colon, that of the cause.
func (e *Error) Error() string {
	switch {
	case e.Cause == nil:
		return e.Text
	case e.Text == "":
		return e.Cause.Error()
	default:
		return e.Text + ": " + e.Cause.Error()
	}
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf gives the kind of the outermost *Error in err's chain. Where there is
// none, a context's own errors are Timeout and Cancelled, all else Internal.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Cancelled
	default:
		return Internal
	}
}

// HintOf gives the hint of the outermost *Error in err's chain that has one.
func HintOf(err error) string {
	for err != nil {
		if e, ok := err.(*Error); ok && e.Hint != "" {
			return e.Hint
		}
		err = errors.Unwrap(err)
	}
	return ""
}
