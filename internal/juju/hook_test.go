package juju_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
)

// charm is one with an endpoint of each kind, an option of each type and a file.
var charm = map[string]string{
	"metadata.yaml": `
name: kratos
provides: {info: {interface: info}}
requires: {smtp: {interface: smtp}, db: {interface: db}}
peers: {peers: {interface: peers}}
resources: {schema: {type: file, filename: schema.json}}
`,
	"config.yaml": `
options:
  count: {type: int, default: 1234567}
  ratio: {type: float, default: 0.5}
  flag: {type: boolean, default: false}
  token: {type: secret}
  text: {type: string, default: ""}
`,
}

// hooked gives a unit in a hook, and its tools.
func hooked(t *testing.T, state string) (*jujutest.Unit, juju.Tools) {
	t.Helper()
	u := jujutest.NewUnitOf(t, charm, state)
	u.BeginHook("config-changed")
	return u, juju.Tools{Runner: u}
}

// nowhere looks for the mark in the command lines.
func nowhere(t *testing.T, u *jujutest.Unit) {
	t.Helper()
	for _, call := range u.Calls() {
		if strings.Contains(strings.Join(call, " "), "s3cr3t-mark") {
			t.Errorf("a secret is in an argument of %s", call[0])
		}
	}
}

func TestConfigGet(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "config: {flag: true, text: '-x'}")
	got, err := tools.ConfigGet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"count": json.Number("1234567"), "ratio": json.Number("0.5"), "flag": true, "text": "-x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"config-get", "--format=json"}}, u.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestConfigGetLeavesOutWhatHasNoValue(t *testing.T) {
	t.Parallel()
	for printed, want := range map[string]map[string]any{
		"null":                 {},
		"{}":                   {},
		`{"a":null,"b":false}`: {"b": false},
	} {
		got, err := juju.Tools{Runner: canned{stdout: printed}}.ConfigGet(t.Context())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", printed, diff, err)
		}
	}
}

func TestIsLeader(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "")
	for _, want := range []bool{true, false, true} {
		if want {
			u.Lead()
		} else {
			u.Resign()
		}
		if got, err := tools.IsLeader(t.Context()); got != want || err != nil {
			t.Error(got, err)
		}
	}
}

