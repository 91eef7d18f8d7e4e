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
//
// # The state
//
// This is a state with something of everything, as juju.yaml has it. All of it
// may be left out; what is misspelt is an error.
//
//	unit: kratos/0             # the unit; what follows is its own
//	leader: true
//	address: 10.1.0.10         # or none, while the pod has none
//	status: {status: active, message: ready}
//	version: v26.2.0           # application-version-set
//	ports: [4433/tcp]
//	charm-state: {key: value}  # state-set
//	others:                    # the other units, with the same keys
//	- {unit: kratos/1}
//
//	model: {name: iam, juju-version: 3.6.8}  # and more, see [Model]
//	config: {log_level: debug} # options that were set
//	application-status: {status: active}
//	resources: {schema: "{}"}  # files that were attached: name, content
//	relations:
//	- id: smtp:5               # the charm's endpoint, and a number
//	  app: mailer              # the application on the other side
//	  app-data: {host: mail}   # what it says
//	  units: {mailer/0: {}}    # its units, with what they say
//	  own-app-data: {}         # what the charm said: for the application,
//	  own-units: {kratos/0: {key: value}}  # and for each unit
//	- id: kratos-peers:0       # with its peers all is the application's own
//	  own-units: {kratos/1: {}}
//	secrets:
//	- id: cql684nmp25c75sflot0
//	  owner: kratos            # an application, a unit, or model for an administrator's
//	  label: cookie            # the owner's; a name where the model owns it
//	  revisions: [{cookiesecret: abc}]
//	  grants: [mailer]         # the applications that may read it
//	  consumers: {kratos/0: {revision: 1, label: mine}}
//	debug-log: []              # the lines of juju debug-log
//	tasks: []                  # the actions that were run, see [Task]
//
// Endpoints, and how many relations each takes, are declared in the charm's
// metadata.yaml, files in its resources. A relation with its peers is there
// without being written down, as Juju makes it. Every unit is in every relation,
// and in its databag finds egress-subnets, ingress-address and private-address,
// which are not in the state.
//
// # In a Go test
//
// [NewUnit] makes a unit, [Unit.BeginHook] begins a hook and [Unit.End] ends it
// with an exit code; between them the unit is a juju.Runner. Between hooks
// [Unit.Change] is the world changing, [Unit.Join] another unit of the same
// application, and [Unit.Lead] an election. [Unit.State] is what became of it
// all: Status, Version, Ports, [State.Relation] with the databags,
// [State.Owned] secrets, DebugLog; [Unit.Calls] are the command lines. Where the
// unit is one that joined, the state is the same, seen from there.
package jujutest

// The environment by which the programs find each other.
const (
	// EnvState names the file that holds the [State].
	EnvState = "JUJUTEST_STATE"
	// EnvUnit is the unit of the state in which programs run. Unset, it is the
	// one that the file is of.
	EnvUnit = "JUJUTEST_UNIT"
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
