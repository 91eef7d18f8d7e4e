package charm

import (
	"cmp"
	"slices"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

// keys gives the secrets that the unit is to use, and whether they are to be
// written: those that are missing are made, and a rotation goes on, both by the
// leader alone. There are none while nobody has made any.
func keys(w World, f *facts) (k *Keys, write bool) {
	if w.Keys == nil {
		if !w.Leader {
			return nil, false
		}
		fresh := w.Fresh
		return &fresh, true
	}
	next := *w.Keys
	if w.Leader {
		next = next.completed(w.Fresh)
		next = rotated(w, f, next)
	}
	return &next, next != *w.Keys
}

// rotated gives the next step of a rotation: the first where it is asked for,
// the second once every unit accepts the new keys. The two are never made in one
// pass, even by a unit that is alone: Juju keeps what a pass wrote only if it came
// to its end, and what was signed with keys that nobody kept is lost.
func rotated(w World, f *facts, k Keys) Keys {
	switch {
	case w.Asked == AskedRotation && k.Rotation.Step != 1:
		return k.accepting(w.Fresh)
	case k.Rotation.Step == 1 && len(f.late(w, k.Rotation)) == 0:
		return k.using()
	}
	return k
}

// late gives the units that do not accept the keys of the step yet.
func (f *facts) late(w World, step relation.Rotation) []string {
	if f.peers == nil {
		return []string{w.Unit}
	}
	p := *f.peers
	p.Rotation = step
	return p.Waiting(w.Unit)
}

// peersBag is the application's databag of the peers, as it is without a
// migration, and as it is after one.
func peersBag(w World, f *facts, k *Keys, encrypt bool) (plain, migrated *Bag) {
	r, ok := w.one(relation.PeersEndpoint)
	if !ok || f.peers == nil {
		return nil, nil
	}
	p := *f.peers
	p.Leader = w.Unit
	if k != nil {
		p.Rotation = k.Rotation
	}
	if f.database == nil {
		return &Bag{Relation: r, App: relation.WritePeers(p)}, nil
	}
	known, err := f.recordedVersion(w.Container.Version)
	if err == nil { // perhaps by an earlier relation
		noteDatabase(&p, *f.database, known, f.encrypted())
	}
	plain = &Bag{Relation: r, App: relation.WritePeers(p)}
	noteDatabase(&p, *f.database, recordable(w.Container.Version), encrypt || f.encrypted())
	return plain, &Bag{Relation: r, App: relation.WritePeers(p)}
}

// noteDatabase notes which Kratos has migrated a database, and whether its tokens
// are encrypted.
func noteDatabase(p *relation.Peers, d relation.Database, version string, encrypted bool) {
	p.SetVersion(d.RelationID, version)
	p.SetAddress(d)
	if encrypted {
		p.SetEncrypted(d.RelationID)
	}
}

// acknowledgement is this unit's databag of the peers: the step of the keys that
// it runs with.
func acknowledgement(w World, k *Keys) *Bag {
	r, ok := w.one(relation.PeersEndpoint)
	if !ok || k == nil {
		return nil
	}
	return &Bag{Relation: r, Unit: relation.WriteAcknowledgement(k.Rotation)}
}

func sortBags(list []Bag) {
	slices.SortFunc(list, func(a, b Bag) int {
		return cmp.Or(cmp.Compare(a.Relation.Endpoint, b.Relation.Endpoint), cmp.Compare(a.Relation.ID, b.Relation.ID))
	})
}
