package jujutest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const secretID = "cql684nmp25c75sflot0"

// secrets is a state with a granted secret of two revisions, and one that is
// granted to nobody.
const secrets = `
secrets:
- {id: cql684nmp25c75sflot0, owner: model, label: alice, grants: [kratos],
   revisions: [{password: old-s3cr3t-mark}, {password: "12345", more: x}]}
- {id: cql684nmp25c75sflotg, owner: model, label: bob, revisions: [{password: s3cr3t-mark}]}
`

func TestSecretGet(t *testing.T) {
	t.Parallel()
	const id = "secret:" + secretID
	tests := map[string]struct {
		args []string
		want said
	}{
		"as YAML, the default": {[]string{id}, ok("more: x\npassword: \"12345\"\n")},
		"as JSON":              {[]string{id, "--refresh", "--format=json"}, ok("{\"more\":\"x\",\"password\":\"12345\"}\n")},
		"a bare id":            {[]string{secretID, "password"}, ok("\"12345\"\n")},
		"with its model":       {[]string{"secret://3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10/" + secretID, "more"}, ok("x\n")},
		"a key in base64":      {[]string{id, "more#base64"}, ok("eA==\n")},
		"a missing key":        {[]string{id, "nope"}, failed(`secret key value "nope" not found`)},
		"a name is no id":      {[]string{"alice"}, mistaken(`secret URI "alice" not valid`)},
		"not base 32":          {[]string{"zzzzzzzzzzzzzzzzzzzz"}, mistaken(`secret URI "zzzzzzzzzzzzzzzzzzzz" not valid`)},
		"another scheme":       {[]string{"http:" + secretID}, mistaken(`secret URI "http:` + secretID + `" not valid`)},
		"no id":                {nil, mistaken("require either a secret URI or label")},
		"peek and refresh":     {[]string{id, "--peek", "--refresh"}, mistaken("specify one of --peek or --refresh but not both")},
		"no smart format":      {[]string{id, "--format=smart"}, mistaken(`invalid value "smart" for option --format: unknown format "smart"`)},
		"it does not exist":    {[]string{"secret:00000000000000000000"}, failed(`secret "secret:00000000000000000000" not found`)},
		"it is not granted":    {[]string{"secret:cql684nmp25c75sflotg"}, failed("permission denied")},
		"an unknown label":     {[]string{"--label", "nope"}, failed(`consumer label "nope" not found`)},
		"its name is no label": {[]string{"--label", "alice"}, failed(`consumer label "alice" not found`)},
		"too many arguments":   {[]string{id, "more", "still"}, mistaken(`unrecognized args: ["still"]`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, secrets)
			u.BeginAction("reset-password", nil)
			if diff := cmp.Diff(test.want, u.call("secret-get", test.args...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecretRevisionIsPinned(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, secrets)
	u.BeginAction("reset-password", nil)
	read := func(want string, args ...string) {
		t.Helper()
		if got := u.call("secret-get", append([]string{secretID, "password", "--format=json"}, args...)...); got != ok(want+"\n") {
			t.Errorf("secret-get %v: %+v, not %s", args, got, want)
		}
	}
	read(`"12345"`)
	if stdout, stderr, code := u.Juju("update-secret", "alice", "password=new"); stdout+stderr != "" || code != 0 {
		t.Fatal(stdout, stderr, code)
	}
	read(`"12345"`)
	read(`"new"`, "--peek")
	read(`"12345"`)
	read(`"new"`, "--refresh", "--label=mine")
	read(`"new"`)
	if got := u.call("secret-get", "--label=mine"); got != ok("password: new\n") {
		t.Errorf("by the label: %+v", got)
	}
	if _, stderr, code := u.Juju("revoke-secret", "alice", "kratos"); code != 0 {
		t.Fatal(stderr)
	}
	if got := u.call("secret-get", "--label=mine"); got != failed("permission denied") {
		t.Errorf("after the grant was revoked: %+v", got)
	}
}

func TestSecretClient(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 750_001) // 1,000,004 in base64
	tests := map[string]struct {
		args []string
		want said
	}{
		"add with nothing":                {words("add-secret"), mistaken("secret name needs to be supplied as the first argument")},
		"add without content":             {words("add-secret new"), mistaken("missing secret value or filename")},
		"add what is no pair":             {words("add-secret new password"), mistaken(`key value "password" not valid`)},
		"add a short key":                 {words("add-secret new pw=x"), mistaken(`key "pw" not valid`)},
		"add an upper case key":           {words("add-secret new Password=x"), mistaken(`key "Password" not valid`)},
		"add a known name":                {words("add-secret alice password=x"), failed(`secret with name "alice" already exists`)},
		"add too much":                    {[]string{"add-secret", "new", "password=" + big}, mistaken(`base64 encoded secret content for key "password" too large: 1000004 bytes`)},
		"update an unknown one":           {words("update-secret nope password=x"), failed(`secret "nope" not found`)},
		"update by id":                    {words("update-secret secret:cql684nmp25c75sflot0 password=x"), ok("")},
		"grant with nothing":              {words("grant-secret alice"), mistaken("missing secret URI or application name")},
		"grant an unknown one":            {words("grant-secret nope kratos"), failed(`secret "nope" not found`)},
		"grant to an unknown application": {words("grant-secret alice nope"), failed(`failed to grant/revoke secret: application "nope" not found`)},
		"grant by id":                     {words("grant-secret cql684nmp25c75sflotg kratos"), ok("")},
		"remove":                          {words("remove-secret alice"), ok("")},
		"show an unknown one":             {words("show-secret nope"), failed(`secret "nope" not found`)},
		"what the double has not":         {words("secrets"), mistaken("jujutest: juju secrets is not part of the double")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, secrets)
			stdout, stderr, code := u.Juju(test.args...)
			if diff := cmp.Diff(test.want, said{code, stdout, stderr}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAddSecret(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	file := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := u.Juju("add-secret", "carol", "--info", "hers",
		"password=12345==", "encoded#base64=eA==", "filed#file="+file)
	id, known := strings.CutPrefix(strings.TrimSuffix(stdout, "\n"), "secret:")
	if code != 0 || stderr != "" || !known || !secretPath.MatchString(id) {
		t.Fatalf("%d %q %q", code, stdout, stderr)
	}
	made := u.State().Secrets[0]
	want := map[string]string{"password": "12345==", "encoded": "x", "filed": "from a file\n"}
	if diff := cmp.Diff([]map[string]string{want}, made.Revisions); diff != "" {
		t.Error(diff)
	}
	if made.ID != id || made.Label != "carol" || made.Description != "hers" || made.Owner != "model" {
		t.Errorf("%+v", made)
	}
	u.Juju("grant-secret", "carol", "kratos")
	shown, _, _ := u.Juju("show-secret", "carol", "--format=json")
	for _, part := range []string{`"revision":1`, `"owner":"\u003cmodel\u003e"`, `"name":"carol"`, `"target":"application-kratos"`} {
		if !strings.Contains(shown, part) {
			t.Errorf("no %s in %s", part, shown)
		}
	}
	if strings.Contains(shown, "12345") {
		t.Error("the content is shown unasked")
	}
	if shown, _, _ = u.Juju("show-secret", id, "--reveal"); !strings.Contains(shown, "password: 12345==") {
		t.Error(shown)
	}
}
