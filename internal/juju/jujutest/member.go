package jujutest

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Member is what Juju keeps for one unit of the application alone.
type Member struct {
	// Unit is the unit's name, kratos/0 by default.
	Unit string `yaml:"unit"`
	// Leader tells whether the unit leads its application; true by default,
	// false for the others.
	Leader bool `yaml:"leader"`
	// Address is the pod's; one is made up where it is left out. "none" stands
	// for a pod that has none yet.
	Address string `yaml:"address,omitempty"`
	// Status is what the charm set.
	Status Status `yaml:"status,omitempty"`
	// Version is what application-version-set said.
	Version string `yaml:"version,omitempty"`
	// Ports are the open ones, as 4433/tcp.
	Ports []string `yaml:"ports,omitempty"`
	// CharmState is what state-set keeps for the unit.
	CharmState map[string]string `yaml:"charm-state,omitempty,flow"`
	// Running is the hook or action that runs.
	Running *Running `yaml:"running,omitempty"`
}

// as makes another member the one that the state is of. The one that was takes
// its place among the others.
func (st *State) as(unit string) error {
	if unit == "" || unit == st.Unit {
		return nil
	}
	for _, other := range st.Others {
		if other.Unit == unit {
			st.Member, *other = *other, st.Member
			return nil
		}
	}
	return fmt.Errorf("jujutest: the state has no unit %s", unit)
}

// members gives all units of the application that the state knows.
func (st *State) members() []*Member { return append([]*Member{&st.Member}, st.Others...) }

// member gives the unit of that name, or nil.
func (st *State) member(unit string) *Member {
	for _, m := range st.members() {
		if m.Unit == unit {
			return m
		}
	}
	return nil
}

// checkMembers finds what cannot be, and gives an address to who has none.
func (st *State) checkMembers() error {
	seen, leaders := map[string]bool{}, 0
	for i, m := range st.members() {
		switch {
		case !isUnit(m.Unit, st.application()):
			return fmt.Errorf("jujutest: %q is no unit of %s", m.Unit, st.application())
		case seen[m.Unit]:
			return fmt.Errorf("jujutest: the state has unit %s twice", m.Unit)
		case m.Leader:
			leaders++
		}
		seen[m.Unit] = true
		if m.Address == "" {
			m.Address = fmt.Sprintf("10.1.0.%d", 10+i)
		}
	}
	if leaders > 1 {
		return fmt.Errorf("jujutest: the state has %d leaders", leaders)
	}
	return nil
}

// address gives the pod's address, or nothing while it has none.
func (m *Member) address() string {
	if m.Address == "none" {
		return ""
	}
	return m.Address
}

// Join adds a unit to the application, unless it is there already, and gives
// it. It shares with the first all that Juju keeps for the application and for
// the model; it does not lead. It is for the goroutine of the first.
func (u *Unit) Join(name string) *Unit {
	u.tb.Helper()
	u.Change(func(st *State) {
		if st.member(name) == nil {
			st.Others = append(st.Others, &Member{Unit: name})
		}
	})
	joined := &Unit{tb: u.tb, store: store{path: u.store.path, unit: name}}
	joined.State() // a name that cannot be is found here
	return joined
}

// Lead makes the unit the leader of its application, and no other.
func (u *Unit) Lead() {
	u.tb.Helper()
	u.Change(func(st *State) {
		for _, other := range st.Others {
			other.Leader = false
		}
		st.Leader = true
	})
}

// Resign makes the unit lead no more. Nobody does, until somebody leads.
func (u *Unit) Resign() {
	u.tb.Helper()
	u.Change(func(st *State) { st.Leader = false })
}

// Change changes the state as events of the model do: relations, what others
// say in them, secrets, configuration, resources. It is for between hooks; what
// cannot be ends the test.
func (u *Unit) Change(change func(*State)) {
	u.tb.Helper()
	u.check(u.store.update(func(st *State) error {
		change(st)
		return nil
	}))
	u.State() // what cannot be is found here
}

func (u *Unit) journal() string {
	return u.store.path + strings.ReplaceAll(u.store.unit, string(filepath.Separator), "-") + ".journal"
}
