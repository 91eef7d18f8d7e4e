package relation

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// PeersEndpoint is the relation of the units among themselves, interface
// kratos_peers.
const PeersEndpoint = "kratos-peers"

const (
	keyLeader          = "leader"
	keyRotation        = "secret_rotation"
	versionKeyPrefix   = "migration_version_"
	encryptedKeyPrefix = "encrypted_database_"
	addressKeyPrefix   = "database_address_"
)

// Rotation is a step on the way from old secrets to new ones. Secrets change in
// two steps, so that no unit meets a cookie that it cannot read: first every
// unit accepts the new key behind the old one, and only when all have said so do
// they use it. The zero value is that of a charm that never rotated.
type Rotation struct {
	// Number counts the rotations, from 1.
	Number int `json:"number"`
	// Step is 1 while the new keys are only accepted, 2 once they are used.
	Step int `json:"step"`
}

// Peers is what the units tell each other.
type Peers struct {
	// Leader is the unit that leads, as it last wrote; empty where that cannot
	// be read. Its change wakes the others.
	Leader string
	// Rotation is the step that the leader asks for.
	Rotation Rotation
	// Acknowledged are the steps that each unit serves with, this one's own
	// among them once it has written it.
	Acknowledged map[string]Rotation

	relation Relation
	versions map[string]string
	// encrypted holds the keys of the databases that were made with encrypted
	// tokens; addresses, where each database is.
	encrypted, addresses map[string]string
}

// ReadPeers reads the peer relation, in which self is this unit's name. The
// application's databag is taken from RemoteApp, which every unit may read, and
// from LocalApp where that is nil: the two are one. What cannot be read of a
// unit's acknowledgement counts as none.
func ReadPeers(r Relation, self string) (Peers, error) {
	app := r.RemoteApp
	if app == nil {
		app = r.LocalApp
	}
	p := Peers{relation: r, Acknowledged: map[string]Rotation{}, versions: map[string]string{}, encrypted: map[string]string{}, addresses: map[string]string{}}
	for key, value := range app {
		switch {
		case value == "":
		case strings.HasPrefix(key, versionKeyPrefix):
			p.versions[key] = value
		case strings.HasPrefix(key, encryptedKeyPrefix):
			p.encrypted[key] = value
		case strings.HasPrefix(key, addressKeyPrefix):
			p.addresses[key] = value
		}
	}
	if json.Unmarshal([]byte(app[keyLeader]), &p.Leader) != nil {
		p.Leader = ""
	}
	if text := app[keyRotation]; text != "" {
		step, err := decode[Rotation](r, keyRotation, text, "a step")
		if err != nil {
			return Peers{}, err
		}
		if !step.valid() {
			return Peers{}, r.malformed(keyRotation, "it is no step of a rotation")
		}
		p.Rotation = step
	}
	for unit, bag := range r.RemoteUnits {
		p.acknowledge(unit, bag)
	}
	p.acknowledge(self, r.LocalUnit)
	return p, nil
}

func (p *Peers) acknowledge(unit string, bag Databag) {
	var step Rotation
	if json.Unmarshal([]byte(bag[keyRotation]), &step) == nil && step.valid() {
		p.Acknowledged[unit] = step
	}
}

func (r Rotation) valid() bool { return r.Number > 0 && (r.Step == 1 || r.Step == 2) }

// Waiting gives the units that do not serve with the rotation's step yet,
// sorted, of all the units that there are: the remote ones and self.
func (p Peers) Waiting(self string) []string {
	if p.Rotation == (Rotation{}) {
		return nil
	}
	var late []string
	for _, unit := range append(p.relation.units(), self) {
		if p.Acknowledged[unit] != p.Rotation {
			late = append(late, unit)
		}
	}
	slices.Sort(late)
	return slices.Compact(late)
}

