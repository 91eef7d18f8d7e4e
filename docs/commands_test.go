// Package docs_test runs the commands that the guides print.
package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m) }

// The values that the guide prints and that are others in a real model.
const (
	printedID     = "6f1b0a2c-3c1d-4c7e-9a54-2b8f0d6e1a77" // alice's
	printedSecret = "cql684nmp25c75sflot0"
	realID        = "$(kratos-agent get-identity alice@example.com --quiet)"
)

// before prepares what a section takes for granted, by its heading.
var before = map[string]string{
	"Reset second factors": `
exec kratos-agent get-identity alice@example.com --quiet
capture ALICE (.*)
plant $ALICE totp
plant $ALICE lookup_secret
asked alice@example.com correct-horse-battery
exec kratos-agent get-identity bob@example.com --quiet
capture BOB (.*)
plant $BOB totp
`,
	"List and unlink social logins": `
link $ALICE github:1234 google:5678
`,
}

// after looks at Kratos when a section is done.
var after = map[string]string{
	"Create an admin account": `
signs-in boss@example.com correct-horse-battery
signs-in legacy@example.com change-me-soon
`,
	"Reset the password of the new account": `
signs-in legacy@example.com correct-horse-battery
! signs-in legacy@example.com change-me-soon
`,
	"Reset a password": `
signs-in alice@example.com correct-horse-battery
signs-in bob@example.com correct-horse-battery
`,
	"Reset second factors": `
! asked alice@example.com correct-horse-battery
! asked bob@example.com correct-horse-battery
`,
	"List and unlink social logins": `
exec kratos-agent list-oidc-accounts alice@example.com --quiet
! stdout .
`,
	"Delete a user": `
! exists $ALICE
! exists $BOB
exits 3 kratos-agent get-identity carol@example.com
`,
}

func TestManageUsers(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("how-to/manage-users.md")
	if err != nil {
		t.Fatal(err)
	}
	s := kratostest.New(t, kratostest.Config{})
	commands := jujutest.ScriptCommands()
	for name, command := range scripttest.Commands(s) {
		commands[name] = command
	}
	file := filepath.Join(t.TempDir(), "manage-users.txtar")
	if err := os.WriteFile(file, []byte(script(t, string(guide))), 0o600); err != nil {
		t.Fatal(err)
	}
	scripttest.Run(t, testscript.Params{
		Files: []string{file}, Cmds: commands, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("KRATOS_ADMIN_URL", s.AdminURL)
			return jujutest.Setup(env)
		},
	})
}

// script makes one script of the commands of a guide.
func script(t *testing.T, guide string) string {
	t.Helper()
	var lines, files strings.Builder
	ran, secrets := 0, 0
	for section := range strings.SplitSeq(guide, "\n## ") {
		heading, _, _ := strings.Cut(section, "\n")
		fmt.Fprintf(&lines, "# %s\n%s", heading, before[heading])
		for _, block := range shellBlock.FindAllStringSubmatch(section, -1) {
			for command := range strings.Lines(block[1]) {
				ran++
				if strings.HasPrefix(command, "juju add-secret") {
					secrets++
					fmt.Fprintf(&lines, "env %s=%s\n", jujutest.EnvNextSecret, realSecret(secrets))
				}
				command = strings.NewReplacer(printedID, realID, printedSecret, realSecret(secrets)).Replace(command)
				fmt.Fprintf(&files, "-- command-%d --\n%s", ran, command)
				lines.WriteString(step(command, ran))
			}
		}
		lines.WriteString(after[heading])
	}
	if ran < 40 {
		t.Fatalf("only %d commands were found", ran)
	}
	return lines.String() + files.String()
}

// realSecret is the id of the n-th secret, in the form of the printed one.
func realSecret(n int) string {
	return fmt.Sprintf("cql684nmp2%xc75sflot0", n)
}

// shellBlock is a block of commands to run. One that says not-run is none.
var shellBlock = regexp.MustCompile("(?ms)^```shell\n(.*?)^```$")

// step runs a command, which must succeed: an action's failure has no exit code
// of its own.
func step(command string, n int) string {
	s := fmt.Sprintf("exec sh -e command-%d\n", n)
	if strings.Contains(command, "juju run") {
		s += "! stdout ' failed: '\n! stderr 'failed to schedule'\n"
	}
	return s
}
