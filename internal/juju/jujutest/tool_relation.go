package jujutest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var errPermission = errors.New("permission denied")

// relationFlag is the -r that the relation tools have. It names a relation by
// its number; what stands before that Juju does not look at.
type relationFlag struct {
	st  *State
	rel *Relation
}

// situate takes the relation of the hook, where there is one.
func (r *relationFlag) situate(w *world, st *State) {
	r.st, r.rel = st, st.Relation(w.getenv("JUJU_RELATION_ID"))
}

func (r *relationFlag) flags(f *flagSet) { f.value(r.set, "r", "relation") }

func (r *relationFlag) set(value string) error {
	number, err := strconv.Atoi(value[strings.LastIndex(value, ":")+1:])
	if err != nil {
		return errors.New("invalid relation id")
	}
	for _, rel := range r.st.Relations {
		if n, err := rel.number(); err == nil && n == number {
			r.rel = rel
			return nil
		}
	}
	return errors.New("relation not found")
}

func (r *relationFlag) check() error {
	if r.rel == nil {
		return usagef("no relation id specified")
	}
	return nil
}

type relationIDs struct {
	out      output
	endpoint string
}

func (t *relationIDs) situate(w *world, _ *State) {
	t.endpoint, _, _ = strings.Cut(w.getenv("JUJU_RELATION_ID"), ":")
}

func (t *relationIDs) flags(f *flagSet) { t.out.flags(f, "smart", "yaml", "json") }

func (t *relationIDs) init(args []string) error {
	if len(args) > 0 {
		t.endpoint, args = args[0], args[1:]
	}
	if t.endpoint == "" {
		return usagef("no endpoint name specified")
	}
	return none(args)
}

func (t *relationIDs) run(w *world, st *State) error {
	ids := []string{}
	for _, r := range st.Relations {
		if r.endpoint() == t.endpoint {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return t.out.write(w, ids)
}

type relationList struct {
	relationFlag
	out output
	app bool
}

func (t *relationList) flags(f *flagSet) {
	t.relationFlag.flags(f)
	t.out.flags(f, "smart", "yaml", "json")
	f.bool(&t.app, "app")
}

func (t *relationList) init(args []string) error {
	if err := t.check(); err != nil {
		return err
	}
	return none(args)
}

func (t *relationList) run(w *world, st *State) error {
	switch {
	case t.app && t.rel.peer:
		return t.out.write(w, st.application())
	case t.app:
		return t.out.write(w, t.rel.App)
	}
	units := t.rel.remote(st)
	if units == nil {
		units = []string{}
	}
	return t.out.write(w, units)
}

type relationGet struct {
	relationFlag
	out     output
	app     bool
	key, of string
	// unit and remote are those of the hook, which stand for what is not said.
	unit, remote string
}

func (t *relationGet) situate(w *world, st *State) {
	t.relationFlag.situate(w, st)
	t.unit, t.remote = w.getenv("JUJU_REMOTE_UNIT"), w.getenv("JUJU_REMOTE_APP")
}

func (t *relationGet) flags(f *flagSet) {
	t.relationFlag.flags(f)
	t.out.flags(f, "smart", "yaml", "json")
	f.bool(&t.app, "app")
}

func (t *relationGet) init(args []string) error {
	if err := t.check(); err != nil {
		return err
	}
	if len(args) > 0 {
		t.key, args = args[0], args[1:]
	}
	if t.key == "-" {
		t.key = ""
	}
	switch {
	case len(args) > 0:
		t.of, args = args[0], args[1:]
	case !t.app && t.unit != "":
		t.of = t.unit
	default:
		t.app, t.of = true, t.remote
	}
	switch {
	case t.of == "":
		return usagef("no unit or application specified")
	case t.app:
		t.of, _, _ = strings.Cut(t.of, "/")
	case appName.MatchString(t.of):
		return usagef("expected unit name, got application name %q", t.of)
	case !unitName.MatchString(t.of):
		return usagef("invalid unit name %q", t.of)
	}
	return none(args)
}

func (t *relationGet) run(w *world, st *State) error {
	read := t.rel.unitBag
	if t.app {
		read = t.rel.appBag
	}
	bag, err := read(st, t.of)
	if err != nil {
		return err
	}
	if t.key == "" {
		return t.out.write(w, bag)
	}
	if value, found := bag[t.key]; found {
		return t.out.write(w, value)
	}
	return t.out.write(w, nil)
}

// appBag is an application's databag as the unit may see it. Its own
// application's is the leader's, except among peers.
func (r *Relation) appBag(st *State, app string) (map[string]string, error) {
	switch {
	case app == st.application() && st.Leader:
		return changed(r.OwnAppData, st.Running.changesIn(r.ID).App), nil
	case app == st.application() && r.peer:
		return changed(r.OwnAppData, nil), nil
	case app == r.App:
		return changed(r.AppData, nil), nil
	}
	return nil, errPermission
}

// unitBag is a unit's databag as the unit may see it: its own with what it
// wrote, and those on the other side.
func (r *Relation) unitBag(st *State, unit string) (map[string]string, error) {
	app, number, _ := strings.Cut(unit, "/")
	switch {
	case unit == st.Unit:
		bag := changed(r.OwnUnits[unit], st.Running.changesIn(r.ID).Unit)
		return withAddress(bag, st.address()), nil
	case slices.Contains(r.remote(st), unit) && st.member(unit) != nil:
		return withAddress(r.OwnUnits[unit], st.member(unit).address()), nil
	case slices.Contains(r.remote(st), unit) && r.peer:
		return withAddress(r.OwnUnits[unit], "10.1.1."+number), nil
	case slices.Contains(r.remote(st), unit):
		return withAddress(r.Units[unit], "10.1.2."+number), nil
	case app == r.App || r.peer && app == st.application():
		between := st.application() + ":" + r.endpoint()
		if !r.peer {
			between += " " + app + ":" + r.endpoint()
		}
		return nil, fmt.Errorf("cannot read settings for unit %q in relation %q: unit %q: settings not found", unit, between, unit)
	}
	return nil, errPermission
}

type relationSet struct {
	relationFlag
	keyValues
	app    bool
	format string // Juju takes it, and says that it is of no use
}

func (t *relationSet) flags(f *flagSet) {
	t.relationFlag.flags(f)
	t.keyValues.flags(f)
	f.bool(&t.app, "app")
	f.text(&t.format, "format")
}

func (t *relationSet) init(args []string) error {
	if err := t.check(); err != nil {
		return err
	}
	return t.keyValues.init(args)
}

func (t *relationSet) run(w *world, st *State) error {
	values, err := t.read(w)
	if err != nil {
		return err
	}
	if t.app && !st.Leader {
		return errors.New("cannot write relation settings")
	}
	changes := st.Running.changesIn(t.rel.ID).Unit
	if t.app {
		changes = st.Running.changesIn(t.rel.ID).App
	}
	for key, value := range values {
		switch {
		case !t.app && ownKey(key):
			return fmt.Errorf("jujutest: the double keeps %s for itself", key)
		case value == "":
			changes[key] = nil
		default:
			changes[key] = &value
		}
	}
	return nil
}
