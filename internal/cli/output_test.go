package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// TestFormats shows one result in every format.
func TestFormats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		want outcome
	}{
		{"table", []string{"invite-user", "bob@example.com"}, outcome{
			stdout: `identity-id    22222222-2222-4222-8222-222222222222
created        true
recovery-link  https://id.example.com/recovery?token=1&a=b
expires-at     2030-01-02T11:00:00Z
`,
			stderr: "note: the link works once, until 2030-01-02T11:00:00Z; a chat's preview of it uses it up, so put it in `backticks`\n",
		}},
		{"json", []string{"invite-user", "bob@example.com", "--format", "json"}, outcome{
			stdout: `{
  "identity-id": "22222222-2222-4222-8222-222222222222",
  "created": true,
  "recovery-link": "https://id.example.com/recovery?token=1&a=b",
  "expires-at": "2030-01-02T11:00:00Z"
}
`,
			stderr: "{\"note\":\"the link works once, until 2030-01-02T11:00:00Z; a chat's preview of it uses it up, so put it in `backticks`\"}\n",
		}},
		{"yaml", []string{"invite-user", "bob@example.com", "--format=yaml"}, outcome{
			stdout: `identity-id: 22222222-2222-4222-8222-222222222222
created: true
recovery-link: https://id.example.com/recovery?token=1&a=b
expires-at: "2030-01-02T11:00:00Z"
`,
			stderr: "note: the link works once, until 2030-01-02T11:00:00Z; a chat's preview of it uses it up, so put it in `backticks`\n",
		}},
		{"quiet", []string{"invite-user", "bob@example.com", "--quiet"}, outcome{stdout: "https://id.example.com/recovery?token=1&a=b\n"}},
		{"quiet code", []string{"reset-password", "alice@example.com", "--quiet"},
			outcome{stdout: "https://id.example.com/recovery?flow=1&a=b\n123456\n"}},
		{"quiet json", []string{"invite-user", "bob@example.com", "--quiet", "--format", "json"},
			outcome{stdout: "https://id.example.com/recovery?token=1&a=b\n"}},
		{"list", []string{"list-oidc-accounts", "alice@example.com"}, outcome{
			stdout: "identity-id  " + aliceID + "\nidentifiers  google:1\n             github:2\ncount        2\n"}},
		{"list json", []string{"list-oidc-accounts", "alice@example.com", "--format=json"}, outcome{
			stdout: "{\n  \"identity-id\": \"" + aliceID + "\",\n  \"identifiers\": [\n    \"google:1\",\n    \"github:2\"\n  ],\n  \"count\": 2\n}\n"}},
		{"list quiet", []string{"list-oidc-accounts", "alice@example.com", "--quiet"}, outcome{stdout: "google:1\ngithub:2\n"}},
		{"empty lists", []string{"reset-identity-mfa", "alice@example.com", "--mfa-type", "totp"}, outcome{
			stdout: "identity-id  " + aliceID + "\nremoved\nkept\n",
			stderr: "note: identity " + aliceID + " has no totp to remove\n"}},
		{"empty lists json", []string{"reset-identity-mfa", "alice@example.com", "--mfa-type", "totp", "--format=json"}, outcome{
			stdout: "{\n  \"identity-id\": \"" + aliceID + "\",\n  \"removed\": [],\n  \"kept\": []\n}\n",
			stderr: "{\"note\":\"identity " + aliceID + " has no totp to remove\"}\n"}},
		{"empty lists yaml", []string{"reset-identity-mfa", "alice@example.com", "--mfa-type", "totp", "--format=yaml", "--quiet=false"}, outcome{
			stdout: "identity-id: " + aliceID + "\nremoved: []\nkept: []\n",
			stderr: "note: identity " + aliceID + " has no totp to remove\n"}},
		{"nothing", []string{"delete-user", "nobody@example.com"}, outcome{
			stderr: "note: nobody signs in with \"nobody@example.com\": nothing to delete (an address that is only in traits, or only for recovery or verification, cannot be looked up: use identity-id)\n"}},
		{"nothing json", []string{"delete-user", "nobody@example.com", "--format", "json"}, outcome{
			stdout: "{}\n",
			stderr: "{\"note\":\"nobody signs in with \\\"nobody@example.com\\\": nothing to delete (an address that is only in traits, or only for recovery or verification, cannot be looked up: use identity-id)\"}\n"}},
		{"version", []string{"--version"}, outcome{stdout: "kratos-agent 1.2.3\n"}},
		{"version", []string{"version"}, outcome{stdout: "kratos-agent 1.2.3\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := alice()
			server.logins = append(server.logins, "github:2")
			got := words(test.args...).on(server).run(t)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIdentityFormats(t *testing.T) {
	t.Parallel()
	got := words("get-identity", "alice@example.com", "--format", "json").must(t)
	want := `{
  "id": "11111111-1111-4111-8111-111111111111",
  "schema_id": "default",
  "state": "active",
  "traits": {
    "email": "alice@example.com",
    "balance": 12345678901234567890,
    "full_name": {
      "first": "Alice"
    },
    "tags": [
      "a",
      "b"
    ],
    "note": null
  },
  "metadata_admin": "on"
}
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Error(diff)
	}
	got = words("get-identity", "alice@example.com", "--format", "yaml").must(t)
	want = `id: 11111111-1111-4111-8111-111111111111
schema_id: default
state: active
traits:
  email: alice@example.com
  balance: 12345678901234567890
  full_name:
    first: Alice
  tags:
    - a
    - b
  note: null
metadata_admin: "on"
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Error(diff)
	}
	got = words("get-identity", "alice@example.com").must(t)
	want = `identity-id             11111111-1111-4111-8111-111111111111
id                      11111111-1111-4111-8111-111111111111
schema-id               default
state                   active
traits.email            alice@example.com
traits.balance          12345678901234567890
traits.full-name.first  Alice
traits.tags             ["a","b"]
metadata-admin          on
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Error(diff)
	}
}

// TestIdentityAmongOthers shows an identity beside other results: as Kratos has
// it.
func TestIdentityAmongOthers(t *testing.T) {
	t.Parallel()
	got := words("reset-password", "alice@example.com", "--password-file", "-", "--invalidate-sessions", "--format", "json").
		reading("s3cr3t-mark").must(t)
	want := `{
  "identity-id": "11111111-1111-4111-8111-111111111111",
  "sessions-invalidated": 0,
  "id": "11111111-1111-4111-8111-111111111111",
  "schema_id": "default",
  "state": "active",
  "traits": {
    "email": "alice@example.com",
    "balance": 12345678901234567890,
    "full_name": {
      "first": "Alice"
    },
    "tags": [
      "a",
      "b"
    ],
    "note": null
  },
  "metadata_admin": "on"
}
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Error(diff)
	}
}

// TestWhole shows a value whole that Juju would cut.
func TestWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 150_000)
	for _, args := range [][]string{
		{"get-identity", "alice@example.com"},
		{"get-identity", "alice@example.com", "--format", "json"},
		{"get-identity", "alice@example.com", "--format", "yaml"},
		{"reset-password", "alice@example.com", "--password-file", "-"},
		{"reset-password", "alice@example.com", "--password-file", "-", "--format", "json"},
	} {
		for _, traits := range []string{`"` + long + `"`, `{"a":"` + long + `","b":{"c_d":1}}`} {
			server := alice()
			server.document = `{"id":"` + aliceID + `","state":"active","traits":` + traits + `}`
			got := words(args...).on(server).reading("s3cr3t-mark").must(t)
			if !strings.Contains(got.stdout, long) || strings.Contains(got.stdout, "cut from") {
				t.Errorf("%v: the value is cut to %d bytes", args, len(got.stdout))
			}
		}
	}
}

