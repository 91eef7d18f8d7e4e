package juju

import (
	"context"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// StatusName is what a charm may say of its unit, in one word.
type StatusName string

// The names of a status. Error and unknown are Juju's own to set.
const (
	Active      StatusName = "active"      // it does what it is there for
	Blocked     StatusName = "blocked"     // a person has to do something
	Waiting     StatusName = "waiting"     // something else has to happen
	Maintenance StatusName = "maintenance" // it is at work on itself
)

// Status is what a unit shows in juju status.
type Status struct {
	Name    StatusName
	Message string
}

// maxStatus is how much of a message a status shows: it is one cell of a table.
const maxStatus = 1000

// StatusSet sets the unit's status, at once: it stays even if the hook fails.
// A message beyond 1000 bytes is cut, which its end says.
func (t Tools) StatusSet(ctx context.Context, s Status) error {
	if err := t.do(ctx, "status-set", "--", string(s.Name), shorten(s.Message, maxStatus)); err != nil {
		return fault.Wrap(err, "cannot set the unit's status")
	}
	return nil
}

// VersionSet sets the version of the workload that juju status shows, at once.
func (t Tools) VersionSet(ctx context.Context, version string) error {
	if err := t.do(ctx, "application-version-set", "--", shorten(version, maxStatus)); err != nil {
		return fault.Wrap(err, "cannot set the application's version")
	}
	return nil
}
