// Package relation knows what the charm's relations carry: one file for each
// Juju interface, which turns databags into typed values and typed values into
// databags. It is pure: it reads no file, calls no hook tool, knows no clock.
//
// What stands in a remote databag was written by another charm and is trusted
// with nothing. Each reader gives a value, or an error that is one of three:
// [ErrWaiting], the other side has not said it yet; [ErrMalformed], what it said
// cannot be used; [ErrSecret], the secret that it names was not handed out. An
// error names the relation and the key, and never repeats a value.
//
// Writers give whole databags. What is to be written is the difference to what
// is there ([Diff]), so that a hook that finds nothing new writes nothing. Keys
// are sorted and JSON is stable: the same facts give the same bytes.
package relation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Why a reader has no value to give.
var (
	ErrWaiting   = errors.New("not there yet")
	ErrMalformed = errors.New("malformed")
	ErrSecret    = errors.New("secret not readable")
)

// Databag is the content of a databag. A key that is absent, or whose value is
// empty, is one that is not there: Juju keeps no empty values.
type Databag map[string]string

// Relation is what was observed of one relation.
type Relation struct {
	// ID is the number in Juju's name of the relation: 5 in smtp:5.
	ID int
	// Endpoint is this charm's name for the relation: smtp in smtp:5.
	Endpoint string
	// App is the name of the application on the other side; empty while Juju
	// does not know it.
	App string
	// RemoteApp and RemoteUnits hold what the other side wrote; the key of the
	// latter is the unit's name.
	RemoteApp   Databag
	RemoteUnits map[string]Databag
	// LocalApp and LocalUnit hold what this side wrote. Juju lets only the
	// leader read LocalApp; for the others it is nil.
	LocalApp, LocalUnit Databag
}

// String gives Juju's name of the relation: smtp:5.
func (r Relation) String() string { return r.Endpoint + ":" + strconv.Itoa(r.ID) }

// units gives the remote units' names, sorted.
func (r Relation) units() []string { return slices.Sorted(maps.Keys(r.RemoteUnits)) }

// Error says why a relation could not be read. Its text never holds what
// stands in the databag.
type Error struct {
	// Relation is Juju's name of the relation.
	Relation string
	// Key is the databag's key, with the path into it where it holds JSON:
	// providers[0].client_id.
	Key string
	// Reason says what is wrong with a malformed value.
	Reason string
	kind   error
}

// Error gives the sentence.
func (e *Error) Error() string {
	switch e.kind {
	case ErrWaiting:
		return fmt.Sprintf("waiting for %q in relation %s", e.Key, e.Relation)
	case ErrSecret:
		return fmt.Sprintf("cannot read the secret named by %q in relation %s: %s", e.Key, e.Relation, e.Reason)
	default:
		return fmt.Sprintf("cannot use %q in relation %s: %s", e.Key, e.Relation, e.Reason)
	}
}

// Unwrap gives [ErrWaiting], [ErrMalformed] or [ErrSecret].
func (e *Error) Unwrap() error { return e.kind }

func (r Relation) waiting(key string) error {
	return &Error{Relation: r.String(), Key: key, kind: ErrWaiting}
}

func (r Relation) malformed(key, reason string) error {
	return &Error{Relation: r.String(), Key: key, Reason: reason, kind: ErrMalformed}
}

// Secret is a string that formatting does not show. Convert it to a string
// where its value is meant. Encoders that work by reflection, JSON among them,
// do see it.
type Secret string

// Format writes a placeholder, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) {
	text := "(secret)"
	if s == "" {
		text = "(none)"
	}
	_, _ = f.Write([]byte(text))
}

// Diff compares a databag with what it should hold: the keys to set, with their
// values, and the keys to delete, sorted. The keys that Juju itself keeps in a
// unit's databag stay. Spaces around a value do not count, since relation-set
// cuts them off.
func Diff(have, want Databag) (set Databag, remove []string) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value := strings.TrimSpace(want[key])
		if value == "" || value == strings.TrimSpace(have[key]) {
			continue
		}
		if set == nil {
			set = Databag{}
		}
		set[key] = value
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if have[key] != "" && strings.TrimSpace(want[key]) == "" && !keptByJuju(key) {
			remove = append(remove, key)
		}
	}
	return set, remove
}

// keptByJuju tells the keys that Juju writes into every unit's databag.
func keptByJuju(key string) bool {
	switch key {
	case "egress-subnets", "ingress-address", "private-address":
		return true
	}
	return false
}