// Version gives the version of Kratos that last migrated the database of the
// relation with the id. [ErrWaiting] means that none did; [ErrMalformed], that
// what is recorded is no version, and the database must be migrated: it says
// nothing about what was done.
func (p Peers) Version(databaseID int) (string, error) {
	key := versionKeyPrefix + strconv.Itoa(databaseID)
	text, ok := p.versions[key]
	if !ok {
		return "", p.relation.waiting(key)
	}
	version, err := decode[string](p.relation, key, text, "a string")
	if err != nil {
		return "", err
	}
	if !isVersion(version) {
		return "", p.relation.malformed(key, "it is no version")
	}
	return version, nil
}

// isVersion takes what begins as v26.2.0 does.
func isVersion(text string) bool {
	numbers, marked := strings.CutPrefix(text, "v")
	parts := strings.SplitN(numbers, ".", 3)
	if !marked || len(parts) != 3 {
		return false
	}
	parts[2], _, _ = strings.Cut(parts[2], "-")
	parts[2], _, _ = strings.Cut(parts[2], "+")
	for _, part := range parts {
		if part == "" || !allOf(part, func(c byte) bool { return c >= '0' && c <= '9' }) {
			return false
		}
	}
	return true
}

// SetVersion records that Kratos of the version has migrated the database of
// the relation with the id.
func (p *Peers) SetVersion(databaseID int, version string) {
	versions := map[string]string{versionKeyPrefix + strconv.Itoa(databaseID): encode(version)}
	for key, value := range p.versions {
		if _, set := versions[key]; !set {
			versions[key] = value
		}
	}
	p.versions = versions
}

// Encrypted tells whether the tokens in the database of the relation with the id
// are encrypted, which must be so from its first one on or not at all.
func (p Peers) Encrypted(databaseID int) bool {
	return truth(p.encrypted[encryptedKeyPrefix+strconv.Itoa(databaseID)])
}

// SetEncrypted records that they are.
func (p *Peers) SetEncrypted(databaseID int) {
	p.encrypted = maps.Clone(p.encrypted)
	if p.encrypted == nil {
		p.encrypted = map[string]string{}
	}
	p.encrypted[encryptedKeyPrefix+strconv.Itoa(databaseID)] = encode(true)
}

// Known gives the id under which a database is recorded: that of its relation or,
// where that one is new, that of an earlier relation to the same database. A
// database that is not recorded has its relation's.
func (p Peers) Known(d Database) int {
	if _, ok := p.versions[versionKeyPrefix+strconv.Itoa(d.RelationID)]; ok {
		return d.RelationID
	}
	for _, key := range slices.Sorted(maps.Keys(p.addresses)) {
		id, err := strconv.Atoi(strings.TrimPrefix(key, addressKeyPrefix))
		if err == nil && p.addresses[key] == encode(d.address()) {
			return id
		}
	}
	return d.RelationID
}

// SetAddress records where the database is, so that it is known again when it is
// related anew.
func (p *Peers) SetAddress(d Database) {
	p.addresses = maps.Clone(p.addresses)
	if p.addresses == nil {
		p.addresses = map[string]string{}
	}
	p.addresses[addressKeyPrefix+strconv.Itoa(d.RelationID)] = encode(d.address())
}

// WritePeers gives the application's databag, for the leader to write: its name,
// the step it asks for, every version that is recorded, and which databases are
// encrypted, and where.
func WritePeers(p Peers) Databag {
	bag := Databag{}
	maps.Copy(bag, p.versions)
	maps.Copy(bag, p.encrypted)
	maps.Copy(bag, p.addresses)
	if p.Leader != "" {
		bag[keyLeader] = encode(p.Leader)
	}
	if p.Rotation != (Rotation{}) {
		bag[keyRotation] = encode(p.Rotation)
	}
	return bag
}

// WriteAcknowledgement gives this unit's databag: the step it serves with.
func WriteAcknowledgement(step Rotation) Databag {
	if step == (Rotation{}) {
		return Databag{}
	}
	return Databag{keyRotation: encode(step)}
}