// TestTerminalControl shows that what a person wrote into their own traits
// steers no operator's terminal.
func TestTerminalControl(t *testing.T) {
	t.Parallel()
	server := alice()
	server.document = `{"id":"` + aliceID + `","state":"active","traits":{"name":"\u001b[2J\u202egnp\u0007","lines":"one\ntwo"}}`
	server.logins = []string{"google:\x1b[2J"}
	got := words("get-identity", "alice@example.com").on(server).must(t)
	want := "traits.name   \\u001b[2J\\u202egnp\\u0007\ntraits.lines  one\n              two\n"
	if !strings.HasSuffix(got.stdout, want) {
		t.Errorf("got %q, want %q at the end", got.stdout, want)
	}
	got = words("unlink-oidc-account", "alice@example.com", "--credential-id", "google:\x1b[2J", "--force").on(server).typing("no\n").run(t)
	if strings.Contains(got.stderr, "\x1b") || !strings.Contains(got.stderr, `google:\u001b[2J`) {
		t.Errorf("the question is %q", got.stderr)
	}
	got = words("get-identity", "\x1b[2J").on(server).run(t)
	if strings.Contains(got.stderr, "\x1b") {
		t.Errorf("the error is %q", got.stderr)
	}
}

// TestYAMLReadsBack holds YAML to JSON on values that are easily mistaken.
func TestYAMLReadsBack(t *testing.T) {
	t.Parallel()
	traits := map[string]any{
		"yes": "yes", "off": "off", "n": "n", "null": "null", "tilde": "~", "empty": "", "int": "12", "octal": "0123",
		"sexagesimal": "12:30:45", "float": "1e3", "date": "2030-01-02", "lines": "a\nb\n", "blank": " a ", "hash": "a #b",
		"colon": "a: b", "dash": "- a", "at": "@a", "unicode": "ä\u2028\u0085", "quote": `"'\`, "tab": "\t", "true": true, "list": []any{},
		"map": map[string]any{}, "nothing": nil, "number": 1.5, "merge": "<<", "<<": "x",
	}
	doc, err := json.Marshal(map[string]any{"id": aliceID, "state": "active", "traits": traits})
	if err != nil {
		t.Fatal(err)
	}
	server := alice()
	server.document = string(doc)
	got := words("get-identity", "alice@example.com", "--format", "yaml").on(server).must(t)
	var back struct{ Traits map[string]any }
	if err := yaml.Unmarshal([]byte(got.stdout), &back); err != nil {
		t.Fatalf("%v\n%s", err, got.stdout)
	}
	if diff := cmp.Diff(traits, back.Traits); diff != "" {
		t.Error(diff)
	}
	for _, quoted := range []string{`"yes": "yes"`, `"off": "off"`, `"n": "n"`, `sexagesimal: "12:30:45"`, `octal: "0123"`} {
		if !strings.Contains(got.stdout, quoted) {
			t.Errorf("YAML 1.1 would read another value than %s in\n%s", quoted, got.stdout)
		}
	}
}

func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"12345678901234567890123456789", "0.10", "1E400", "-0.0", "1e-7"} {
		for _, format := range []string{"table", "json", "yaml"} {
			server := alice()
			server.document = `{"id":"` + aliceID + `","state":"active","traits":{"n":` + n + `}}`
			got := words("get-identity", "alice@example.com", "--format", format).on(server).must(t)
			fields := strings.Fields(strings.NewReplacer("}", "", ",", "").Replace(got.stdout))
			if last := fields[len(fields)-1]; last != n {
				t.Errorf("%s as %s is %q", n, format, last)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := alice()
	server.fail["Identity"] = fault.New(fault.Unavailable, "cannot reach <Kratos>").WithHint("is it running?")
	got := words("get-identity", aliceID).on(server).run(t)
	want := outcome{stderr: "kratos-agent: cannot reach <Kratos>\nhint: is it running?\n", code: 5}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
	for _, args := range [][]string{
		{"get-identity", aliceID, "--format", "json"},
		{"--format=json", "get-identity", aliceID, "--quiet"},
	} {
		got = words(args...).on(server).run(t)
		want = outcome{stderr: `{"error":{"kind":"unavailable","message":"cannot reach <Kratos>","hint":"is it running?","exit-code":5}}` + "\n", code: 5}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Error(diff)
		}
	}
	got = words("get-identity", "--format", "json").run(t)
	want = outcome{stderr: `{"error":{"kind":"usage","message":"cannot tell whom this is about","hint":"kratos-agent get-identity [flags] IDENTITY-ID|EMAIL","exit-code":2}}` + "\n", code: 2}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
}

// TestPartial shows what was done, then what failed.
func TestPartial(t *testing.T) {
	t.Parallel()
	server := alice()
	server.fail["RecoveryLink"] = fault.New(fault.Precondition, "cannot issue a recovery link: it is off")
	got := words("invite-user", "bob@example.com", "--format", "json").on(server).run(t)
	want := outcome{
		stdout: "{\n  \"identity-id\": \"" + bobID + "\",\n  \"created\": true\n}\n",
		stderr: `{"error":{"kind":"partial","message":"identity ` + bobID +
			` was created, but the invitation is missing: cannot issue a recovery link: it is off","exit-code":6}}` + "\n",
		code: 6,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
}

// TestNowhereToWrite does not hide that the change was made.
func TestNowhereToWrite(t *testing.T) {
	t.Parallel()
	got := words("invite-user", "bob@example.com").runTo(t, brokenPipe{})
	if got.code != 6 || !strings.Contains(got.stderr, "it was done (identity-id "+bobID+"), but cannot be shown") {
		t.Errorf("got %+v", got)
	}
	if got := words("get-identity", aliceID).runTo(t, brokenPipe{}); got.code != 1 {
		t.Errorf("got %+v", got)
	}
}
