package relation_test

import (
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

// fuzz puts a text in the place of one value of an example: whatever another
// charm writes, a reader gives a value or one of its errors, the same each time,
// and never panics.
func fuzz(f *testing.F, name string) {
	f.Helper()
	read := readers()[name]
	files, err := filepath.Glob(filepath.Join("testdata", name, "*.yaml"))
	if err != nil || len(files) == 0 {
		f.Fatalf("%s has no examples: %v", name, err)
	}
	for i, file := range files {
		for j, place := range places(load(f, file)) {
			f.Add(uint8(i), uint8(j), place.bag[place.key])
			f.Add(uint8(i), uint8(j), mark)
			f.Add(uint8(i), uint8(j), `[{"provider": ["`+mark+`"]}, null, 7]`)
		}
	}
	f.Fuzz(func(t *testing.T, which, where uint8, text string) {
		e := load(t, files[int(which)%len(files)])
		if all := places(e); len(all) > 0 {
			place := all[int(where)%len(all)]
			place.bag[place.key] = text
		}
		first, err := read(e)
		second, again := read(e)
		if err != nil {
			kind(t, err)
			if strings.Contains(err.Error(), mark) {
				t.Errorf("the error shows a secret: %s", err)
			}
			if again == nil || again.Error() != err.Error() {
				t.Errorf("first %v, then %v", err, again)
			}
			return
		}
		if diff := cmp.Diff(string(indented(t, first)), string(indented(t, second))); diff != "" || again != nil {
			t.Errorf("read twice, error %v (-first +second)\n%s", again, diff)
		}
	})
}

// place is one value that stands in an example.
type place struct {
	bag map[string]string
	key string
}

// places lists what another charm may have written, sorted.
func places(e example) []place {
	var all []place
	add := func(bag map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(bag)) {
			all = append(all, place{bag, key})
		}
	}
	for _, r := range e.Relations {
		add(r.RemoteApp)
		for _, unit := range slices.Sorted(maps.Keys(r.RemoteUnits)) {
			add(r.RemoteUnits[unit])
		}
		add(r.LocalUnit)
	}
	for _, id := range slices.Sorted(maps.Keys(e.Secrets)) {
		add(e.Secrets[id])
	}
	return all
}

func FuzzDatabase(f *testing.F)            { fuzz(f, "database") }
func FuzzExternalIDP(f *testing.F)         { fuzz(f, "external-idp") }
func FuzzHydra(f *testing.F)               { fuzz(f, "hydra") }
func FuzzLoginUI(f *testing.F)             { fuzz(f, "login-ui") }
func FuzzRegistrationWebhook(f *testing.F) { fuzz(f, "registration-webhook") }
func FuzzLoginWebhook(f *testing.F)        { fuzz(f, "login-webhook") }
func FuzzSMTP(f *testing.F)                { fuzz(f, "smtp") }
func FuzzRoute(f *testing.F)               { fuzz(f, "route") }
func FuzzCACert(f *testing.F)              { fuzz(f, "ca-cert") }
func FuzzTracing(f *testing.F)             { fuzz(f, "tracing") }
func FuzzLogging(f *testing.F)             { fuzz(f, "logging") }
func FuzzPeers(f *testing.F)               { fuzz(f, "peers") }

// FuzzDiff holds Diff to its purpose: after it is carried out there is nothing
// left to do.
func FuzzDiff(f *testing.F) {
	f.Add("a", "1", "b", "2", "a", "2")
	f.Add("private-address", "10.0.0.1", "", "", "x", " y ")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, k3, v3 string) {
		have := relation.Databag{k1: v1, k2: v2}
		want := relation.Databag{k2: v1, k3: v3}
		set, remove := relation.Diff(have, want)
		maps.Copy(have, set)
		for _, key := range remove {
			delete(have, key)
		}
		if set, remove := relation.Diff(have, want); len(set)+len(remove) > 0 {
			t.Errorf("still to set %q, to remove %q", set, remove)
		}
	})
}

// FuzzCredentials holds the two URIs to what went into them: whatever stands in
// a name or a password arrives as itself, and nowhere else.
func FuzzCredentials(f *testing.F) {
	f.Add("relation_id_7", mark+":/@?#%+ ü", "iam_kratos")
	f.Add("AKIA", "ab/cd+e#f", "a?b&c")
	f.Fuzz(func(t *testing.T, user, password, name string) {
		d := relation.Database{Host: "db", Port: "5432", Name: name, Username: user, Password: relation.Secret(password)}
		u, err := url.Parse(d.DSN(""))
		if err != nil {
			t.Fatalf("the DSN is no URL for %q, %q", user, name)
		}
		said, _ := u.User.Password()
		if u.User.Username() != user || said != password || u.Path != "/"+name || u.Host != "db:5432" || u.RawQuery != "sslmode=prefer" {
			t.Errorf("user %q, name %q arrive as %q, %q at %s?%s", user, name, u.User.Username(), u.Path, u.Host, u.RawQuery)
		}
		if user == "" {
			return
		}
		s := relation.SMTP{Host: "mail", Port: 587, Username: user, Password: relation.Secret(password), Transport: relation.TransportStartTLS}
		u, err = url.Parse(s.ConnectionURI())
		if err != nil {
			t.Fatalf("the connection URI is no URL for %q", user)
		}
		said, _ = u.User.Password()
		if u.User.Username() != user || said != password || u.Path != "/" || u.Host != "mail:587" || u.RawQuery != "" {
			t.Errorf("user %q arrives as %q at %s?%s", user, u.User.Username(), u.Host, u.RawQuery)
		}
	})
}
