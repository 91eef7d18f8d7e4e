package jujutest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestOutputToAFile(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginAction("get-identity", map[string]any{"email": "a@b.c"})
	for i, args := range [][]string{{"-o", "out", "email"}, {"email", "--output=out"}, {"-oout", "email"}} {
		if got := u.call("action-get", args...); got != ok("") {
			t.Errorf("%v: %+v", args, got)
		}
		file := filepath.Join(filepath.Dir(u.store.path), "out")
		text, err := os.ReadFile(file)
		if err != nil || string(text) != "a@b.c\n" {
			t.Errorf("%d: %q, %v", i, text, err)
		}
		u.check(os.Remove(file))
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.charm("config.yaml", "options: {a: {type: string}}", 0o600)
	u.BeginHook("install")
	tests := map[string]struct {
		args []string
		want said
	}{
		"a cluster":          {words("-ao out --format=json"), ok("")},
		"a switch off":       {words("--all=false --format=json"), ok("{}\n")},
		"a switch with more": {words("--all=perhaps"), mistaken(`invalid value "perhaps" for option --all: strconv.ParseBool: parsing "perhaps": invalid syntax`)},
		"no such letter":     {words("-ax"), mistaken("option provided but not defined: -x")},
		"help":               {words("--help"), ok("Usage: config-get\n")},
		"-h":                 {words("-h"), ok("Usage: config-get\n")},
	}
	for name, test := range tests {
		if got := u.call("config-get", test.args...); got != test.want {
			t.Errorf("%s: %+v, not %+v", name, got, test.want)
		}
	}
}

func TestProgramsWithoutAUnit(t *testing.T) {
	t.Parallel()
	const unset = "jujutest: JUJUTEST_STATE is not set"
	programs := map[string]struct {
		run  func(*world) int
		args string
		env  []string
		want said
	}{
		"a tool":             {func(w *world) int { return runTool(w, "is-leader") }, "", []string{"JUJU_CONTEXT_ID=x", "JUJU_AGENT_SOCKET_ADDRESS=x", "JUJU_AGENT_SOCKET_NETWORK=unix"}, failed(unset)},
		"juju":               {client, "run", nil, failed(unset)},
		"juju-hook":          {hook, "install", nil, failed(unset)},
		"juju alone":         {client, "", nil, mistaken("jujutest: juju needs a command")},
		"juju-hook alone":    {hook, "", nil, mistaken("jujutest: juju-hook NAME [VARIABLE=VALUE...]")},
		"juju, another":      {client, "deploy kratos", nil, mistaken("jujutest: juju deploy is not part of the double")},
		"juju in background": {client, "run kratos/0 x --background", []string{EnvState + "=x"}, mistaken("jujutest: --background is not part of the double")},
	}
	for name, test := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			w := &world{args: words(test.args), env: test.env, dir: t.TempDir(), stdout: &stdout, stderr: &stderr}
			if got := (said{test.run(w), stdout.String(), stderr.String()}); got != test.want {
				t.Errorf("%+v, not %+v", got, test.want)
			}
		})
	}
}
