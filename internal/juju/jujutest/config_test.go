package jujutest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// charm writes a file of the charm's.
func (u *Unit) charm(name, text string, mode os.FileMode) {
	u.tb.Helper()
	u.check(os.WriteFile(filepath.Join(u.store.charmDir(), name), []byte(text), mode))
}

const options = `
options:
  count: {type: int, default: 1234567}
  flag: {type: boolean, default: false}
  token: {type: secret}
  url: {type: string}
  empty: {type: string, default: ""}
`

func TestConfigGet(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		line string
		want said
	}{
		"all that have a value":    {"config-get --format=json", ok(`{"count":1234567,"empty":"","flag":true}` + "\n")},
		"all":                      {"config-get -a --format=json", ok(`{"count":1234567,"empty":"","flag":true,"token":null,"url":null}` + "\n")},
		"one":                      {"config-get flag", ok("True\n")},
		"a number for eyes":        {"config-get count", ok("1.234567e+06\n")},
		"one without a value":      {"config-get --format=json url", ok("null\n")},
		"one that is not declared": {"config-get --format=json nope", ok("null\n")},
		"an empty one":             {"config-get empty", ok("")},
		"a key and all":            {"config-get --all url", mistaken(`cannot use argument --all together with key "url"`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, "config: {flag: true}")
			u.charm("config.yaml", options, 0o600)
			u.BeginHook("config-changed")
			call := words(test.line)
			if diff := cmp.Diff(test.want, u.call(call[0], call[1:]...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConfigThatCannotBe(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"config: {nope: 1}":    `option "nope", which the charm does not have`,
		"config: {count: abc}": `option "count" is set to abc, which is no int`,
	} {
		u := NewUnit(t, state)
		u.charm("config.yaml", options, 0o600)
		u.BeginHook("config-changed")
		if got := u.call("config-get"); got.Code != 1 || !strings.Contains(got.Stderr, want) {
			t.Errorf("%s: %+v", state, got)
		}
	}
}

func TestTheAgentsOwnConfig(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginHook("config-changed")
	if got := u.call("config-get", "--format=json"); got.Code != 0 || !strings.HasPrefix(got.Stdout, "{") {
		t.Errorf("%+v", got)
	}
}
