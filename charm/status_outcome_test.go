package charm

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// What is shown of several things that went wrong, and that nothing is said to
// serve that does not.
func TestOutcomeStatus(t *testing.T) {
	t.Parallel()
	const failed = "Failed to start the service, please check the kratos container logs"
	for name, test := range map[string]struct {
		outcome Outcome
		status  juju.StatusName
		want    string
	}{
		"settled":              {Outcome{Settled: true}, juju.Active, ""},
		"refused":              {Outcome{Refused: "x"}, juju.Blocked, "Kratos refuses the new configuration and serves on with the old one: x"},
		"refused, down":        {Outcome{Refused: "x", Failed: "y"}, juju.Blocked, "Kratos refuses the new configuration: x; the old one does not run: y"},
		"refused, not ready":   {Outcome{Refused: "x", ReadyDown: true}, juju.Blocked, "Kratos refuses the new configuration: x"},
		"undecided":            {Outcome{Undecided: "x"}, juju.Waiting, "Waiting to try the new configuration, the old one serves on: x"},
		"undecided, down":      {Outcome{Undecided: "x", Failed: "y"}, juju.Blocked, failed + ": y"},
		"undecided, not ready": {Outcome{Undecided: "x", ReadyDown: true}, juju.Blocked, failed},
		"faulty":               {Outcome{Faulty: "x", Settled: true}, juju.Blocked, "Kratos serves with an error in its configuration: x"},
		"faulty, down":         {Outcome{Faulty: "x", Failed: "y"}, juju.Blocked, failed + ": y"},
		"faulty, not ready":    {Outcome{Faulty: "x", Settled: true, ReadyDown: true}, juju.Blocked, failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(juju.Status{Name: test.status, Message: test.want}, Plan{}.status(World{Unit: "kratos/0"}, test.outcome)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
