package charm

import (
	"strconv"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

// schemaState is how the schema in the database stands to the unit's Kratos.
type schemaState int

const (
	schemaUnknown    schemaState = iota // it could not be found out
	schemaCurrent                       // Kratos can serve
	schemaNone                          // the database is empty
	schemaOlder                         // it waits for a migration
	schemaNewer                         // a newer Kratos has migrated it
	schemaElsewhere                     // the leader has to see to it
	schemaUnanswered                    // the database does not answer
)

// unreadableVersion is recorded for a Kratos that gives no version. It is older
// than all that do, so that none of them takes the schema for its own.
const unreadableVersion = "v0.0.0-unreadable"

// schema compares what the peers have recorded with the unit's Kratos, and looks
// at what was found in the database where that does not say enough.
func schema(w World, f *facts) schemaState {
	if f.database == nil || f.peers == nil || !w.Container.Ready {
		return schemaUnknown
	}
	recorded, err := f.peers.Version(f.database.RelationID)
	if err == nil {
		switch age := compare(recorded, w.Container.Version); {
		case age > 0:
			return schemaNewer
		case age == 0 && (w.Container.Version != "" || !w.Leader || w.ranWith(f.database)):
			return schemaCurrent
		}
	}
	switch {
	case !w.Leader:
		return schemaElsewhere
	case w.Database == DatabaseEmpty:
		return schemaNone
	case w.Database == DatabaseHolds:
		return schemaOlder
	case w.Database == DatabaseAway:
		return schemaUnanswered
	}
	return schemaUnknown
}

// ranWith tells whether this container's Kratos was put to work on the database
// before: what it is does not change in the life of a container.
func (w World) ranWith(d *relation.Database) bool {
	return w.Container.Plan.Services[serviceKratos].Environment[databaseVariable] == strconv.Itoa(d.RelationID)
}

// compare tells whether the recorded version is newer (above zero), the same or
// older than that of the program. A program without a version is compared with
// other such programs alone, and is older than the rest. The charm before this
// one cut what stands behind the numbers, so numbers alone are the same as these
// with more behind.
func compare(recorded, program string) int {
	if program == "" {
		program = unreadableVersion
		if recorded != unreadableVersion {
			return -1 // nobody knows: to be migrated
		}
	}
	if numbers, _, _ := strings.Cut(program, "-"); recorded == numbers {
		return 0
	}
	return semver.Compare(recorded, program)
}

// recordable gives the version to record of a program.
func recordable(version string) string { return firstOf(version, unreadableVersion) }
