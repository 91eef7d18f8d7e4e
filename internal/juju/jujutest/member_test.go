package jujutest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTwoUnits(t *testing.T) {
	t.Parallel()
	first := NewUnitOf(t, related, relations)
	second := first.Join("kratos/3")
	first.BeginHook("config-changed")
	second.BeginHook("peers-relation-created")
	call := func(u *Unit, want string, line string) {
		t.Helper()
		if got := u.call(words(line)[0], words(line)[1:]...); got != ok(want) {
			t.Errorf("%s: %+v", line, got)
		}
	}
	call(first, "True\n", "is-leader")
	call(second, "False\n", "is-leader")
	call(first, "", "status-set active fine")
	call(second, "", "status-set waiting")
	call(first, "", "relation-set -r peers:0 --app version=2")
	call(second, "", "relation-set -r peers:0 ready=yes")
	call(second, "", "open-port 80")
	call(first, "kratos/1\nkratos/3\n", "relation-list -r peers:0")
	call(second, "kratos/0\nkratos/1\n", "relation-list -r peers:0")
	call(first, "", "relation-get -r peers:0 ready kratos/3")
	call(second, "1\n", "relation-get -r peers:0 --app version kratos")
	call(second, "10.1.0.10\n", "relation-get -r peers:0 ingress-address kratos/0")
	call(first, "10.1.0.11\n", "relation-get -r peers:0 ingress-address kratos/3")
	if got := first.call("relation-get", "-r", "smtp:5", "-", "kratos/3"); got != failed("permission denied") {
		t.Errorf("outside of peers units see none of their own kind, got %+v", got)
	}
	second.End(0)
	call(first, "yes\n", "relation-get -r peers:0 ready kratos/3")
	first.End(0)
	second.BeginHook("peers-relation-changed", "JUJU_RELATION_ID=peers:0", "JUJU_REMOTE_APP=kratos")
	call(second, "2\n", "relation-get --app version")

	one, other := first.State(), second.State()
	if one.Unit != "kratos/0" || one.Status != (Status{"active", "fine"}) || len(one.Ports) > 0 {
		t.Errorf("%+v", one.Member)
	}
	if other.Unit != "kratos/3" || other.Status != (Status{"waiting", ""}) || other.Ports[0] != "80/tcp" {
		t.Errorf("%+v", other.Member)
	}
	if diff := cmp.Diff([]string{"relation-get", "--app", "version"}, second.Calls()[len(second.Calls())-1]); diff != "" {
		t.Error(diff)
	}
	if len(first.Calls()) != 8 {
		t.Errorf("each unit has its own calls, got %q", first.Calls())
	}
}

func TestLeadershipMoves(t *testing.T) {
	t.Parallel()
	first := NewUnit(t, "")
	second := first.Join("kratos/1")
	leads := func(want ...bool) {
		t.Helper()
		if got := []bool{first.State().Leader, second.State().Leader}; !cmp.Equal(got, want) {
			t.Errorf("%v", got)
		}
	}
	leads(true, false)
	second.Lead()
	leads(false, true)
	second.BeginHook("leader-elected")
	if got := second.call("secret-add", "--label=cookie", "key=s3cr3t-mark"); got.Code != 0 {
		t.Fatal(got)
	}
	second.End(0)
	first.BeginHook("update-status")
	if got := first.call("secret-get", "--label=cookie"); got != ok("key: s3cr3t-mark\n") {
		t.Errorf("%+v", got)
	}
	first.End(0)
	second.Resign()
	leads(false, false)
	first.Lead()
	leads(true, false)
	if got := second.Join("kratos/1").State().Leader; got {
		t.Error("to join again changes nothing")
	}
}

func TestAHookThatFailsInOneUnit(t *testing.T) {
	t.Parallel()
	first := NewUnit(t, "")
	second := first.Join("kratos/1")
	first.BeginHook("config-changed")
	second.BeginHook("config-changed")
	second.call("state-set", "a=b")
	first.call("state-set", "a=c")
	second.End(1)
	first.End(0)
	if st := second.State(); st.Status.Status != "error" || len(st.CharmState) > 0 {
		t.Errorf("%+v", st.Member)
	}
	if st := first.State(); st.Status.Status != "" || st.CharmState["a"] != "c" {
		t.Errorf("%+v", st.Member)
	}
}

func TestAUnitThatIsNotThere(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	if _, err := (store{path: u.store.path, unit: "kratos/9"}).view(); err == nil || err.Error() != "jujutest: the state has no unit kratos/9" {
		t.Error(err)
	}
}
