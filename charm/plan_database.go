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
	schemaNone                          // nobody is in the database, and nothing is recorded
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
	if f.database == nil || f.peers == nil || !w.Container.Ready || w.Container.Mute {
		return schemaUnknown
	}
	recorded, err := f.recordedVersion(w.Container.Version)
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
	case w.Database == DatabaseAway:
		return schemaUnanswered
	case err == nil, w.Database == DatabaseHolds:
		return schemaOlder
	case w.Database == DatabaseEmpty:
		return schemaNone
	}
	return schemaUnknown
}

// recordedVersion gives the version of Kratos that is recorded of the database. Of
// one that is related anew, a version newer than the program is none: going back
// to an older Kratos is done by restoring a backup and relating it anew.
func (f *facts) recordedVersion(program string) (string, error) {
	id := f.recordID()
	recorded, err := f.peers.Version(id)
	if err == nil && id != f.database.RelationID && compare(recorded, program) > 0 {
		return "", relation.ErrWaiting
	}
	return recorded, err
}

// recordID is the id under which the peers have recorded the database.
func (f *facts) recordID() int { return f.peers.Known(*f.database) }

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
		if recorded == unreadableVersion {
			return 0
		}
		return -1 // nobody knows: to be migrated
	}
	recorded, program = comparable(recorded), comparable(program)
	if numbers, _, _ := strings.Cut(program, "-"); recorded == numbers {
		return 0
	}
	return semver.Compare(recorded, program)
}

// comparable cuts from a version what does not tell older from newer: all that
// does not stand there for a release before the release.
func comparable(version string) string {
	numbers, suffix, _ := strings.Cut(version, "-")
	for _, before := range []string{"alpha", "beta", "pre", "rc", "unreadable"} {
		if strings.HasPrefix(suffix, before) {
			return version
		}
	}
	return numbers
}

// recordable gives the version to record of a program.
func recordable(version string) string { return firstOf(version, unreadableVersion) }
