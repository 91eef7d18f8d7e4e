package juju

import "strings"

// Application gives the application that a unit, as JUJU_UNIT_NAME has it,
// belongs to. Empty stays empty.
func Application(unit string) string {
	app, _, _ := strings.Cut(unit, "/")
	return app
}
