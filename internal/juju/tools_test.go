package juju_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
)

// unit gives a unit in an action, and its tools.
func unit(t *testing.T, state string, params map[string]any) (*jujutest.Unit, juju.Tools) {
	t.Helper()
	u := jujutest.NewUnit(t, state)
	u.BeginAction("get-identity", params)
	return u, juju.Tools{Runner: u}
}

// canned answers every tool alike, for what the strict unit never says.
type canned struct {
	stdout, stderr string
	code           int
	err            error
}

func (c canned) Run(context.Context, string, []string, []byte) ([]byte, []byte, int, error) {
	return []byte(c.stdout), []byte(c.stderr), c.code, c.err
}

// told is an error as a door would see it.
type told struct {
	Kind       fault.Kind
	Text, Hint string
}

func tell(err error) told {
	if err == nil {
		return told{}
	}
	return told{fault.KindOf(err), err.Error(), fault.HintOf(err)}
}

func TestActionGet(t *testing.T) {
	t.Parallel()
	params := map[string]any{"email": "a@b.c", "count": 12, "on": true, "traits": map[string]any{"n": 1.5}, "none": nil}
	u, tools := unit(t, "", params)
	got, err := tools.ActionGet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"email": "a@b.c", "count": json.Number("12"), "on": true, "none": nil,
		"traits": map[string]any{"n": json.Number("1.5")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"action-get", "--format=json"}}, u.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestActionGetOfNothing(t *testing.T) {
	t.Parallel()
	for _, printed := range []string{"null\n", "{}", " {} \n"} {
		got, err := juju.Tools{Runner: canned{stdout: printed}}.ActionGet(t.Context())
		if err != nil || got == nil || len(got) > 0 {
			t.Errorf("%q: %v, %v", printed, got, err)
		}
	}
}