func TestStatusSet(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 600)
	tests := map[string]struct {
		given juju.Status
		want  jujutest.Status
	}{
		"alone":       {juju.Status{Name: juju.Active}, jujutest.Status{Status: "active"}},
		"a message":   {juju.Status{Name: juju.Blocked, Message: "do this"}, jujutest.Status{Status: "blocked", Message: "do this"}},
		"a dash":      {juju.Status{Name: juju.Waiting, Message: "-x"}, jujutest.Status{Status: "waiting", Message: "-x"}},
		"two dashes":  {juju.Status{Name: juju.Maintenance, Message: "--"}, jujutest.Status{Status: "maintenance", Message: "--"}},
		"a NUL":       {juju.Status{Name: juju.Active, Message: "a\x00b"}, jujutest.Status{Status: "active", Message: "a\uFFFDb"}},
		"just fits":   {juju.Status{Name: juju.Active, Message: long[:1000]}, jujutest.Status{Status: "active", Message: long[:1000]}},
		"is too long": {juju.Status{Name: juju.Active, Message: long}, jujutest.Status{Status: "active", Message: long[:974] + " ... [cut from 1200 bytes]"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, tools := hooked(t, "")
			if err := tools.StatusSet(t.Context(), test.given); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, u.State().Status); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVersionSet(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "")
	if err := tools.VersionSet(t.Context(), "-v1.3.1"); err != nil {
		t.Fatal(err)
	}
	if got := u.State().Version; got != "-v1.3.1" {
		t.Error(got)
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "ports: [4434/tcp, 80/udp]")
	ports := func(want ...string) {
		t.Helper()
		got, err := tools.OpenedPorts(t.Context())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	ports("4434/tcp", "80/udp")
	if err := errors.Join(tools.OpenPort(t.Context(), "4433/tcp"), tools.ClosePort(t.Context(), "4434/tcp")); err != nil {
		t.Fatal(err)
	}
	ports("4434/tcp", "80/udp")
	u.End(0)
	u.BeginHook("update-status")
	ports("4433/tcp", "80/udp")
}

func TestResourceGet(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "")
	_, err := tools.ResourceGet(t.Context(), "schema")
	want := told{
		fault.NotFound, `cannot get resource "schema": resource-get: could not download resource: resource#kratos/schema not found`,
		"next: juju attach-resource APPLICATION schema=FILE",
	}
	if diff := cmp.Diff(want, tell(err)); diff != "" {
		t.Error(diff)
	}
	_, err = juju.Tools{Runner: canned{stdout: " \n"}}.ResourceGet(t.Context(), "schema")
	if diff := cmp.Diff(told{fault.NotFound, `cannot get resource "schema": resource-get named no file`, ""}, tell(err)); diff != "" {
		t.Error(diff)
	}
	u.Change(func(st *jujutest.State) { st.Resources["schema"] = "{}" })
	path, err := tools.ResourceGet(t.Context(), "schema")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "{}" || filepath.Base(path) != "schema.json" {
		t.Errorf("%s: %s, %v", path, text, err)
	}
}

func TestHookToolsFail(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	fails := juju.Tools{Runner: canned{code: 1, stderr: "ERROR oops\n"}}
	late := juju.Tools{Runner: canned{err: context.DeadlineExceeded}}
	garbles := juju.Tools{Runner: canned{stdout: `"s3cr3t-mark`}}
	second := func(_ any, err error) error { return err }
	for tool, call := range map[string]struct {
		want string
		do   func(juju.Tools) error
	}{
		"config-get":              {"cannot read the application's configuration", func(t juju.Tools) error { return second(t.ConfigGet(ctx)) }},
		"is-leader":               {"cannot tell whether the unit leads its application", func(t juju.Tools) error { return second(t.IsLeader(ctx)) }},
		"status-set":              {"cannot set the unit's status", func(t juju.Tools) error { return t.StatusSet(ctx, juju.Status{Name: juju.Active}) }},
		"application-version-set": {"cannot set the application's version", func(t juju.Tools) error { return t.VersionSet(ctx, "1") }},
		"opened-ports":            {"cannot list the open ports", func(t juju.Tools) error { return second(t.OpenedPorts(ctx)) }},
		"open-port":               {`cannot open port "1/tcp"`, func(t juju.Tools) error { return t.OpenPort(ctx, "1/tcp") }},
		"close-port":              {`cannot close port "1/tcp"`, func(t juju.Tools) error { return t.ClosePort(ctx, "1/tcp") }},
		"resource-get":            {`cannot get resource "x"`, func(t juju.Tools) error { return second(t.ResourceGet(ctx, "x")) }},
		"relation-ids":            {"cannot list the relations of smtp", func(t juju.Tools) error { return second(t.RelationIDs(ctx, "smtp")) }},
		"relation-list":           {"cannot list the units of relation smtp:5", func(t juju.Tools) error { return second(t.RelationUnits(ctx, "smtp:5")) }},
		"relation-list ":          {"cannot tell the application of relation smtp:5", func(t juju.Tools) error { return second(t.RelationApp(ctx, "smtp:5")) }},
		"relation-get":            {"cannot read what mailer/0 says in relation smtp:5", func(t juju.Tools) error { return second(t.RelationGet(ctx, "smtp:5", "mailer/0")) }},
		"relation-get ":           {"cannot read what mailer says in relation smtp:5", func(t juju.Tools) error { return second(t.RelationGetApp(ctx, "smtp:5", "mailer")) }},
		"relation-set": {"cannot write to relation smtp:5", func(t juju.Tools) error {
			return t.RelationSet(ctx, "smtp:5", map[string]string{"a": "s3cr3t-mark"}, nil)
		}},
		"network-get":      {"cannot tell the unit's address at smtp", func(t juju.Tools) error { return second(t.BindAddress(ctx, "smtp")) }},
		"secret-get":       {`cannot read secret "cookie"`, func(t juju.Tools) error { return second(t.OwnSecret(ctx, "cookie")) }},
		"secret-info-get":  {`cannot find secret "cookie"`, func(t juju.Tools) error { return second(t.OwnSecretID(ctx, "cookie")) }},
		"secret-set":       {`cannot change secret "` + id + `"`, func(t juju.Tools) error { return t.SecretSet(ctx, id, nil) }},
		"secret-add":       {`cannot add secret "cookie"`, func(t juju.Tools) error { return second(t.SecretAdd(ctx, "cookie", "", nil)) }},
		"secret-get again": {`cannot read secret "` + id + `"`, func(t juju.Tools) error { return second(t.SecretGetLabelled(ctx, id, "mine")) }},
	} {
		tool, _, _ = strings.Cut(tool, " ")
		err := call.do(fails)
		if diff := cmp.Diff(told{fault.Internal, call.want + ": " + tool + ": oops", ""}, tell(err)); diff != "" {
			t.Error(diff)
		}
		err = call.do(late)
		if diff := cmp.Diff(told{fault.Timeout, call.want + ": cannot run " + tool + ": context deadline exceeded", ""}, tell(err)); diff != "" {
			t.Error(diff)
		}
		if err := call.do(garbles); err != nil && strings.Contains(err.Error(), "s3cr3t-mark") {
			t.Errorf("%s: what was printed is in the error", tool)
		}
	}
}
