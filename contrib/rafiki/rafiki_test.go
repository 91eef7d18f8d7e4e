// Package rafiki_test runs the npm scripts for Rafiki Admin as a person types
// them.
package rafiki_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// recorder stands in for kratos-agent: it writes down its arguments, one a
// line, and where the admin API is, and ends with the status that it is told.
const recorder = `#!/bin/sh
{ printf '%s\n' "$@"; echo "KRATOS_ADMIN_URL=$KRATOS_ADMIN_URL"; } > "$RECORD"
echo 'recovery-link: http://127.0.0.1/recovery'
exit "${STATUS:-0}"
`

const adminURL = "http://127.0.0.1:4434/admin"

// npm runs a script of package.json with the recorder on PATH. It gives npm's
// output, what the recorder wrote down, and npm's status.
func npm(t *testing.T, env []string, args ...string) (string, []string, int) {
	t.Helper()
	path, err := exec.LookPath("npm")
	if err != nil {
		testneed.Skip(t, "npm", "it is not on PATH", "apt-get install nodejs npm")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kratos-agent"), []byte(recorder), 0o755); err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(dir, "record")
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(),
		"PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "RECORD="+record, "KRATOS_ADMIN_URL="+adminURL,
		"npm_config_cache="+filepath.Join(dir, "cache"), "npm_config_update_notifier=false")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	said, err := os.ReadFile(record)
	if err != nil {
		t.Fatalf("kratos-agent was not called: %v\n%s", err, out)
	}
	return string(out), strings.Split(strings.TrimSuffix(string(said), "\n"), "\n"), cmd.ProcessState.ExitCode()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args, want []string
	}{
		"invite": {
			[]string{"run", "invite-user", "--", "example@mail.com"},
			[]string{"invite-user", "example@mail.com"},
		},
		"delete": {
			[]string{"run", "delete-user", "--", "example@mail.com"},
			[]string{"delete-user", "--yes", "example@mail.com"},
		},
		"flags and odd characters pass": {
			[]string{"run", "invite-user", "--", "o'brien+x@mail.com", "--traits", `{"name": "A $HOME B"}`},
			[]string{"invite-user", "o'brien+x@mail.com", "--traits", `{"name": "A $HOME B"}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, got, status := npm(t, nil, tc.args...)
			if status != 0 {
				t.Errorf("npm ended with %d:\n%s", status, out)
			}
			if diff := cmp.Diff(append(tc.want, "KRATOS_ADMIN_URL="+adminURL), got); diff != "" {
				t.Errorf("kratos-agent was called with (-want +got):\n%s", diff)
			}
			if !strings.Contains(out, "recovery-link: ") {
				t.Errorf("what kratos-agent printed is not in npm's output:\n%s", out)
			}
		})
	}
}

func TestFailurePasses(t *testing.T) {
	t.Parallel()
	if _, _, status := npm(t, []string{"STATUS=5"}, "run", "delete-user", "--", "example@mail.com"); status != 5 {
		t.Errorf("npm ended with %d, want kratos-agent's 5", status)
	}
}

// TestScriptsAreDeclared: the scripts name actions that there are.
func TestScriptsAreDeclared(t *testing.T) {
	t.Parallel()
	actions, err := os.ReadFile("../../actions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"invite-user", "delete-user"} {
		if !strings.Contains(string(actions), "\n"+name+":\n") {
			t.Errorf("actions.yaml declares no %s", name)
		}
	}
}
