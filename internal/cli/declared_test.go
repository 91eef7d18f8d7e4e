package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// TestHelp holds the help of every command to a golden file.
func TestHelp(t *testing.T) {
	t.Parallel()
	helps := map[string][]string{"kratos-agent": {"--help"}}
	for _, a := range declared(t) {
		helps[a.Name] = []string{a.Name, "--help"}
	}
	for _, b := range cli.Builtins() {
		helps[b.Name] = []string{b.Name, "--help"}
	}
	for name, args := range helps {
		got := words(args...).must(t)
		if got.stderr != "" {
			t.Errorf("%s: stderr has %q", name, got.stderr)
		}
		golden(t, name, got.stdout)
	}
	files, err := os.ReadDir(filepath.Join("testdata", "help"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := helps[strings.TrimSuffix(f.Name(), ".txt")]; !ok {
			t.Errorf("testdata/help/%s belongs to no command", f.Name())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "help", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; to write it: go test ./internal/cli -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s\nto take it on: go test ./internal/cli -update", path, diff)
	}
}

// TestWaysToHelp shows the same help however it is asked for.
func TestWaysToHelp(t *testing.T) {
	t.Parallel()
	all := words("--help").must(t)
	for _, args := range [][]string{{}, {"help"}, {"-h"}, {"--yes", "--help"}, {"--endpoint", "http://h", "-h"}} {
		if diff := cmp.Diff(all, words(args...).must(t), cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%v: %s", args, diff)
		}
	}
	one := words("get-identity", "--help").must(t)
	for _, args := range [][]string{
		{"help", "get-identity"}, {"get-identity", "-h"}, {"--help", "get-identity"}, {"get-identity", "a", "--bogus", "-help"},
	} {
		if diff := cmp.Diff(one, words(args...).must(t), cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%v: %s", args, diff)
		}
	}
	if got := words("get-identity", "--", "--help").run(t); got.code != 3 {
		t.Errorf("a person called --help: got %+v", got)
	}
}

func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	helps := map[string]string{}
	for _, c := range cli.Commands(declared(t)) {
		helps[c.Name] = c.Help()
	}
	for _, c := range cli.Builtins() {
		helps[c.Name] = c.Help()
	}
	for name, help := range helps {
		for line := range strings.Lines(help) {
			if len(line) > 81 && !strings.Contains(line, cli.Program+" ") {
				t.Errorf("%s: a line of %d columns: %s", name, len(line)-1, line)
			}
		}
	}
}

// TestNamesAreFree fails when a declared name is one that the command line
// needs for itself.
func TestNamesAreFree(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{"help": true, "h": true, "version": true, "v": true}
	for _, f := range cli.CommonFlags() {
		taken[f.Name] = true
	}
	for _, c := range cli.Commands(declared(t)) {
		for _, f := range c.Flags {
			if taken[f.Name] {
				t.Errorf("%s: --%s is taken by all commands", c.Name, f.Name)
			}
		}
		if slices.ContainsFunc(cli.Builtins(), func(b cli.Builtin) bool { return b.Name == c.Name }) {
			t.Errorf("%s is a command of its own", c.Name)
		}
	}
}

// TestStatuses holds the documented exit codes to those that are given.
func TestStatuses(t *testing.T) {
	t.Parallel()
	kinds := []fault.Kind{
		fault.Internal, fault.Usage, fault.NotFound, fault.Conflict, fault.Ambiguous, fault.Precondition,
		fault.Unavailable, fault.Partial, fault.Timeout, fault.Cancelled,
	}
	want := []int{0}
	for _, k := range kinds {
		want = append(want, fault.ExitCode(k))
	}
	slices.Sort(want)
	var got []int
	for _, s := range cli.Statuses() {
		got = append(got, s.Code)
	}
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Error(diff)
	}
	var errors string
	for _, topic := range cli.Topics() {
		errors += topic.Text
	}
	for _, k := range kinds {
		if !strings.Contains(errors, string(k)) {
			t.Errorf("the kind %s is not explained", k)
		}
	}
}

// TestSecretsAreNoFlags finds a parameter that must not be on a command line.
func TestSecretsAreNoFlags(t *testing.T) {
	t.Parallel()
	found := false
	for i, c := range cli.Commands(declared(t)) {
		for j, p := range declared(t)[i].Params {
			if p.WriteOnly {
				found = true
				if f := c.Flags[j]; f.Name != p.Name+"-file" || !f.File {
					t.Errorf("%s: %s is the flag --%s", c.Name, p.Name, f.Name)
				}
			}
		}
	}
	if !found {
		t.Error("no parameter is writeOnly")
	}
}

// TestServer passes on where the server is.
func TestServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args     []string
		env      string
		endpoint string
	}{
		{nil, "", "http://127.0.0.1:4434"},
		{nil, "http://h/admin", "http://h/admin"},
		{[]string{"--endpoint", "http://e"}, "http://h", "http://e"},
	} {
		server := alice()
		line := words(append([]string{"get-identity", aliceID, "--ca-file", "ca.pem"}, test.args...)...).on(server)
		line.env = map[string]string{cli.EndpointVariable: test.env}
		line.must(t)
		o := server.options
		if o.Endpoint != test.endpoint || o.CAFile != "ca.pem" || o.UserAgent != "kratos-agent/1.2.3" || o.Proxy == nil {
			t.Errorf("%v: the client has %+v", test, o)
		}
	}
}

// TestNextSteps prints commands that can be typed as they are.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	server := alice()
	server.document = strings.Replace(server.document, `"active"`, `"inactive"`, 1)
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "hint: next: kratos-agent enable-identity " + aliceID + "\n"},
		{[]string{"--endpoint", "http://h/a'b", "--ca-file", "my ca.pem"},
			"hint: next: kratos-agent enable-identity " + aliceID + ` --endpoint 'http://h/a'\''b' --ca-file 'my ca.pem'` + "\n"},
	} {
		got := words(append([]string{"reset-password", "alice@example.com"}, test.args...)...).on(server).run(t)
		if got.code != 4 || !strings.HasSuffix(got.stderr, test.want) {
			t.Errorf("got %+v, want %q", got, test.want)
		}
	}
	server = alice()
	server.sessions = 2
	got := words("reset-password", "alice@example.com").on(server).must(t)
	if want := "kratos-agent invalidate-identity-sessions " + aliceID + ", or the next time --invalidate-sessions\n"; !strings.HasSuffix(got.stderr, want) {
		t.Errorf("got %q, want %q", got.stderr, want)
	}
}