func TestActionGetFails(t *testing.T) {
	t.Parallel()
	hooked := jujutest.NewUnit(t, "")
	hooked.BeginHook("install")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx    context.Context
		runner juju.Runner
		want   told
	}{
		"in a hook":     {t.Context(), hooked, told{fault.Internal, "cannot read the action's parameters: action-get: not running an action", ""}},
		"no JSON":       {t.Context(), canned{stdout: "s3cr3t-mark"}, told{fault.Internal, "cannot read the action's parameters: action-get printed JSON of another shape than Juju's", ""}},
		"no map":        {t.Context(), canned{stdout: `["s3cr3t-mark"]`}, told{fault.Internal, "cannot read the action's parameters: action-get printed JSON of another shape than Juju's", ""}},
		"cut":           {t.Context(), canned{stdout: `{"a":"s3cr3t-mark`}, told{fault.Internal, "cannot read the action's parameters: action-get printed JSON of another shape than Juju's", ""}},
		"more than one": {t.Context(), canned{stdout: `{} {}`}, told{fault.Internal, "cannot read the action's parameters: action-get printed more than one JSON value", ""}},
		"silent":        {t.Context(), canned{code: 1}, told{fault.Internal, "cannot read the action's parameters: action-get ended with exit code 1 and said nothing", ""}},
		"not marked":    {t.Context(), canned{code: 1, stderr: "\n  oops \nmore\n"}, told{fault.Internal, "cannot read the action's parameters: action-get: oops", ""}},
		"marked below":  {t.Context(), canned{code: 1, stderr: "WARNING x\nERROR why\nmore\n"}, told{fault.Internal, "cannot read the action's parameters: action-get: why", ""}},
		"long":          {t.Context(), canned{code: 1, stderr: strings.Repeat("é", 300)}, told{fault.Internal, "cannot read the action's parameters: action-get: " + strings.Repeat("é", 250), ""}},
		"cannot run":    {t.Context(), canned{err: errors.New("oops")}, told{fault.Internal, "cannot read the action's parameters: cannot run action-get: oops", ""}},
		"cancelled":     {ended, hooked, told{fault.Cancelled, "cannot read the action's parameters: cannot run action-get: context canceled", ""}},
		"time is over":  {t.Context(), canned{err: context.DeadlineExceeded}, told{fault.Timeout, "cannot read the action's parameters: cannot run action-get: context deadline exceeded", ""}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := juju.Tools{Runner: test.runner}.ActionGet(test.ctx)
			if diff := cmp.Diff(test.want, tell(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestActionSet(t *testing.T) {
	t.Parallel()
	u, tools := unit(t, "", nil)
	long := strings.Repeat("v", 131069)
	pairs := []juju.Pair{{Key: "a.b", Value: "-x=\n\"é"}, {Key: "a.c-1", Value: ""}, {Key: "k", Value: long}}
	if err := tools.ActionSet(t.Context(), pairs); err != nil {
		t.Fatal(err)
	}
	if got := len(u.Calls()); got != 1 {
		t.Errorf("%d calls", got)
	}
	want := map[string]any{"a": map[string]any{"b": "-x=\n\"é", "c-1": ""}, "k": long, "return-code": 0}
	if diff := cmp.Diff(want, u.End(0).Results); diff != "" {
		t.Error(diff)
	}
}

func TestActionSetNothing(t *testing.T) {
	t.Parallel()
	u, tools := unit(t, "", nil)
	if err := tools.ActionSet(t.Context(), nil); err != nil || len(u.Calls()) > 0 {
		t.Error(err, u.Calls())
	}
}

func TestActionSetRefuses(t *testing.T) {
	t.Parallel()
	const rule = `its key may have lower case letters, digits, hyphens and dots, and begins and ends each part with a letter or digit`
	tests := map[string]struct {
		pair juju.Pair
		want string
	}{
		"upper case":    {juju.Pair{Key: "aB"}, `cannot set result "aB": ` + rule},
		"underscore":    {juju.Pair{Key: "a.b_c"}, `cannot set result "a.b_c": ` + rule},
		"empty":         {juju.Pair{Key: ""}, `cannot set result "": ` + rule},
		"empty part":    {juju.Pair{Key: "a..b"}, `cannot set result "a..b": ` + rule},
		"a dash first":  {juju.Pair{Key: "-a"}, `cannot set result "-a": ` + rule},
		"an equal sign": {juju.Pair{Key: "a=b"}, `cannot set result "a=b": ` + rule},
		"stdout":        {juju.Pair{Key: "stdout"}, `cannot set result "stdout": Juju keeps stdout for itself`},
		"stderr below":  {juju.Pair{Key: "a.stderr-encoding"}, `cannot set result "a.stderr-encoding": Juju keeps stderr-encoding for itself`},
		"too long":      {juju.Pair{Key: "k", Value: strings.Repeat("v", 131070)}, `cannot set result "k": it takes 131072 bytes, and an argument holds 131071`},
		"a NUL":         {juju.Pair{Key: "k", Value: "a\x00s3cr3t-mark"}, `cannot set result "k": its value holds a NUL byte`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, tools := unit(t, "", nil)
			err := tools.ActionSet(t.Context(), []juju.Pair{{Key: "good", Value: "x"}, test.pair})
			if diff := cmp.Diff(told{fault.Internal, test.want, ""}, tell(err)); diff != "" {
				t.Error(diff)
			}
			if len(u.Calls()) > 0 {
				t.Error("a tool was called")
			}
		})
	}
}

// TestKeyRules holds our rules to those of the strict unit.
func TestKeyRules(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"a", "a1", "1", "a-b", "a--b", "a.b.c", "return-code", "stdout-x", "é", "a b", "a.", ".a", "a-", "A", "a_b",
		"stdout", "a.stdout.b", "stdout-encoding", "stderr", "stderr-encoding", "ab.c-", "a\n",
	} {
		u, tools := unit(t, "", nil)
		err := tools.ActionSet(t.Context(), []juju.Pair{{Key: key, Value: "x"}})
		_, stderr, code, _ := u.Run(t.Context(), "action-set", []string{key + "=x"}, nil)
		if (err == nil) != (code == 0) {
			t.Errorf("%q: we say %v, the unit %s", key, err, stderr)
		}
	}
}

func TestActionLogAndFail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ given, want string }{
		"a dash":          {"-x", "-x"},
		"two dashes":      {"--", "--"},
		"lines":           {"a\nb ", "a\nb "},
		"a NUL":           {"a\x00b", "a\uFFFDb"},
		"just fits":       {strings.Repeat("x", 131071), strings.Repeat("x", 131071)},
		"does not fit":    {strings.Repeat("x", 131072), strings.Repeat("x", 131043) + " ... [cut from 131072 bytes]"},
		"cut at a letter": {strings.Repeat("é", 65536), strings.Repeat("é", 65521) + " ... [cut from 131072 bytes]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, tools := unit(t, "", nil)
			if err := errors.Join(
				tools.ActionLog(t.Context(), test.given),
				tools.ActionFail(t.Context(), test.given),
				tools.JujuLog(t.Context(), juju.Warning, test.given),
			); err != nil {
				t.Fatal(err)
			}
			task := u.End(0)
			if task.Status != "failed" || task.Message != test.want || task.Log[0].Text != test.want {
				t.Errorf("%s: %.200q, %.200q", task.Status, task.Message, task.Log[0].Text)
			}
			if got := u.State().DebugLog[0]; got != "WARNING unit.kratos/0.juju-log "+test.want {
				t.Errorf("%.200q", got)
			}
		})
	}
}

func TestEmptyTexts(t *testing.T) {
	t.Parallel()
	u, tools := unit(t, "", nil)
	if err := errors.Join(tools.ActionLog(t.Context(), ""), tools.JujuLog(t.Context(), juju.Info, "")); err != nil {
		t.Fatal(err)
	}
	if len(u.Calls()) > 0 {
		t.Error(u.Calls())
	}
	if err := tools.ActionFail(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if task := u.End(0); task.Status != "failed" || !strings.HasPrefix(task.Message, "action failed without reason given") {
		t.Errorf("%s: %q", task.Status, task.Message)
	}
}

func TestToolsFail(t *testing.T) {
	t.Parallel()
	tools := juju.Tools{Runner: canned{code: 1, stderr: "ERROR oops\n"}}
	for want, err := range map[string]error{
		"cannot set the action's results: action-set: oops":   tools.ActionSet(t.Context(), []juju.Pair{{Key: "a"}}),
		"cannot write to the action's log: action-log: oops":  tools.ActionLog(t.Context(), "x"),
		"cannot mark the action as failed: action-fail: oops": tools.ActionFail(t.Context(), "x"),
		"cannot write to Juju's log: juju-log: oops":          tools.JujuLog(t.Context(), juju.Debug, "x"),
	} {
		if diff := cmp.Diff(told{fault.Internal, want, ""}, tell(err)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestApplication(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]string{"kratos/0": "kratos", "my-kratos/12": "my-kratos", "": ""} {
		if got := juju.Application(unit); got != want {
			t.Errorf("%q: %q", unit, got)
		}
	}
}
