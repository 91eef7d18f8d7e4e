package jujutest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is what a tool answered.
type said struct {
	Code           int
	Stdout, Stderr string
}

func (u *Unit) call(tool string, args ...string) said {
	stdout, stderr, code, err := u.Run(u.tb.Context(), tool, args, nil)
	u.check(err)
	return said{code, string(stdout), string(stderr)}
}

func ok(stdout string) said     { return said{0, stdout, ""} }
func failed(text string) said   { return said{1, "", "ERROR " + text + "\n"} }
func mistaken(text string) said { return said{2, "", "ERROR " + text + "\n"} }

func TestToolsInAnAction(t *testing.T) {
	t.Parallel()
	params := map[string]any{
		"email": "a@example.com", "count": 1234567, "big": 9007199254740993, "empty": "", "off": false, "on": true,
		"nothing": nil, "nested": map[string]any{"deep": map[string]any{"er": "x"}}, "list": []string{"a", "b"},
	}
	const badKey = ` must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods`
	tests := map[string]struct {
		line []string
		want said
	}{
		"a parameter":                       {words("action-get email"), ok("a@example.com\n")},
		"a parameter as JSON":               {words("action-get email --format=json"), ok("\"a@example.com\"\n")},
		"options anywhere":                  {words("action-get --format json email"), ok("\"a@example.com\"\n")},
		"a big number for eyes":             {words("action-get count"), ok("1.234567e+06\n")},
		"a big number as JSON":              {words("action-get --format=json count"), ok("1234567\n")},
		"digits beyond 2^53 are lost":       {words("action-get --format=json big"), ok("9007199254740992\n")},
		"an empty string prints nothing":    {words("action-get empty"), ok("")},
		"an empty string as JSON":           {words("action-get --format=json empty"), ok("\"\"\n")},
		"false for eyes":                    {words("action-get off"), ok("False\n")},
		"true for eyes":                     {words("action-get on"), ok("True\n")},
		"true as YAML":                      {words("action-get on --format yaml"), ok("true\n")},
		"null":                              {words("action-get --format=json nothing"), ok("null\n")},
		"a missing parameter is no error":   {words("action-get missing"), ok("")},
		"a missing parameter as JSON":       {words("action-get missing --format=json"), ok("null\n")},
		"a parameter within one":            {words("action-get nested.deep.er"), ok("x\n")},
		"beyond a scalar":                   {words("action-get --format=json email.x"), ok("null\n")},
		"a list for eyes is YAML":           {words("action-get list"), ok("- a\n- b\n")},
		"action-get takes one key":          {words("action-get a b"), mistaken(`unrecognized args: ["b"]`)},
		"action-get knows its formats":      {words("action-get --format=xml"), mistaken(`invalid value "xml" for option --format: unknown format "xml"`)},
		"an option without its value":       {words("action-get --format"), mistaken(`option needs an argument: --format`)},
		"action-set":                        {words("action-set a=b"), ok("")},
		"action-set with nothing":           {words("action-set"), ok("")},
		"action-set without a value":        {words("action-set a"), mistaken(`argument "a" must be of the form key...=value`)},
		"action-set upper case":             {words("action-set aB=1"), mistaken(`key "aB"` + badKey)},
		"action-set underscore":             {words("action-set a.b_c=1"), mistaken(`key "b_c"` + badKey)},
		"action-set hyphen at the end":      {words("action-set a-=1"), mistaken(`key "a-"` + badKey)},
		"action-set empty segment":          {words("action-set a..b=1"), mistaken(`key ""` + badKey)},
		"action-set stdout":                 {words("action-set stdout=1"), mistaken(`cannot set reserved action key "stdout"`)},
		"action-set stderr below":           {words("action-set a.stderr.b=1"), mistaken(`cannot set reserved action key "stderr"`)},
		"action-set an encoding":            {words("action-set stdout-encoding=x"), mistaken(`cannot set reserved action key "stdout-encoding"`)},
		"action-set a dash is an option":    {words("action-set -a=1"), mistaken(`option provided but not defined: -a`)},
		"action-fail":                       {words("action-fail why"), ok("")},
		"action-fail with nothing":          {words("action-fail"), ok("")},
		"action-fail with two":              {words("action-fail no quotes"), mistaken(`unrecognized args: ["quotes"]`)},
		"action-fail a dash is an option":   {words("action-fail -x"), mistaken(`option provided but not defined: -x`)},
		"action-fail a long dash too":       {words("action-fail --why"), mistaken(`option provided but not defined: --why`)},
		"action-fail after --":              {words("action-fail -- -x"), ok("")},
		"action-log":                        {words("action-log two words"), ok("")},
		"action-log with nothing":           {words("action-log"), mistaken("no message specified")},
		"action-log with only --":           {words("action-log --"), mistaken("no message specified")},
		"action-log a dash is an option":    {words("action-log -5"), mistaken("option provided but not defined: -5")},
		"action-log a dash alone is text":   {words("action-log -"), ok("")},
		"juju-log":                          {words("juju-log -l DEBUG -- -text"), ok("")},
		"juju-log with nothing":             {words("juju-log -l INFO"), mistaken("no message specified")},
		"juju-log a bad level is no error":  {words("juju-log -l LOUD text"), ok("")},
		"is-leader":                         {words("is-leader --format=json"), ok("true\n")},
		"is-leader for eyes":                {words("is-leader"), ok("True\n")},
		"status-set":                        {words("status-set active"), ok("")},
		"status-set for the application":    {words("status-set --application active fine"), ok("")},
		"status-set with nothing":           {words("status-set"), mistaken("invalid args, require <status> [message]")},
		"status-set an unknown one":         {words("status-set error oops"), mistaken(`invalid status "error", expected one of [maintenance blocked waiting active]`)},
		"status-set with two messages":      {words("status-set active a b"), mistaken(`unrecognized args: ["b"]`)},
		"status-set a dash is an option":    {words("status-set active -x"), mistaken("option provided but not defined: -x")},
		"state-get nothing":                 {words("state-get --format=json"), ok("{}\n")},
		"state-get a missing key":           {words("state-get --format=json k"), ok("\"\"\n")},
		"state-get a missing key, strictly": {words("state-get --strict k"), failed(`"k" not found`)},
		"state-set no pair":                 {words("state-set k"), mistaken(`expected "key=value", got "k"`)},
		"state-set a long key":              {[]string{"state-set", strings.Repeat("k", 257) + "=v"}, failed("max allowed key length (256) exceeded")},
		"state-set a long value":            {[]string{"state-set", "k=" + strings.Repeat("v", 65537)}, failed("max allowed value length (65536) exceeded")},
		"the largest argument":              {[]string{"action-set", "k=" + strings.Repeat("v", 131069)}, ok("")},
		"an argument beyond Linux'":         {[]string{"action-set", "k=" + strings.Repeat("v", 131070)}, failed("fork/exec action-set: argument list too long")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, "")
			u.BeginAction("get-identity", params)
			if diff := cmp.Diff(test.want, u.call(test.line[0], test.line[1:]...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func words(line string) []string { return strings.Fields(line) }

func TestActionToolsOutsideOfAnAction(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginHook("install")
	for _, line := range []string{"action-get", "action-set a=b", "action-log text", "action-fail"} {
		call := words(line)
		if diff := cmp.Diff(failed("not running an action"), u.call(call[0], call[1:]...)); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
	if got := u.call("action-set", "A=1"); got.Code != 2 {
		t.Errorf("a bad key is found before the context is looked at, got %+v", got)
	}
}

func TestToolsWithoutAContext(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	if diff := cmp.Diff(failed("JUJU_CONTEXT_ID not set"), u.call("is-leader")); diff != "" {
		t.Error(diff)
	}
	u.env = []string{"JUJU_CONTEXT_ID=kratos/0-x-1"}
	if diff := cmp.Diff(failed("JUJU_AGENT_SOCKET_ADDRESS not set"), u.call("is-leader")); diff != "" {
		t.Error(diff)
	}
	u.BeginHook("install")
	u.env = append(u.env, "JUJU_CONTEXT_ID=another")
	if diff := cmp.Diff(failed(`bad request: wrong context ID; got "another"`), u.call("is-leader")); diff != "" {
		t.Error(diff)
	}
	u.BeginHook("start")
	u.End(0)
	if got := u.call("is-leader"); got.Code != 1 || !strings.Contains(got.Stderr, "agent.socket") {
		t.Errorf("a context that is over has no socket, got %+v", got)
	}
}

func TestNotTheLeader(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "leader: false")
	u.BeginHook("config-changed")
	if diff := cmp.Diff(ok("False\n"), u.call("is-leader")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(failed("this unit is not the leader"), u.call("status-set", "--application", "active")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ok(""), u.call("status-set", "--", "blocked", "-why")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Status{"blocked", "-why"}, u.State().Status); diff != "" {
		t.Error(diff)
	}
}

func TestResultsNest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sets []string
		want map[string]any
	}{
		"beside each other":          {[]string{"a.b=1 a.c=2"}, map[string]any{"a": map[string]any{"b": "1", "c": "2"}}},
		"over several calls":         {[]string{"a.b=1", "a.c=2"}, map[string]any{"a": map[string]any{"b": "1", "c": "2"}}},
		"a value replaces a map":     {[]string{"a.b=1 a=2"}, map[string]any{"a": "2"}},
		"a map replaces a value":     {[]string{"a=1 a.b="}, map[string]any{"a": map[string]any{"b": ""}}},
		"the last one wins":          {[]string{"a=1", "a=2"}, map[string]any{"a": "2"}},
		"more equals are the value":  {[]string{"a=b=c="}, map[string]any{"a": "b=c="}},
		"return-code is overwritten": {[]string{"return-code=7"}, map[string]any{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, "")
			u.BeginAction("get-identity", nil)
			for _, set := range test.sets {
				if got := u.call("action-set", words(set)...); got != ok("") {
					t.Fatal(got)
				}
			}
			test.want["return-code"] = 0
			if diff := cmp.Diff(test.want, u.End(0).Results); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEndOfAnAction(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		state           string
		calls           []string
		code            int
		status, message string
		kept            bool // what waited was committed
	}{
		"it completes":                          {"", nil, 0, "completed", "", true},
		"it fails and says so":                  {"", []string{"action-fail -- -why"}, 0, "failed", "-why", true},
		"it fails without a reason":             {"", []string{"action-fail"}, 0, "failed", "action failed without reason given, check action for errors", true},
		"the last failure wins":                 {"", []string{"action-fail one", "action-fail two"}, 0, "failed", "two", true},
		"its process fails":                     {"", nil, 3, "failed", "exit status 3", false},
		"its process fails, the reason is lost": {"", []string{"action-fail why"}, 1, "failed", "exit status 1", false},
		"the commit fails":                      {"model: {commit-error: no quorum}", nil, 0, "failed", "committing requested changes failed", false},
		"it and the commit fail":                {"model: {commit-error: no quorum}", []string{"action-fail why"}, 0, "failed", "why", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, test.state)
			u.BeginAction("get-identity", nil)
			for _, line := range append(test.calls, "action-set done=1", "state-set k=v", "status-set active") {
				call := words(line)
				if got := u.call(call[0], call[1:]...); got != ok("") {
					t.Fatalf("%s: %+v", line, got)
				}
			}
			if u.call("state-get", "k") != ok("v\n") {
				t.Error("the action does not see what it set itself")
			}
			if u.State().CharmState != nil {
				t.Error("what was set is kept before the process ended")
			}
			task, st := u.End(test.code), u.State()
			if task.Status != test.status || task.Message != test.message {
				t.Errorf("the task is %s: %q", task.Status, task.Message)
			}
			if task.Results["done"] != "1" || task.Results["return-code"] != test.code {
				t.Errorf("results are delivered in any case, got %v", task.Results)
			}
			if said := task.Results["stderr"]; test.state != "" && said != "no quorum" {
				t.Errorf("stderr is %v", said)
			}
			if kept := st.CharmState["k"] == "v"; kept != test.kept {
				t.Errorf("the changes are kept: %v", kept)
			}
			if st.Status.Status != "active" {
				t.Error("a status takes effect at once, whatever comes of the process")
			}
		})
	}
}

func TestEndOfAHook(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "charm-state: {a: old, b: old}")
	u.BeginHook("config-changed")
	for _, line := range []string{"state-set a=new c=new", "state-delete b"} {
		call := words(line)
		u.call(call[0], call[1:]...)
	}
	if diff := cmp.Diff(ok("{\"a\":\"new\",\"c\":\"new\"}\n"), u.call("state-get", "--format=json")); diff != "" {
		t.Error(diff)
	}
	u.End(1)
	st := u.State()
	if diff := cmp.Diff(map[string]string{"a": "old", "b": "old"}, st.CharmState); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Status{"error", `hook failed: "config-changed"`}, st.Status); diff != "" {
		t.Error(diff)
	}
	u.BeginHook("config-changed")
	_, _, code, err := u.Run(t.Context(), "state-set", []string{"--file", "-", "a=arg"}, []byte("a: file\nb: file"))
	if code != 0 || err != nil {
		t.Fatal(code, err)
	}
	u.End(0)
	if diff := cmp.Diff(map[string]string{"a": "arg", "b": "file"}, u.State().CharmState); diff != "" {
		t.Error(diff)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginAction("get-identity", nil)
	u.call("action-log", "two", "words")
	u.call("action-log", "--", "-dash")
	u.call("juju-log", "--log-level=warning", "careful")
	u.call("juju-log", "-l", "LOUD", "hey")
	u.call("juju-log", "--debug", "deep")
	task := u.End(0)
	var log []string
	for _, m := range task.Log {
		log = append(log, m.Text)
	}
	if diff := cmp.Diff([]string{"two words", "-dash"}, log); diff != "" {
		t.Error(diff)
	}
	want := []string{
		"WARNING unit.kratos/0.juju-log careful",
		`WARNING unit.kratos/0.juju-log Specified log level of "LOUD" is not valid`,
		"INFO unit.kratos/0.juju-log hey",
		"DEBUG unit.kratos/0.juju-log deep",
	}
	if diff := cmp.Diff(want, u.State().DebugLog); diff != "" {
		t.Error(diff)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginAction("get-identity", nil)
	u.call("action-set", "a=b c", "d=\n")
	u.call("action-set", "-x")
	u.call("is-leader")
	want := [][]string{{"action-set", "a=b c", "d=\n"}, {"action-set", "-x"}, {"is-leader"}}
	if diff := cmp.Diff(want, u.Calls()); diff != "" {
		t.Error(diff)
	}
}
