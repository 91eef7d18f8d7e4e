package charm

import (
	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// Plan is what should be. Apply compares it with what is there.
type Plan struct {
	Workload Workload
	// Migrate the database first. Where that fails, the workload is left alone.
	Migrate bool
	// Held tells that what runs is kept, since something is wrong with what it
	// would be replaced by.
	Held bool
	// Try the candidate beside the Kratos that serves before it replaces it.
	Try bool
	// Candidate is the hash of all that makes Kratos run as it would: the layer,
	// the configuration and the files.
	Candidate string
	// Config is the configuration file.
	Config []byte
	// Files are the others that Kratos reads, by path.
	Files map[string][]byte
	// Scripts are the jsonnet programs of the configuration, for the workload's own
	// linter, which looks at them once, with the candidate that brings them.
	Scripts []Script
	// Layer is Pebble's: what is to run, or, to stop, what is no longer.
	Layer pebble.Layer
	// Courier tells that this unit sends the mails, UI that it serves the pages.
	Courier, UI bool

	// Keys are to be kept as the application's secret; nil where they are
	// already. NewKeys tells that there is none yet.
	Keys    *Keys
	NewKeys bool
	// Bags are the databags as they should be. Migrated takes the place of the
	// peers' where a migration succeeded; Acknowledged is written once this unit
	// runs with its keys, or runs nothing.
	Bags         []Bag
	Migrated     *Bag
	Acknowledged *Bag
	// OpenPorts are to be opened.
	OpenPorts []string
	// ConfigMaps are to be made.
	ConfigMaps []string
	// Limits are to be set on the container; nil where they are.
	Limits *kube.Limits
	// Memory is to be left in the container.
	Memory Memory
	// Conditions are what the status has to tell before anything was done.
	Conditions []Condition
	// Secrets are all that the pass knows, so that none is ever shown.
	Secrets []string
}

// Workload is what is to become of the services.
type Workload int

// What can become of them.
const (
	Leave Workload = iota // as they are: too little is known, or what is known is wrong
	Stop                  // nothing may run
	Serve                 // as planned
)

// Script is a jsonnet program, and where in the configuration it stands.
type Script struct {
	Where string
	Text  []byte
}

// Bag is what a relation's databags should hold; nil leaves one alone.
type Bag struct {
	Relation  relation.Relation
	App, Unit relation.Databag
}

// plan says what should be, of what is known and of nothing else.
func plan(w World) (Plan, error) {
	f := readFacts(w)
	k, write := keys(w, f)
	state := schema(w, f)
	p := Plan{OpenPorts: missingPorts(w), ConfigMaps: missingConfigMaps(w), Memory: memory(w)}
	if write {
		p.Keys, p.NewKeys = k, w.Keys == nil
	}
	p.Limits = limits(w, f)
	p.Migrate = f.migrates(w, state)
	// With a key alone that Juju has kept already.
	encrypt := p.Migrate && state == schemaNone && w.Keys.Cipher.Current != ""
	f.options(w)
	c := configuration(w, f, encrypt || f.encrypted())
	if err := p.workload(w, f, c, k, state); err != nil {
		return Plan{}, err
	}
	// Nothing is migrated for a Kratos that could not run afterwards.
	p.Migrate = p.Migrate && p.Workload == Serve
	p.relations(w, f, c, k, encrypt)
	p.Conditions = conditions(w, f, k, state)
	p.Secrets = secrets(w, f, k)
	return p, nil
}

// Outcome is what became of a plan.
type Outcome struct {
	// Migrated tells that the database was migrated now; MigrationErr, why it
	// was not. Its text holds no secret.
	Migrated     bool
	MigrationErr error
	// Refused is why Kratos does not take the candidate: pointer and rule.
	// Undecided is why nobody knows yet. What was there before is kept running;
	// Failed tells where it does not.
	Refused, Undecided string
	// Faulty is what is wrong with the candidate that took its place all the same.
	Faulty string
	// Settled tells that the workload is as planned, or that none runs.
	Settled bool
	// Failed is why Kratos does not run though it should, without secrets.
	// CourierFailed tells that the courier does not, UIFailed that the pages do
	// not.
	Failed                  string
	CourierFailed, UIFailed bool
	// ReadyDown tells that the ready check has failed as often as it may.
	ReadyDown bool
	// ContainerGone tells that Pebble stopped answering in the middle.
	ContainerGone bool
	// ClusterErr is what Kubernetes refused.
	ClusterErr error
}
