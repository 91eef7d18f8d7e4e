package jujutest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Relation is a relation that the application has.
type Relation struct {
	// ID is the endpoint and a number, as in smtp:5.
	ID string `yaml:"id"`
	// App is the application on the other side. It is left out of a peer
	// relation; elsewhere that stands for one that Juju cannot name.
	App string `yaml:"app,omitempty"`
	// AppData is the databag of the application on the other side. Units are
	// the units there, each with its databag.
	AppData map[string]string            `yaml:"app-data,omitempty,flow"`
	Units   map[string]map[string]string `yaml:"units,omitempty,flow"`
	// OwnAppData is the databag of the unit's own application, OwnUnits are
	// those of its units. In a peer relation they are all there is, and a unit
	// with a databag there is a peer even if it is no other's than the test's.
	OwnAppData map[string]string            `yaml:"own-app-data,omitempty,flow"`
	OwnUnits   map[string]map[string]string `yaml:"own-units,omitempty,flow"`

	peer bool // as the charm declares the endpoint
}

// The names of applications and units (juju/names).
var (
	appName  = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*$`)
	unitName = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*/(?:0|[1-9][0-9]*)$`)
)

// isUnit tells whether a name is that of a unit of the application.
func isUnit(unit, app string) bool {
	of, _, _ := strings.Cut(unit, "/")
	return of == app && unitName.MatchString(unit)
}

// endpoint gives the endpoint's name.
func (r *Relation) endpoint() string {
	name, _, _ := strings.Cut(r.ID, ":")
	return name
}

// number gives the number in the relation's id.
func (r *Relation) number() (int, error) {
	_, number, _ := strings.Cut(r.ID, ":")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || r.ID != r.endpoint()+":"+strconv.Itoa(n) {
		return 0, fmt.Errorf("jujutest: %q is no id of a relation", r.ID)
	}
	return n, nil
}

// Relation gives the relation of that id, as in smtp:5, or nil.
func (st *State) Relation(id string) *Relation {
	for _, r := range st.Relations {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Integrate adds a relation with another application, as juju integrate does.
func (st *State) Integrate(endpoint, app string) *Relation {
	made := &Relation{ID: endpoint + ":" + strconv.Itoa(st.nextRelation()), App: app}
	made.fill()
	st.Relations = append(st.Relations, made)
	return made
}

// fill makes the maps that are not there, so that a test can write to them.
func (r *Relation) fill() {
	for _, bag := range []*map[string]string{&r.AppData, &r.OwnAppData} {
		if *bag == nil {
			*bag = map[string]string{}
		}
	}
	for _, units := range []*map[string]map[string]string{&r.Units, &r.OwnUnits} {
		if *units == nil {
			*units = map[string]map[string]string{}
		}
	}
}

// RemoveRelation removes a relation, as juju remove-relation does. What was
// granted over it stays granted.
func (st *State) RemoveRelation(id string) {
	st.Relations = slices.DeleteFunc(st.Relations, func(r *Relation) bool { return r.ID == id })
}

// nextRelation gives the number after the last one in use.
func (st *State) nextRelation() int {
	next := 0
	for _, r := range st.Relations {
		if n, err := r.number(); err == nil {
			next = max(next, n+1)
		}
	}
	return next
}

// checkRelations finds what cannot be in the relations of a charm, and adds its
// peer relations, which Juju makes when it deploys.
func (st *State) checkRelations(m metadata) error {
	used, numbers := map[string]int{}, map[int]bool{}
	for _, r := range st.Relations {
		n, err := r.number()
		if err != nil {
			return err
		}
		e, declared := m.endpoints[r.endpoint()]
		used[r.endpoint()]++
		switch {
		case numbers[n]:
			return fmt.Errorf("jujutest: there are two relations with the number %d", n)
		case !declared:
			return fmt.Errorf("jujutest: the state has relation %s, of which the charm does not have the endpoint", r.ID)
		case e.Limit > 0 && used[r.endpoint()] > e.Limit:
			return fmt.Errorf("establishing a new relation for %s:%s would exceed its maximum relation limit of %d", st.application(), r.endpoint(), e.Limit)
		}
		numbers[n], r.peer = true, e.peer
		r.fill()
		if err := r.check(st.application()); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.endpoints)) {
		if m.endpoints[name].peer && used[name] == 0 {
			st.Integrate(name, "").peer = true
		}
	}
	return nil
}

// check finds databags of who cannot be in the relation.
func (r *Relation) check(own string) error {
	if r.peer && (r.App != "" || len(r.AppData) > 0 || len(r.Units) > 0) {
		return fmt.Errorf("jujutest: in relation %s, which is with its peers, all is the application's own", r.ID)
	}
	for unit := range r.Units {
		if !isUnit(unit, r.App) {
			return fmt.Errorf("jujutest: %s is no unit of %s in relation %s", unit, r.App, r.ID)
		}
	}
	for unit := range r.OwnUnits {
		if !isUnit(unit, own) {
			return fmt.Errorf("jujutest: %s is no unit of %s in relation %s", unit, own, r.ID)
		}
	}
	return nil
}

// remote gives the units that a unit of the application sees in the relation.
func (r *Relation) remote(st *State) []string {
	if !r.peer {
		return slices.Sorted(maps.Keys(r.Units))
	}
	seen := map[string]bool{}
	for unit := range r.OwnUnits {
		seen[unit] = true
	}
	for _, m := range st.members() {
		seen[m.Unit] = true
	}
	delete(seen, st.Unit)
	return slices.Sorted(maps.Keys(seen))
}

// What Juju itself says for a unit in its databag.
func ownKey(key string) bool {
	return key == "egress-subnets" || key == "ingress-address" || key == "private-address"
}

// withAddress adds what Juju itself says for a unit to its databag.
func withAddress(bag map[string]string, address string) map[string]string {
	seen := map[string]string{}
	if address != "" {
		seen = map[string]string{
			"egress-subnets": address + "/32", "ingress-address": address, "private-address": address,
		}
	}
	maps.Copy(seen, bag)
	return seen
}

// DatabagChanges are what a hook wants changed in one relation: keys set, or
// with nil deleted.
type DatabagChanges struct {
	App  map[string]*string `yaml:"app,omitempty,flow"`
	Unit map[string]*string `yaml:"unit,omitempty,flow"`
}

// changesIn gives what the hook that runs has written in a relation so far.
func (r *Running) changesIn(relation string) *DatabagChanges {
	if r.Changes.Databags == nil {
		r.Changes.Databags = map[string]*DatabagChanges{}
	}
	c := r.Changes.Databags[relation]
	if c == nil {
		c = &DatabagChanges{}
		r.Changes.Databags[relation] = c
	}
	for _, changes := range []*map[string]*string{&c.App, &c.Unit} {
		if *changes == nil {
			*changes = map[string]*string{}
		}
	}
	return c
}

// commitDatabags carries out what a hook wrote.
func (st *State) commitDatabags(changes map[string]*DatabagChanges) {
	for id, c := range changes {
		r := st.Relation(id)
		if r == nil {
			continue // it was removed meanwhile
		}
		if len(c.App) > 0 {
			r.OwnAppData = changed(r.OwnAppData, c.App)
		}
		if len(c.Unit) > 0 {
			r.OwnUnits[st.Unit] = changed(r.OwnUnits[st.Unit], c.Unit)
		}
	}
}
