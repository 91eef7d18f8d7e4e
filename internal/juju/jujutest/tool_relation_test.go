package jujutest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRelationTools(t *testing.T) {
	t.Parallel()
	const noRelation, noTarget = "no relation id specified", "no unit or application specified"
	const unknown = `invalid value "smtp:9" for option -r: relation not found`
	tests := map[string]struct {
		line string
		want said
	}{
		"ids":                                  {"relation-ids db --format=json", ok(`["db:12","db:7"]` + "\n")},
		"ids for eyes":                         {"relation-ids db", ok("db:12\ndb:7\n")},
		"ids of what is not related":           {"relation-ids info --format=json", ok("[]\n")},
		"ids of what is not declared":          {"relation-ids nope --format=json", ok("[]\n")},
		"ids of nothing":                       {"relation-ids", mistaken("no endpoint name specified")},
		"ids of two":                           {"relation-ids a b", mistaken(`unrecognized args: ["b"]`)},
		"units":                                {"relation-list -r smtp:5 --format=json", ok(`["mailer/0","mailer/10","mailer/2"]` + "\n")},
		"units by the number":                  {"relation-list --relation 5 --format=json", ok(`["mailer/0","mailer/10","mailer/2"]` + "\n")},
		"the endpoint's name is not looked at": {"relation-list -r burble:7 --app", ok("pg\n")},
		"no units":                             {"relation-list -r db:7 --format=json", ok("[]\n")},
		"peers":                                {"relation-list -r peers:0 --format=json", ok(`["kratos/1"]` + "\n")},
		"the application":                      {"relation-list -r smtp:5 --app --format=json", ok(`"mailer"` + "\n")},
		"the application of peers":             {"relation-list -r peers:0 --app --format=json", ok(`"kratos"` + "\n")},
		"units of nothing":                     {"relation-list", mistaken(noRelation)},
		"units of what is not there":           {"relation-list -r smtp:9", mistaken(unknown)},
		"units of no relation":                 {"relation-list -r smtp", mistaken(`invalid value "smtp" for option -r: invalid relation id`)},
		"units with an argument":               {"relation-list -r smtp:5 x", mistaken(`unrecognized args: ["x"]`)},

		"a unit":                            {"relation-get -r smtp:5 --format=json - mailer/0", ok(`{"egress-subnets":"10.1.2.0/32","ingress-address":"10.1.2.0","private-address":"10.1.2.0","ready":"yes"}` + "\n")},
		"a key":                             {"relation-get -r smtp:5 ready mailer/0", ok("yes\n")},
		"a missing key":                     {"relation-get -r smtp:5 --format=json nope mailer/0", ok("null\n")},
		"an address":                        {"relation-get -r smtp:5 ingress-address kratos/0", ok("10.1.0.10\n")},
		"an application":                    {"relation-get -r smtp:5 --app --format=json - mailer", ok(`{"host":"mail.example.com","port":"25"}` + "\n")},
		"an application by its unit":        {"relation-get -r smtp:5 --app port mailer/2", ok("25\n")},
		"an application that said nothing":  {"relation-get -r db:7 --app --format=json - pg", ok("{}\n")},
		"the own one":                       {"relation-get -r smtp:5 --format=json mine kratos/0", ok(`"1"` + "\n")},
		"the own application, as leader":    {"relation-get -r smtp:5 --app from kratos", ok("us\n")},
		"a peer":                            {"relation-get -r peers:0 theirs kratos/1", ok("2\n")},
		"a unit that is not there":          {"relation-get -r smtp:5 - mailer/7", failed(`cannot read settings for unit "mailer/7" in relation "kratos:smtp mailer:smtp": unit "mailer/7": settings not found`)},
		"a peer that is not there":          {"relation-get -r peers:0 - kratos/9", failed(`cannot read settings for unit "kratos/9" in relation "kratos:peers": unit "kratos/9": settings not found`)},
		"a unit of another relation":        {"relation-get -r smtp:5 - pg/0", failed("permission denied")},
		"an application of another":         {"relation-get -r smtp:5 --app - pg", failed("permission denied")},
		"an own unit outside of peers":      {"relation-get -r smtp:5 - kratos/1", failed("permission denied")},
		"an application without --app":      {"relation-get -r smtp:5 - mailer", mistaken(`expected unit name, got application name "mailer"`)},
		"no unit's name":                    {"relation-get -r smtp:5 - mailer/x", mistaken(`invalid unit name "mailer/x"`)},
		"nobody":                            {"relation-get -r smtp:5 -", mistaken(noTarget)},
		"nobody's application":              {"relation-get -r smtp:5 --app -", mistaken(noTarget)},
		"nothing of nobody":                 {"relation-get - mailer/0", mistaken(noRelation)},
		"of a relation that is not there":   {"relation-get -r smtp:9 - mailer/0", mistaken(unknown)},
		"too much":                          {"relation-get -r smtp:5 - mailer/0 x", mistaken(`unrecognized args: ["x"]`)},
		"set":                               {"relation-set -r smtp:5 a=b", ok("")},
		"set nothing":                       {"relation-set -r smtp:5", ok("")},
		"set for the application":           {"relation-set -r smtp:5 --app a=b", ok("")},
		"set where nothing is":              {"relation-set -r smtp:9 a=b", mistaken(unknown)},
		"set nowhere":                       {"relation-set a=b", mistaken(noRelation)},
		"set no pair":                       {"relation-set -r smtp:5 a", mistaken(`expected "key=value", got "a"`)},
		"set a key twice":                   {"relation-set -r smtp:5 a=b a=c", mistaken(`key "a" specified more than once`)},
		"set a dash":                        {"relation-set -r smtp:5 -a=b", mistaken("option provided but not defined: -a")},
		"set from a file that is not there": {"relation-set -r smtp:5 --file nope", said{1, "", "ERROR open "}},
		"set what Juju sets":                {"relation-set -r smtp:5 private-address=", failed("jujutest: the double keeps private-address for itself")},
		"set an address of all":             {"relation-set -r smtp:5 --app private-address=x", ok("")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnitOf(t, related, relations)
			u.BeginHook("config-changed")
			got := u.call(words(test.line)[0], words(test.line)[1:]...)
			if strings.HasSuffix(test.want.Stderr, "open ") {
				got.Stderr = got.Stderr[:len(test.want.Stderr)]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRelationDefaultsOfAHook(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, relations)
	u.BeginHook("smtp-relation-changed", "JUJU_RELATION_ID=smtp:5", "JUJU_REMOTE_UNIT=mailer/0", "JUJU_REMOTE_APP=mailer")
	for line, want := range map[string]string{
		"relation-ids":                    "smtp:5\n",
		"relation-list --app":             "mailer\n",
		"relation-get ready":              "yes\n",
		"relation-get --app port":         "25\n",
		"relation-get - kratos/0 -r db:7": "egress-subnets: 10.1.0.10/32\ningress-address: 10.1.0.10\nprivate-address: 10.1.0.10\n",
	} {
		if got := u.call(words(line)[0], words(line)[1:]...); got != ok(want) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestRelationNeedsToBeNamedInAnAction(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, relations)
	u.BeginAction("get-identity", nil)
	if got := u.call("relation-get", "-", "mailer/0"); got != mistaken("no relation id specified") {
		t.Errorf("%+v", got)
	}
	if got := u.call("relation-get", "-r", "smtp:5", "ready", "mailer/0"); got != ok("yes\n") {
		t.Errorf("%+v", got)
	}
}

func TestRelationSetIsCommitted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code              int
		wantUnit, wantApp map[string]string
	}{
		"by a hook that succeeds": {0, map[string]string{"mine": "2", "more": "x"}, map[string]string{"a": "b"}},
		"and by no other":         {1, map[string]string{"mine": "1"}, map[string]string{"from": "us"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnitOf(t, related, relations)
			u.BeginHook("config-changed")
			for _, line := range []string{"-r smtp:5 mine=2 more=x gone=", "-r smtp:5 --app a=b from="} {
				if got := u.call("relation-set", words(line)...); got != ok("") {
					t.Fatal(got)
				}
			}
			if diff := cmp.Diff(map[string]string{"from": "us"}, u.State().Relation("smtp:5").OwnAppData); diff != "" {
				t.Error("before the hook is over:", diff)
			}
			if got := u.call("relation-get", "-r", "smtp:5", "mine", "kratos/0"); got != ok("2\n") {
				t.Errorf("a hook sees what it wrote, got %+v", got)
			}
			if got := u.call("relation-get", "-r", "smtp:5", "--app", "--format=json", "-", "kratos"); got != ok(`{"a":"b"}`+"\n") {
				t.Errorf("a hook sees what it wrote, got %+v", got)
			}
			u.End(test.code)
			r := u.State().Relation("smtp:5")
			if diff := cmp.Diff(test.wantUnit, r.OwnUnits["kratos/0"]); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.wantApp, r.OwnAppData); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRelationSetFromAFile(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, relations)
	u.BeginHook("config-changed")
	set := func(stdin string, args ...string) said {
		stdout, stderr, code, err := u.Run(t.Context(), "relation-set", append(args, "-r", "db:7", "--file", "-"), []byte(stdin))
		u.check(err)
		return said{code, string(stdout), string(stderr)}
	}
	if got := set(`{"a":" as it is ","b":"of the file","n":5}`, "b= trimmed "); got != ok("") {
		t.Error(got)
	}
	for _, wrong := range []string{"- a\n- b\n", "a: [b]\n", "a: {b: c}\n"} {
		if got := set(wrong); got.Code != 1 {
			t.Errorf("%q: %+v", wrong, got)
		}
	}
	if got := set(""); got != ok("") {
		t.Error(got)
	}
	u.End(0)
	want := map[string]string{"a": " as it is ", "b": "trimmed", "n": "5"}
	if diff := cmp.Diff(want, u.State().Relation("db:7").OwnUnits["kratos/0"]); diff != "" {
		t.Error(diff)
	}
}

func TestRelationDataIsTheLeaders(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, "leader: false\n"+relations)
	u.BeginHook("config-changed")
	for line, want := range map[string]said{
		"relation-set -r smtp:5 --app a=b":             failed("cannot write relation settings"),
		"relation-set -r smtp:5 --app":                 failed("cannot write relation settings"),
		"relation-set -r peers:0 --app a=b":            failed("cannot write relation settings"),
		"relation-set -r smtp:5 a=b":                   ok(""),
		"relation-get -r smtp:5 --app - kratos":        failed("permission denied"),
		"relation-get -r smtp:5 --app host mailer":     ok("mail.example.com\n"),
		"relation-get -r peers:0 --app version kratos": ok("1\n"),
	} {
		if got := u.call(words(line)[0], words(line)[1:]...); got != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

// A relation may go while a hook runs that has written to it.
func TestRelationIsRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, relations)
	u.BeginHook("config-changed")
	u.call("relation-set", "-r", "db:7", "a=b")
	u.call("relation-set", "-r", "db:12", "a=b")
	u.Change(func(st *State) { st.RemoveRelation("db:7") })
	u.End(0)
	if st := u.State(); st.Status.Status == "error" || st.Relation("db:7") != nil || st.Relation("db:12").OwnUnits["kratos/0"]["a"] != "b" {
		t.Errorf("%+v", st)
	}
}
