package juju_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
)

const id = "cql684nmp25c75sflot0"

func TestParseSecretID(t *testing.T) {
	t.Parallel()
	const uuid = "3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10"
	tests := map[string]struct{ given, want string }{ // want is empty where it is refused
		"with its scheme":       {"secret:" + id, "secret:" + id},
		"bare":                  {id, id},
		"with its model":        {"secret://" + uuid + "/" + id, "secret://" + uuid + "/" + id},
		"with spaces":           {" secret:" + id + "\n", "secret:" + id},
		"a name":                {"alice", ""},
		"nothing":               {"", ""},
		"short":                 {"secret:" + id[1:], ""},
		"long":                  {id + "0", ""},
		"upper case":            {strings.ToUpper(id), ""},
		"a scheme alone":        {"secret:", ""},
		"slashes without model": {"secret://" + id, ""},
		"a model that is none":  {"secret://model/" + id, ""},
		"another scheme":        {"http://" + uuid + "/" + id, ""},
		"something behind":      {"secret:" + id + " --peek", ""},
		"a second line":         {"secret:" + id + "\nx", ""},
		"an option":             {"--label", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := juju.ParseSecretID(test.given)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("%q, %v", got, err)
			}
			if err != nil && fault.KindOf(err) != fault.Usage {
				t.Error(fault.KindOf(err))
			}
		})
	}
}

func TestParseSecretIDSaysWhereItIs(t *testing.T) {
	t.Parallel()
	_, err := juju.ParseSecretID("ali\nce")
	want := told{
		fault.Usage,
		`"ali\nce" is not the id of a secret, which is secret: and 20 letters and digits; a name is not an id`,
		"juju show-secret NAME prints the id of a secret, as juju add-secret does when it makes one",
	}
	if diff := cmp.Diff(want, tell(err)); diff != "" {
		t.Error(diff)
	}
}

const aSecret = `secrets: [{id: ` + id + `, owner: model, label: alice, grants: [kratos], revisions: [{password: s3cr3t-mark}, {password: "0123", user-name: a}]}]`

func TestSecretGet(t *testing.T) {
	t.Parallel()
	u, tools := unit(t, aSecret, nil)
	got, err := tools.SecretGet(t.Context(), "secret:"+id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"password": "0123", "user-name": "a"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"secret-get", "secret:" + id, "--refresh", "--format=json"}}, u.Calls()); diff != "" {
		t.Error(diff)
	}
	u.Juju("update-secret", "alice", "password=newest")
	if got, err := tools.SecretGet(t.Context(), id); err != nil || got["password"] != "newest" {
		t.Error(got["password"], err)
	}
}

func TestSecretGetFails(t *testing.T) {
	t.Parallel()
	const read = `cannot read secret "secret:cql684nmp25c75sflot0": `
	const (
		grant  = "next: juju grant-secret secret:cql684nmp25c75sflot0 kratos"
		lookUp = "juju secrets lists the ids there are; once it exists: juju grant-secret NAME kratos"
	)
	tests := map[string]struct {
		runner juju.Runner
		is     error
		want   told
	}{
		"3.x, not found":      {canned{code: 1, stderr: `ERROR secret "secret:x" not found` + "\n"}, juju.ErrSecretNotFound, told{fault.NotFound, read + "no such secret", lookUp}},
		"4.0, not found":      {canned{code: 1, stderr: "ERROR getting latest secret revision: Secret Not Found\n"}, juju.ErrSecretNotFound, told{fault.NotFound, read + "no such secret", lookUp}},
		"denied":              {canned{code: 1, stderr: "ERROR permission denied\n"}, juju.ErrSecretDenied, told{fault.Precondition, read + "permission denied", grant}},
		"denied, worded so":   {canned{code: 1, stderr: "ERROR getting secret: Permission Denied (not found)\n"}, juju.ErrSecretDenied, told{fault.Precondition, read + "permission denied", grant}},
		"anything else":       {canned{code: 1, stderr: "ERROR backend is down\nsee there\n"}, nil, told{fault.Internal, read + "secret-get: backend is down", ""}},
		"no context":          {canned{code: 1, stderr: "ERROR JUJU_CONTEXT_ID not set\n"}, nil, told{fault.Internal, read + "secret-get: JUJU_CONTEXT_ID not set", ""}},
		"no tool":             {canned{err: &exec.Error{Name: "secret-get", Err: exec.ErrNotFound}}, nil, told{fault.Precondition, read + "secret-get is not on the PATH", "Juju's hook tools are there in its hooks and actions, and under juju exec"}},
		"time is over":        {canned{err: context.DeadlineExceeded}, context.DeadlineExceeded, told{fault.Timeout, read + "cannot run secret-get: context deadline exceeded", ""}},
		"no JSON":             {canned{stdout: "password: s3cr3t-mark\n"}, nil, told{fault.Internal, read + "secret-get printed JSON of another shape than Juju's", ""}},
		"no strings":          {canned{stdout: `{"password":{"s3cr3t-mark":1}}`}, nil, told{fault.Internal, read + "secret-get printed JSON of another shape than Juju's", ""}},
		"printed, yet failed": {canned{code: 1, stdout: `{"password":"s3cr3t-mark"}`}, nil, told{fault.Internal, read + "secret-get ended with exit code 1 and said nothing", ""}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secrets := juju.Secrets{Tools: juju.Tools{Runner: test.runner}, App: "kratos"}
			content, err := secrets.Secret(t.Context(), "secret:"+id)
			if diff := cmp.Diff(test.want, tell(err)); diff != "" {
				t.Error(diff)
			}
			if content != nil || !errors.Is(err, test.is) && test.is != nil {
				t.Error(content, err)
			}
		})
	}
}

func TestSecretOfAnUnknownApplication(t *testing.T) {
	t.Parallel()
	_, tools := unit(t, strings.Replace(aSecret, "grants: [kratos], ", "", 1), nil)
	_, err := juju.Secrets{Tools: tools}.Secret(t.Context(), " "+id)
	if hint := fault.HintOf(err); hint != "next: juju grant-secret "+id+" APPLICATION" {
		t.Errorf("%q", hint)
	}
}

func TestEmptySecret(t *testing.T) {
	t.Parallel()
	content, err := juju.Tools{Runner: canned{stdout: "null\n"}}.SecretGet(t.Context(), id)
	if err != nil || content == nil || len(content) > 0 {
		t.Error(content, err)
	}
}
