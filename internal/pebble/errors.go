package pebble

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"syscall"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// ErrNotReady is in the chain of an error that says that no Pebble listens: the
// socket is missing (the container has not started) or refuses connections
// (Pebble restarts). It is not a failure; pebble-ready comes later.
var ErrNotReady = errors.New("waiting for container")

// unreached gives the error of a request without an answer. A context's own end
// comes first: it is what the caller asked for.
func unreached(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fault.Wrap(ctx.Err(), "")
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED):
		return fault.New(fault.Unavailable, "").Because(ErrNotReady)
	default:
		return fault.New(fault.Unavailable, "Pebble ended the connection")
	}
}

// Refusal is Pebble's answer to a request that it did not carry out.
type Refusal struct {
	Status int    // the HTTP status, or 200 where one file of several failed
	Kind   string // Pebble's own: not-found, permission-denied, ...

	message string
	hidden  bool // the message can quote what was sent
}

// Error gives Pebble's reason, unless that can quote a secret.
func (r *Refusal) Error() string {
	if r.hidden || r.message == "" {
		return "Pebble refused"
	}
	return r.message
}

// Detail gives Pebble's own words, which can quote what was sent.
func (r *Refusal) Detail() string { return r.message }

// words is how Pebble tells of an error, of a request or of one file.
type words struct {
	Message string `json:"message"`
	Kind    string `json:"kind"`
}

func refused(a answer) error {
	var w words
	// A result of another shape leaves the words empty; the status is enough.
	_ = json.Unmarshal(a.Result, &w)
	return refusal(a.StatusCode, w)
}

func refusal(status int, w words) error {
	r := &Refusal{Status: status, Kind: w.Kind, message: w.Message}
	return fault.New(kindOf(r), "").Because(r)
}

func kindOf(r *Refusal) fault.Kind {
	switch {
	case r.Kind == "not-found" || r.Status == http.StatusNotFound:
		return fault.NotFound
	case r.Status >= 500:
		return fault.Unavailable
	default:
		return fault.Precondition
	}
}

// hide keeps Pebble's reason out of the error's text.
func hide(err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		r.hidden = true
	}
	return err
}

// status gives the HTTP status of a refusal, or 0 for other errors.
func status(err error) int {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Status
	}
	return 0
}

// Failure is a change that ended in another status than Done.
type Failure struct{ Change Change }

// Error names the tasks that failed. Their reasons are left out: Pebble mixes
// the output of services into them.
func (f *Failure) Error() string {
	var failed []string
	for _, t := range f.Change.Tasks {
		if t.Status == "Error" {
			failed = append(failed, t.Summary)
		}
	}
	if len(failed) == 0 {
		return "the change ended as " + f.Change.Status
	}
	return "this did not succeed: " + strings.Join(failed, ", ")
}

// Detail gives the change's error and the logs of its tasks, a line each. They
// hold the last output of services that failed, and whatever that shows.
func (f *Failure) Detail() string {
	lines := []string{f.Change.Err}
	for _, t := range f.Change.Tasks {
		lines = append(lines, t.Log...)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// Detail gives Pebble's own words on the error, or "". They can hold secrets: a
// caller masks them before anyone sees them.
func Detail(err error) string {
	var d interface{ Detail() string }
	if errors.As(err, &d) {
		return d.Detail()
	}
	return ""
}
