// Package jujutest is a unit of Juju for tests: the hook tools, the juju client
// and the agent that dispatches hooks and actions, each of them a program. It
// refuses what Juju refuses, with Juju's words and exit codes, since a lax
// double hides the defects that users meet. Where it does less than Juju it
// refuses too, and says that it is the double.
//
// A test package registers the programs, and its scripts use them:
//
//	func TestMain(m *testing.M) { testscript.Main(m, jujutest.Commands()) }
//
//	func TestScripts(t *testing.T) {
//		testscript.Run(t, testscript.Params{
//			Dir: "testdata/script", Setup: jujutest.Setup, Cmds: jujutest.ScriptCommands(),
//		})
//	}
//
// A script may bring the state it begins with as a file juju.yaml (see [State])
// and its charm in the directory charm; both are looked for beside each other.
// What it does not bring is a charmed Kratos with nothing in it.
package jujutest

// The environment by which the programs find each other.
const (
	// EnvState names the file that holds the [State].
	EnvState = "JUJUTEST_STATE"
	// EnvJournal names the file to which every hook tool called adds a line:
	// its name and arguments as a JSON array. Unset, none is kept.
	EnvJournal = "JUJUTEST_JOURNAL"
	// EnvDispatch names the program that hooks and actions start. Unset, it is
	// the charm directory's dispatch, or kratos-agent on the PATH.
	EnvDispatch = "JUJUTEST_DISPATCH"
	// EnvNextSecret is the id, 20 characters, that juju add-secret gives to the
	// secret it makes. Unset, ids are made up.
	EnvNextSecret = "JUJUTEST_NEXT_SECRET_ID"
)

// Commands gives the programs by name, for testscript.Main: the hook tools,
// juju, and juju-hook, which stands for Juju deciding that a hook is due.
func Commands() map[string]func() {
	commands := map[string]func(){
		"juju":      func() { exit(client) },
		"juju-hook": func() { exit(hook) },
	}
	for name := range tools() {
		commands[name] = func() { exit(func(w *world) int { return runTool(w, name) }) }
	}
	return commands
}
