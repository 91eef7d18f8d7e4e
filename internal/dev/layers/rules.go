package main

const module = "github.com/kratos-agent/kratos-agent"

// rules is the table of the layers. Imports go downward only: cmd, then the
// doors (cli, dispatch), then actions and charm, then the adapters (kratos,
// juju, pebble), then the leaves.
func rules() []rule {
	dev := []string{"internal/dev/..."}
	return []rule{
		{
			in: []string{"..."}, but: append([]string{"internal/cli"}, dev...),
			not: []string{"github.com/urfave/cli/..."},
			why: "the command line has one home, internal/cli",
		},
		{
			in: []string{"..."}, but: append([]string{"internal/kratos", "internal/selfservice"}, dev...),
			not: []string{"github.com/ory/client-go/..."},
			why: "Kratos' client has one home for each API: internal/kratos, internal/selfservice",
		},
		{
			in: []string{"..."}, but: []string{"cmd/...", "internal/kratos/kratostest/scripttest"},
			not: []string{"internal/agent"},
			why: "the whole program is for main, and for the tests that run it",
		},
		{
			in:  []string{"actions"},
			not: []string{"net/http/...", "os", "os/...", "flag", "io/ioutil", "github.com/urfave/...", "golang.org/x/term"},
			why: "an action is a use-case: what it needs of the world is an interface in its Env",
		},
		{
			in:  []string{"actions"},
			not: []string{"internal/cli", "internal/dispatch", "internal/juju", "internal/pebble"},
			why: "an action does not know which door it came through",
		},
		{
			in:  []string{"internal/kratos", "internal/selfservice"},
			not: []string{"actions", "charm/...", "internal/cli", "internal/dispatch", "internal/juju", "internal/pebble"},
			why: "an adapter does not know who uses it, nor another adapter",
		},
		{
			in:  []string{"internal/selfservice/page"},
			not: []string{"actions", "charm/...", "internal/...", "os", "os/..."},
			why: "nodes in, HTML out",
		},
		{
			in: []string{"..."}, but: append([]string{"internal/cli", "internal/selfservice/..."}, dev...),
			not: []string{"internal/selfservice/..."},
			why: "the pages are served by a command of the command line's",
		},
		{
			in:  []string{"internal/juju", "internal/pebble", "internal/kube", "internal/postgres"},
			not: []string{"actions", "charm/...", "internal/cli", "internal/dispatch", "internal/kratos", "internal/selfservice"},
			why: "an adapter does not know who uses it, nor another adapter",
		},
		{
			in:  []string{"internal/cli"},
			not: []string{"internal/dispatch"},
			why: "the doors stand beside each other",
		},
		{
			in:  []string{"internal/dispatch"},
			not: []string{"internal/cli"},
			why: "the doors stand beside each other",
		},
		{
			in: []string{"internal/spec", "internal/fault", "internal/result", "internal/kratosconf", "internal/kratosconf/schemacheck"},
			not: []string{
				".", "actions", "charm/...", "cmd/...", "internal/...",
				"os", "os/...", "net", "net/http/...", "github.com/urfave/...",
			},
			save: []string{"internal/fault"},
			why:  "a leaf is pure, and stands on internal/fault alone",
		},
		{
			in:  []string{"charm/relation", "charm/observability"},
			not: []string{"actions", "charm", "internal/...", "os", "os/...", "net", "net/http/..."},
			why: "databags in, databags out: pure",
		},
		{
			in:  []string{"charm", "charm/..."},
			not: []string{"actions", "internal/agent", "internal/cli", "internal/dispatch", "internal/kratos", "internal/selfservice"},
			why: "a hook does not know which door it came through, and runs Kratos without asking it for people",
		},
		{
			in: []string{"..."}, but: append([]string{"internal/kube/..."}, dev...),
			not: []string{"k8s.io/..."},
			why: "Kubernetes has one home, internal/kube",
		},
		{
			in: []string{"..."}, but: append([]string{"internal/postgres/...", "internal/pgtest"}, dev...),
			not: []string{"github.com/jackc/..."},
			why: "the database has one home, internal/postgres",
		},
		{
			in: []string{"..."}, but: append([]string{"internal/kratosconf/schemacheck"}, dev...),
			not: []string{"github.com/ory/jsonschema/..."},
			why: "the compiler of schemas cannot check the format tel of values here: see internal/phonenumbers",
		},
		{
			in: []string{"..."}, but: append([]string{"internal/...test", "internal/testneed"}, dev...),
			not: []string{"testing", "testing/...", "...test", "internal/testneed", "internal/dev/..."},
			why: "what is shipped holds no test code",
		},
		{
			in:  []string{"..."},
			not: []string{"cmd/..."},
			why: "a main program is imported by nothing",
		},
	}
}
