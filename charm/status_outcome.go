package charm

import (
	"fmt"
	"slices"

	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// conditions are what is to be told of what became of the plan.
func (o Outcome) conditions(w World, p Plan) []Condition {
	var all []Condition
	add := func(status juju.StatusName, format string, args ...any) {
		all = append(all, Condition{status, fmt.Sprintf(format, args...)})
	}
	if o.ContainerGone {
		add(juju.Waiting, statusContainer)
	}
	if o.MigrationErr != nil {
		add(juju.Waiting, statusMigrating, sentence(o.MigrationErr), w.Unit)
	}
	down := o.Failed != "" || o.ReadyDown
	switch {
	case o.Refused != "" && o.Failed != "":
		add(juju.Blocked, statusRefusedDown, o.Refused+"; the old one does not run: "+o.Failed)
	case o.Refused != "" && down:
		add(juju.Blocked, statusRefusedDown, o.Refused)
	case o.Refused != "":
		add(juju.Blocked, statusRefused, o.Refused)
	case o.Undecided != "" && !down:
		add(juju.Waiting, statusUndecided, o.Undecided)
	}
	all = append(all, o.running(w, p)...)
	if o.Faulty != "" && !down {
		add(juju.Blocked, statusFaulty, o.Faulty)
	}
	if c, ok := clusterCondition(w.App(), o.ClusterErr); ok {
		all = append(all, c)
	}
	return all
}

// running tells whether what should run does.
func (o Outcome) running(w World, p Plan) []Condition {
	var all []Condition
	add := func(text string) { all = append(all, Condition{juju.Blocked, text}) }
	switch {
	case o.Failed != "":
		add(statusFailed + ": " + o.Failed)
	case o.ReadyDown:
		add(statusFailed)
	case p.Workload == Leave && w.Container.Ready && !w.serving() && !troubled(p.Conditions):
		add(statusNothingServes)
	}
	if o.CourierFailed {
		add(statusCourier)
	}
	if o.UIFailed {
		add(statusUI)
	}
	return all
}

// troubled tells whether there is a condition that says why something is not as
// it should be.
func troubled(conditions []Condition) bool {
	return slices.ContainsFunc(conditions, func(c Condition) bool { return c.Status != juju.Active })
}
