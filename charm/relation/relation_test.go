package relation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		have, want, set relation.Databag
		remove          []string
	}{
		"nothing to do":         {have: relation.Databag{"a": "1"}, want: relation.Databag{"a": "1"}},
		"both empty":            {},
		"new and changed":       {have: relation.Databag{"a": "1"}, want: relation.Databag{"a": "2", "b": "3"}, set: relation.Databag{"a": "2", "b": "3"}},
		"gone":                  {have: relation.Databag{"b": "1", "a": "1"}, want: relation.Databag{}, remove: []string{"a", "b"}},
		"nil wants nothing":     {have: relation.Databag{"a": "1"}, remove: []string{"a"}},
		"empty is gone":         {have: relation.Databag{"a": "1"}, want: relation.Databag{"a": "", "b": " "}, remove: []string{"a"}},
		"Juju cuts spaces off":  {have: relation.Databag{"a": "x"}, want: relation.Databag{"a": " x\n"}},
		"Juju's own keys stay":  {have: relation.Databag{"ingress-address": "1", "private-address": "1", "egress-subnets": "1", "data": "{}"}, remove: []string{"data"}},
		"line ends inside stay": {have: relation.Databag{"a": "x y"}, want: relation.Databag{"a": "x\ny"}, set: relation.Databag{"a": "x\ny"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, remove := relation.Diff(c.have, c.want)
			if diff := cmp.Diff(c.set, set); diff != "" {
				t.Errorf("set (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(c.remove, remove); diff != "" {
				t.Errorf("remove (-want +got)\n%s", diff)
			}
		})
	}
}

func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	d := relation.Database{Password: relation.Secret(mark)}
	p := &relation.Provider{ClientSecret: relation.Secret(mark), ApplePrivateKey: relation.Secret(mark)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		got := fmt.Sprintf(verb+verb+verb, d, p, []relation.Secret{relation.Secret(mark)})
		if strings.Contains(got, mark) || strings.Contains(strings.ToLower(got), fmt.Sprintf("%x", mark)) {
			t.Errorf("%s shows a secret: %s", verb, got)
		}
	}
	if got := fmt.Sprint(relation.Secret("")); got != "(none)" {
		t.Errorf("an empty secret is shown as %q", got)
	}
}

func TestSecretRefs(t *testing.T) {
	t.Parallel()
	const id, uri = "secret:cql684nmp25c75sflot0", "secret://7e7d2b0c-3c7e-4f6d-8f4c-0e6a4f0a9b1c/cql684nmp25c75sflot0"
	cases := map[string]struct {
		endpoint string
		bag      relation.Databag
		want     []relation.SecretRef
	}{
		"database": {"pg-database", relation.Databag{"secret-user": uri, "secret-tls": id}, []relation.SecretRef{
			{ID: uri, Label: "pg-database.7.user.secret"}, {ID: id, Label: "pg-database.7.tls.secret"},
		}},
		"database in clear":    {"pg-database", relation.Databag{"password": "p"}, nil},
		"smtp":                 {"smtp", relation.Databag{"password_id": "cql684nmp25c75sflot0"}, []relation.SecretRef{{ID: "cql684nmp25c75sflot0"}}},
		"registration webhook": {"kratos-registration-webhook", relation.Databag{"auth_config_value_secret": id}, []relation.SecretRef{{ID: id}}},
		"login webhook":        {"kratos-login-webhook", relation.Databag{"auth_config_value_secret": id}, []relation.SecretRef{{ID: id}}},
		"other endpoint":       {"kratos-info", relation.Databag{"password_id": id}, nil},
		"a flag":               {"smtp", relation.Databag{"password_id": "--refresh"}, nil},
		"a name":               {"smtp", relation.Databag{"password_id": "my-password"}, nil},
		"two ids":              {"smtp", relation.Databag{"password_id": id + " " + id}, nil},
		"a short id":           {"smtp", relation.Databag{"password_id": "secret:abc"}, nil},
		"a strange UUID":       {"smtp", relation.Databag{"password_id": strings.Replace(uri, "7e7d", "zzzz", 1)}, nil},
		"no slash":             {"smtp", relation.Databag{"password_id": strings.Replace(uri, "c/c", "cxc", 1)}, nil},
		"slashes alone":        {"smtp", relation.Databag{"password_id": "secret://"}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := relation.SecretRefs(relation.Relation{ID: 7, Endpoint: c.endpoint, RemoteApp: c.bag})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMergeProvidersKeepsTheFirst(t *testing.T) {
	t.Parallel()
	a, b := relation.Provider{RelationID: 1, ID: "x"}, relation.Provider{RelationID: 2, ID: "x"}
	c := relation.Provider{RelationID: 2, ID: "y"}
	got, err := relation.MergeProviders([]relation.Provider{a}, []relation.Provider{b, c})
	if diff := cmp.Diff([]relation.Provider{a, c}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err == nil || kind(t, err) != "malformed" || !strings.Contains(err.Error(), "kratos-external-idp:2") {
		t.Errorf("error %v", err)
	}
}

func TestSortWebhooks(t *testing.T) {
	t.Parallel()
	hooks := []relation.Webhook{{RelationID: 9}, {RelationID: 1, Weight: 2}, {RelationID: 3}}
	relation.SortWebhooks(hooks)
	want := []relation.Webhook{{RelationID: 3}, {RelationID: 9}, {RelationID: 1, Weight: 2}}
	if diff := cmp.Diff(want, hooks); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPeersRoundTrip(t *testing.T) {
	t.Parallel()
	before := relation.Databag{"migration_version_2": `"v1.3.1"`, "migration_version_7": `broken`}
	p, err := relation.ReadPeers(relation.Relation{Endpoint: "kratos-peers", RemoteApp: before}, "kratos/0")
	if err != nil {
		t.Fatal(err)
	}
	old := p
	p.SetVersion(7, "v26.2.0")
	p.Leader, p.Rotation = "kratos/0", relation.Rotation{Number: 1, Step: 1}
	if _, err := old.Version(7); err == nil {
		t.Error("a version that is set in one value shows in another")
	}
	written := relation.WritePeers(p)
	want := relation.Databag{
		"leader": `"kratos/0"`, "migration_version_2": `"v1.3.1"`, "migration_version_7": `"v26.2.0"`,
		"secret_rotation": `{"number":1,"step":1}`,
	}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	own := relation.WriteAcknowledgement(p.Rotation)
	again, err := relation.ReadPeers(relation.Relation{Endpoint: "kratos-peers", LocalApp: written, LocalUnit: own}, "kratos/0")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := again.Version(7); v != "v26.2.0" || err != nil {
		t.Errorf("version %q, error %v", v, err)
	}
	if late := again.Waiting("kratos/0"); again.Leader != p.Leader || again.Rotation != p.Rotation || len(late) > 0 {
		t.Errorf("read back %+v, late %q", again, late)
	}
	if late := again.Waiting("kratos/1"); len(late) != 1 {
		t.Errorf("a unit that said nothing is not late: %q", late)
	}
	if set, remove := relation.Diff(written, relation.WritePeers(again)); len(set)+len(remove) > 0 {
		t.Errorf("a steady hook would set %q and remove %q", set, remove)
	}
}
