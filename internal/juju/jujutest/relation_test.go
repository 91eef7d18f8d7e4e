package jujutest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// related is a charm with endpoints of all kinds.
var related = map[string]string{"metadata.yaml": `
name: kratos
provides: {info: {interface: info}}
requires: {smtp: {interface: smtp, limit: 1}, db: {interface: db}}
peers: {peers: {interface: peers}}
resources:
  image: {type: oci-image}
  schema: {type: file, filename: schema.json}
`}

const relations = `
relations:
- id: smtp:5
  app: mailer
  app-data: {host: mail.example.com, port: "25"}
  units: {mailer/0: {ready: "yes"}, mailer/10: {}, mailer/2: {}}
  own-app-data: {from: us}
  own-units: {kratos/0: {mine: "1"}}
- {id: db:7, app: pg}
- {id: db:12, app: pg-two}
- {id: peers:0, own-app-data: {version: "1"}, own-units: {kratos/1: {theirs: "2"}}}
`

// refusedState gives why a state, or a charm, cannot be.
func refusedState(t *testing.T, metadata, state string) string {
	t.Helper()
	u := NewUnit(t, "")
	u.charm("metadata.yaml", metadata, 0o600)
	u.charm("../juju.yaml", state, 0o600)
	_, err := u.store.view()
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestStatesThatCannotBe(t *testing.T) {
	t.Parallel()
	const smtp = "relations: [{id: smtp:5, app: mailer"
	tests := map[string]struct{ state, want string }{
		"an endpoint that the charm does not have": {"relations: [{id: http:1, app: web}]", "jujutest: the state has relation http:1, of which the charm does not have the endpoint"},
		"an id without a number":                   {"relations: [{id: smtp, app: web}]", `jujutest: "smtp" is no id of a relation`},
		"an id with a zero before":                 {`relations: [{id: "smtp:05", app: web}]`, `jujutest: "smtp:05" is no id of a relation`},
		"a number twice":                           {smtp + "}, {id: db:5, app: pg}]", "jujutest: there are two relations with the number 5"},
		"more than the limit":                      {smtp + "}, {id: smtp:6, app: other}]", "establishing a new relation for kratos:smtp would exceed its maximum relation limit of 1"},
		"a unit of another application":            {smtp + ", units: {web/0: {}}}]", "jujutest: web/0 is no unit of mailer in relation smtp:5"},
		"a unit that has no number":                {smtp + ", units: {mailer/leader: {}}}]", "jujutest: mailer/leader is no unit of mailer in relation smtp:5"},
		"an own unit of another application":       {smtp + ", own-units: {web/0: {}}}]", "jujutest: web/0 is no unit of kratos in relation smtp:5"},
		"a peer relation with another":             {"relations: [{id: peers:1, app: web}]", "jujutest: in relation peers:1, which is with its peers, all is the application's own"},
		"peers on the other side":                  {"relations: [{id: peers:1, app-data: {a: b}}]", "jujutest: in relation peers:1, which is with its peers, all is the application's own"},
		"a unit of another application beside it":  {"others: [{unit: web/1}]", `jujutest: "web/1" is no unit of kratos`},
		"a unit twice":                             {"others: [{unit: kratos/0}]", "jujutest: the state has unit kratos/0 twice"},
		"two leaders":                              {"others: [{unit: kratos/1, leader: true}]", "jujutest: the state has 2 leaders"},
		"a resource that the charm does not have":  {"resources: {x: y}", `jujutest: the state has resource "x", which is none of the charm's files`},
		"a resource that is an image":              {"resources: {image: y}", `jujutest: the state has resource "image", which is none of the charm's files`},
		"a resource of the charm":                  {"resources: {schema: y}", ""},
		"all that can be":                          {relations, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, refusedState(t, related["metadata.yaml"], test.state)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCharmsThatCannotBe(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]string{
		"provides: {a: {interface: x}}\nrequires: {a: {interface: x}}": `duplicated relation name: "a"`,
		"requires: {a: {}}": "metadata: endpoint a has no interface",
		"requires: [a]":     "jujutest: cannot read metadata.yaml: ",
	} {
		if got := refusedState(t, metadata, ""); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q", metadata, got)
		}
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, "")
	if got := u.State().Relations; len(got) != 1 || got[0].ID != "peers:0" {
		t.Errorf("peers are there from the beginning, got %+v", got)
	}
	u.Change(func(st *State) {
		st.Integrate("db", "pg").AppData["database"] = "kratos"
		st.Integrate("smtp", "mailer").Units["mailer/0"] = nil
		st.Resources["schema"] = "{}"
	})
	u.Change(func(st *State) { st.Relation("smtp:2").AppData["host"] = "mail" })
	u.BeginHook("db-relation-changed", "JUJU_RELATION_ID=db:1", "JUJU_REMOTE_APP=pg")
	for line, want := range map[string]string{
		"relation-ids": "db:1\n",
		"relation-get": "database: kratos\n",
		"relation-get -r smtp:2 --app host mailer": "mail\n",
		"relation-list -r smtp:2":                  "mailer/0\n",
		"relation-list":                            "",
	} {
		if got := u.call(words(line)[0], words(line)[1:]...); got != ok(want) {
			t.Errorf("%s: %+v", line, got)
		}
	}
	u.End(0)
	u.Change(func(st *State) { st.RemoveRelation("db:1") })
	if st := u.State(); st.Relation("db:1") != nil || st.Relation("smtp:2") == nil {
		t.Errorf("%+v", st.Relations)
	}
}

func TestNumbersOfRelationsCountUp(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, relations)
	u.Change(func(st *State) { st.Integrate("info", "web") })
	if u.State().Relation("info:13") == nil {
		t.Error("the last one was 12")
	}
}
