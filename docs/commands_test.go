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

// guide is a page whose commands are run.
type guide struct {
	file string
	// commands is how many there are at least: a page that has lost them proves
	// nothing.
	commands int
	// before prepares what a section takes for granted, and after looks at
	// Kratos when it is done, both by its heading.
	before, after map[string]string
}

func guides() []guide {
	return []guide{manageUsers(), deploy(), enforceMFA(), externalProviders(), email(), invitePeople()}
}

func manageUsers() guide {
	return guide{
		file: "manage-users.md", commands: 40,
		before: map[string]string{
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
		},
		after: map[string]string{
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
		},
	}
}

func deploy() guide {
	return guide{file: "deploy.md", commands: 4, after: map[string]string{
		"Create the first administrator": `
signs-in admin@example.com correct-horse-battery
signs-in admin correct-horse-battery
`,
	}}
}

func enforceMFA() guide {
	const lost = "Help somebody who lost it"
	return guide{
		file: "enforce-mfa.md", commands: 2,
		before: map[string]string{lost: `
person ALICE alice@example.com password=correct-horse-battery
plant $ALICE totp
plant $ALICE lookup_secret
session TOKEN alice@example.com correct-horse-battery
asked alice@example.com correct-horse-battery
`},
		after: map[string]string{lost: `
! alive $TOKEN
! asked alice@example.com correct-horse-battery
`},
	}
}

func externalProviders() guide {
	const logins = "See and remove social logins"
	return guide{
		file: "external-providers.md", commands: 2,
		before: map[string]string{logins: `
person ALICE alice@example.com password=correct-horse-battery
link $ALICE github:1234
`},
		after: map[string]string{logins: `
exec kratos-agent list-oidc-accounts alice@example.com --quiet
! stdout .
`},
	}
}

func email() guide {
	const without = "Without a mail server"
	return guide{
		file: "email.md", commands: 2,
		before: map[string]string{without: "person ALICE alice@example.com password=correct-horse-battery\n"},
		after:  map[string]string{without: "exec kratos-agent get-identity bob@example.com\n"},
	}
}

func invitePeople() guide {
	return guide{
		file: "invite-people.md", commands: 8,
		after: map[string]string{
			"Send a link": `
exec kratos-agent get-identity alice@example.com --quiet
capture ALICE (.*)
exec kratos-agent get-identity bob@example.com --quiet
capture BOB (.*)
exec kratos-agent invite-user bob@example.com --quiet
capture LINK (.*)
recovers $BOB $LINK
exec kratos-agent get-identity carol@example.com
`,
			"Send a code": `
exec kratos-agent get-identity dave@example.com
exec kratos-agent get-identity erin@example.com
`,
			"When a link no longer works": "! exists $ALICE\n",
		},
	}
}

func TestGuides(t *testing.T) {
	t.Parallel()
	for _, g := range guides() {
		t.Run(g.file, func(t *testing.T) {
			t.Parallel()
			g.run(t)
		})
	}
}

// run runs the commands of the guide on a Kratos of its own.
func (g guide) run(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("how-to", g.file))
	if err != nil {
		t.Fatal(err)
	}
	s := kratostest.New(t, kratostest.Config{})
	commands := jujutest.ScriptCommands()
	for name, command := range scripttest.Commands(s) {
		commands[name] = command
	}
	file := filepath.Join(t.TempDir(), strings.TrimSuffix(g.file, ".md")+".txtar")
	if err := os.WriteFile(file, []byte(g.script(t, string(text))), 0o600); err != nil {
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
func (g guide) script(t *testing.T, text string) string {
	t.Helper()
	t.Helper()
	var lines, files strings.Builder
	ran, secrets := 0, 0
	headings := map[string]bool{}
	for section := range strings.SplitSeq(text, "\n## ") {
		heading, _, _ := strings.Cut(section, "\n")
		headings[heading] = true
		fmt.Fprintf(&lines, "# %s\n%s", heading, g.before[heading])
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
		lines.WriteString(g.after[heading])
	}
	for _, named := range []map[string]string{g.before, g.after} {
		for heading := range named {
			if !headings[heading] {
				t.Errorf("there is no section %q any more", heading)
			}
		}
	}
	if ran < g.commands {
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
