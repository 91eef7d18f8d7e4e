package jujutest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// owned is a state with a secret of the application's, one of another unit's
// and one of another application's.
const owned = `
secrets:
- {id: cql684nmp25c75sflot0, owner: kratos, label: cookie, revisions: [{cookie: s3cr3t-mark}]}
- {id: cql684nmp25c75sflotg, owner: kratos/1, label: cookie, revisions: [{cookie: s3cr3t-mark}]}
- {id: cql684nmp25c75sflou0, owner: pg, label: user, grants: [kratos], revisions: [{password: s3cr3t-mark}]}
` + relations

func TestOwnSecretTools(t *testing.T) {
	t.Parallel()
	const mine, other, granted = secretID, "cql684nmp25c75sflotg", "cql684nmp25c75sflou0"
	const noID, notMine = "missing secret URI", "permission denied"
	tests := map[string]struct {
		line string
		want said
	}{
		"add nothing":                      {"secret-add", mistaken("missing secret value or filename")},
		"add a short key":                  {"secret-add ab=x", mistaken(`key "ab" not valid`)},
		"add an upper case key":            {"secret-add Key=x", mistaken(`key "Key" not valid`)},
		"add an underscore":                {"secret-add my_key=x", mistaken(`key "my_key" not valid`)},
		"add for nobody":                   {"secret-add --owner model key=x", mistaken(`secret owner "model" not valid`)},
		"add a label that is taken":        {"secret-add --label cookie key=x", failed(`secret with label "cookie" already exists`)},
		"add what goes away":               {"secret-add --expire 1h key=x", mistaken(`invalid value "1h" for option --expire: jujutest: it is not part of the double`)},
		"add from a path of the caller's":  {"secret-add --file content", mistaken("open /content: no such file or directory")},
		"set":                              {"secret-set " + mine + " cookie=new", ok("")},
		"set by its URI":                   {"secret-set secret:" + mine + " cookie=new", ok("")},
		"set its own label":                {"secret-set " + mine + " --label cookie", ok("")},
		"set nothing":                      {"secret-set", mistaken(noID)},
		"set by its label":                 {"secret-set cookie cookie=new", mistaken(`secret URI "cookie" not valid`)},
		"set another's":                    {"secret-set " + granted + " password=x", failed(notMine)},
		"set another unit's":               {"secret-set " + other + " cookie=x", failed(notMine)},
		"set what is not there":            {"secret-set 00000000000000000000 key=x", failed(`secret "00000000000000000000" not found`)},
		"info by label":                    {"secret-info-get --label cookie --format=json", ok(`{"` + mine + `":{"revision":1,"label":"cookie","owner":"application","rotation":"never"}}` + "\n")},
		"info by id":                       {"secret-info-get " + mine + " --format=json", ok(`{"` + mine + `":{"revision":1,"label":"cookie","owner":"application","rotation":"never"}}` + "\n")},
		"info of another's":                {"secret-info-get " + granted, failed(`secret "` + granted + `" not found`)},
		"info of nothing":                  {"secret-info-get", mistaken("require either a secret URI or label")},
		"info of both":                     {"secret-info-get --label cookie " + mine, mistaken("specify either a secret URI or label but not both")},
		"info of no label":                 {"secret-info-get --label nope", failed(`secret "nope" not found`)},
		"ids":                              {"secret-ids --format=json", ok(`["` + mine + `"]` + "\n")},
		"remove":                           {"secret-remove " + mine, ok("")},
		"remove another's":                 {"secret-remove " + granted, failed(notMine)},
		"remove nothing":                   {"secret-remove", mistaken(noID)},
		"grant":                            {"secret-grant " + mine + " -r smtp:5", ok("")},
		"grant nowhere":                    {"secret-grant " + mine, mistaken("no relation id specified")},
		"grant where nothing is":           {"secret-grant " + mine + " -r 9", mistaken(`invalid value "9" for option -r: relation not found`)},
		"grant another's":                  {"secret-grant " + granted + " -r smtp:5", failed(notMine)},
		"read by the owner's label":        {"secret-get --label cookie --refresh --format=json", ok(`{"cookie":"s3cr3t-mark"}` + "\n")},
		"read another's by its own label":  {"secret-get --label user", failed(`consumer label "user" not found`)},
		"read another unit's":              {"secret-get " + other, failed(notMine)},
		"read another's that was granted":  {"secret-get " + granted + " --format=json", ok(`{"password":"s3cr3t-mark"}` + "\n")},
		"read another's and give a label":  {"secret-get " + granted + " --label mine --refresh --format=json", ok(`{"password":"s3cr3t-mark"}` + "\n")},
		"read what is not there by its id": {"secret-get 00000000000000000000", failed(`secret "secret:00000000000000000000" not found`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnitOf(t, related, owned)
			u.BeginHook("config-changed")
			if diff := cmp.Diff(test.want, u.call(words(test.line)[0], words(test.line)[1:]...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOwnSecretsAreTheLeaders(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, "leader: false\n"+owned)
	u.BeginHook("config-changed")
	for line, want := range map[string]said{
		"secret-add key=x":                         failed("this unit is not the leader"),
		"secret-set " + secretID + " key=x":        failed("this unit is not the leader"),
		"secret-remove " + secretID:                failed("this unit is not the leader"),
		"secret-grant " + secretID + " -r 5":       failed("this unit is not the leader"),
		"secret-info-get --label cookie":           failed(`secret "cookie" not found`),
		"secret-ids --format=json":                 ok("[]\n"),
		"secret-get --label cookie":                ok("cookie: s3cr3t-mark\n"),
		"secret-get cql684nmp25c75sflot0 cookie":   ok("s3cr3t-mark\n"),
		"secret-get cql684nmp25c75sflot0 nothing!": failed(`secret key value "nothing!" not found`),
	} {
		if got := u.call(words(line)[0], words(line)[1:]...); got != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if got := u.call("secret-add", "--owner", "unit", "key=x"); got.Code != 0 {
		t.Errorf("a unit's own needs no leader, got %+v", got)
	}
}

func TestSecretIsAddedWhenTheHookIsOver(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code int
		want []map[string]string
	}{
		"well":   {0, []map[string]string{{"key": "s3cr3t-mark"}}},
		"or not": {1, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, "")
			u.charm("../content", "key: s3cr3t-mark", 0o600)
			u.BeginHook("config-changed")
			added := u.call("secret-add", "--label=cookie", "--description=why", "--file="+filepath.Join(filepath.Dir(u.store.path), "content"))
			if !strings.HasPrefix(added.Stdout, "secret:") || added.Code != 0 {
				t.Fatal(added)
			}
			if u.State().Secret(strings.TrimSpace(added.Stdout)) != nil {
				t.Error("it is there before the hook is over")
			}
			for _, line := range [][]string{{"--label", "cookie"}, {strings.TrimSpace(added.Stdout)}} {
				if got := u.call("secret-get", line...); got != ok("key: s3cr3t-mark\n") {
					t.Errorf("a hook sees what it made, got %+v", got)
				}
			}
			if got := u.call("secret-add", "--label=cookie", "key=x"); got != failed(`secret with label "cookie" already exists`) {
				t.Errorf("%+v", got)
			}
			if got := u.call("secret-info-get", "--label=cookie"); got.Code != 0 || !strings.Contains(got.Stdout, "revision: 1\n") {
				t.Errorf("Juju lists it already, got %+v", got)
			}
			u.End(test.code)
			var revisions []map[string]string
			if s := u.State().Owned("cookie"); s != nil {
				revisions = s.Revisions
			}
			if diff := cmp.Diff(test.want, revisions); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecretThatIsAddedIsSet(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginHook("config-changed")
	id := strings.TrimSpace(u.call("secret-add", "--label=one", "key=x").Stdout)
	if got := u.call("secret-set", id, "key=y", "--label=two"); got != ok("") {
		t.Fatal(got)
	}
	u.End(0)
	if s := u.State().Owned("two"); s == nil || len(s.Revisions) != 1 || s.Revisions[0]["key"] != "y" {
		t.Errorf("it has one revision, got %+v", s)
	}
}

// What a hook changed of a secret is seen by its id. Under the label it has had
// Juju 3 still finds the old content.
func TestSecretThatIsSetIsRead(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, owned)
	u.BeginHook("config-changed")
	read := func(want string, args ...string) {
		t.Helper()
		if got := u.call("secret-get", args...); got != ok("cookie: "+want+"\n") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	read("s3cr3t-mark", secretID)
	if got := u.call("secret-set", secretID, "cookie=new"); got != ok("") {
		t.Fatal(got)
	}
	read("s3cr3t-mark", secretID)
	read("new", secretID, "--peek")
	read("s3cr3t-mark", "--label=cookie", "--refresh")
	if st := u.State(); len(st.Owned("cookie").Revisions) != 1 {
		t.Error("it is changed before the hook is over")
	}
	u.End(0)
	u.BeginHook("config-changed")
	read("s3cr3t-mark", secretID)
	read("new", "--label=cookie", "--peek")
	read("new", secretID, "--refresh")
	read("new", secretID)
	u.call("secret-set", secretID, "cookie=newer")
	read("newer", secretID, "--refresh")
	u.End(0)
	u.BeginHook("config-changed")
	read("newer", secretID)
	u.call("secret-remove", secretID)
	u.End(0)
	if u.State().Owned("cookie") != nil {
		t.Error("it is there still")
	}
}

// Juju lists the unit's secrets as they will be.
func TestSecretsAreListedWithWhatIsPending(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, owned)
	u.BeginHook("config-changed")
	id := strings.TrimSpace(u.call("secret-add", "--label=new", "--description=why", "key=x").Stdout)
	u.call("secret-set", secretID, "cookie=other", "--label=renamed")
	u.call("secret-grant", secretID, "-r", "smtp:5")
	want := `{"` + secretID + `":{"revision":2,"label":"renamed","owner":"application","rotation":"never","access":[{"target":"application-mailer","scope":"relation","role":"view"}]}}` + "\n"
	if got := u.call("secret-info-get", "--label=renamed", "--format=json"); got != ok(want) {
		t.Errorf("%+v", got)
	}
	if got := u.call("secret-ids"); got != ok(secretID+"\n"+strings.TrimPrefix(id, "secret:")+"\n") {
		t.Errorf("%+v", got)
	}
	if got := u.call("secret-add", "--label=renamed", "key=x"); got != failed(`secret with label "renamed" already exists`) {
		t.Errorf("%+v", got)
	}
	if got := u.call("secret-set", id, "--label=renamed"); got != failed(`secret with label "renamed" already exists`) {
		t.Errorf("%+v", got)
	}
	u.call("secret-remove", secretID)
	if got := u.call("secret-info-get", secretID); got != failed(`secret "`+secretID+`" not found`) {
		t.Errorf("%+v", got)
	}
	if s := u.State().Secret(secretID); s.Label != "cookie" || len(s.Revisions) != 1 || len(s.Grants) > 0 {
		t.Errorf("to list is not to change: %+v", s)
	}
}

func TestTheSameContentIsNoRevision(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, owned)
	u.BeginHook("config-changed")
	u.call("secret-set", secretID, "cookie=s3cr3t-mark", "--description=why")
	u.End(0)
	if s := u.State().Secret(secretID); len(s.Revisions) != 1 || s.Description != "why" {
		t.Errorf("%+v", s)
	}
}

func TestSecretIsGrantedOverARelation(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, owned)
	u.BeginHook("config-changed")
	u.call("secret-grant", secretID, "-r", "smtp:5")
	u.call("secret-grant", secretID, "-r", "smtp:5")
	u.End(0)
	if diff := cmp.Diff([]string{"mailer"}, u.State().Owned("cookie").Grants); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsOfOthers(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, relations)
	var id string
	u.Change(func(st *State) { id = st.AddSecret("pg", "user", map[string]string{"password": "one"}).URI() })
	read := func(want said, args ...string) {
		t.Helper()
		u.BeginHook("config-changed")
		if got := u.call("secret-get", append([]string{id, "password"}, args...)...); got != want {
			t.Errorf("%v: %+v", args, got)
		}
		u.End(0)
	}
	read(failed("permission denied"))
	u.Change(func(st *State) { st.Secret(id).Grants = []string{"kratos"} })
	read(ok("one\n"), "--label=mine")
	u.Change(func(st *State) {
		s := st.Secret(id)
		s.Revisions = append(s.Revisions, map[string]string{"password": "two"})
	})
	read(ok("one\n"))
	read(ok("two\n"), "--refresh")
	u.BeginHook("secret-changed")
	if got := u.call("secret-get", "--label=mine"); got != ok("password: two\n") {
		t.Errorf("by the label that it was given: %+v", got)
	}
	u.End(0)
	u.Change(func(st *State) { st.Secret(id).Grants = nil })
	read(failed("permission denied"))
}

func TestSecretsOfAUnit(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, "leader: false\n"+owned)
	u.BeginHook("config-changed")
	id := strings.TrimSpace(u.call("secret-add", "--owner=unit", "--label=cookie", "key=x").Stdout)
	u.Lead()
	if got := u.call("secret-add", "--label=another", "key=x"); got.Code != 0 {
		t.Errorf("%+v", got)
	}
	if got := u.call("secret-add", "--owner=unit", "--label=another", "key=x"); got.Code != 0 {
		t.Errorf("a unit's labels are its own, got %+v", got)
	}
	u.End(0)
	u.BeginHook("config-changed")
	want := `{"` + strings.TrimPrefix(id, "secret:") + `":{"revision":1,"label":"cookie","owner":"unit","rotation":"never"}}` + "\n"
	if got := u.call("secret-info-get", id, "--format=json"); got != ok(want) {
		t.Errorf("%+v", got)
	}
}

// A secret may go while a hook runs that has changed it.
func TestSecretIsRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, owned)
	u.BeginHook("config-changed")
	u.call("secret-set", secretID, "cookie=new")
	u.Change(func(st *State) { st.Secrets = st.Secrets[1:] })
	u.End(0)
	if st := u.State(); st.Status.Status == "error" || st.Secret(secretID) != nil {
		t.Errorf("%+v", st)
	}
}
