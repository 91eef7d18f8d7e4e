package charm

import (
	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// World is what a pass knows of its surroundings: a value, so that what follows
// from it can be tested by writing one down.
type World struct {
	// Unit is this unit's name, kratos/0; Model and ModelUUID are Juju's.
	Unit, Model, ModelUUID string
	Leader                 bool
	Options                Options
	// Relations are those of each endpoint, by id, the oldest first. One that is
	// being broken is not among them.
	Relations map[string][]relation.Relation
	// Granted holds what the secrets contain that relations name.
	Granted relation.Secrets
	// Keys are the application's own secrets; nil where none were made yet.
	Keys *Keys
	// Fresh are random ones, for the case that some have to be made.
	Fresh Keys
	// OpenPorts are those that Juju was told of: 4433/tcp.
	OpenPorts []string
	// Address is this unit's own; asked for where metrics-endpoint is related.
	Address string
	// VerificationTemplate is the resource's content; asked for where
	// enable_verification is on, and empty where no such file was attached.
	VerificationTemplate string
	Container            Container
	Database             DatabaseState
	Cluster              Cluster
	// Program is this program itself, for the pages that it serves in the
	// container; read where enable_builtin_ui is on and no login UI is related.
	Program []byte
	// Ports are those that are listened on.
	Ports Ports
	// Asked is what an action wants of the pass, beyond what every pass does.
	Asked Request
}

// Ports are the two of Kratos, and that of our own pages.
type Ports struct {
	Public, Admin, UI int
	// Host is the address that is listened on; empty for all.
	Host string
}

// Request is what an operator asks of a pass.
type Request int

// What can be asked.
const (
	AskedNothing   Request = iota
	AskedMigration         // migrate the database, whatever is recorded
	AskedRotation          // rotate the secrets
)

// Container is the workload container, as Pebble tells of it.
type Container struct {
	// Ready tells that Pebble answers; without it nothing below is known.
	Ready bool
	// Version is that of the kratos program there, v1.3.1; empty where it gives
	// none that can be read. VersionAsked tells that the program was run for it,
	// which is so until the plan has it.
	Version      string
	VersionAsked bool
	// Mute tells that the program could not be run for it, of which nothing
	// follows.
	Mute     bool
	Plan     pebble.Plan
	Services map[string]pebble.ServiceStatus
	Checks   map[string]pebble.CheckStatus
	// Config is the configuration file that lies there, or empty.
	Config []byte
	Memory Memory
}

// Memory is what a pass leaves in the container for the next ones. It lives as
// long as the container, which is how long it holds.
type Memory struct {
	// ConfigMaps is what they held when Kubernetes was last asked; nil where it
	// never was.
	ConfigMaps *ConfigMapData `json:"configmaps,omitempty"`
	// Refused is the last candidate that Kratos did not take.
	Refused *Refused `json:"refused,omitempty"`
	// Pending tells that Kubernetes has not everything yet that it was to have.
	Pending bool `json:"pending,omitempty"`
}

// ConfigMapData is what the Admin UI writes: the values by key.
type ConfigMapData struct {
	Providers map[string]string `json:"providers,omitempty"`
	Schemas   map[string]string `json:"schemas,omitempty"`
}

// Refused is a candidate, by its hash, and why it was refused.
type Refused struct {
	Candidate string `json:"candidate"`
	Reason    string `json:"reason"`
}

// DatabaseState is what was found in the database itself. It is asked only where
// the peers' record does not answer already.
type DatabaseState int

// What there can be.
const (
	DatabaseNotAsked DatabaseState = iota
	DatabaseEmpty                  // nobody is in it, whatever schema it has
	DatabaseHolds                  // identities, in a schema of whatever version
	DatabaseAway                   // it cannot be reached, or lets nobody in
)

// Cluster is what Kubernetes told. It is asked only in hooks that need it.
type Cluster struct {
	// Asked tells that the rest is known, or why it is not.
	Asked bool
	// Err is why it did not answer; kube.ErrForbidden is in its chain where the
	// application is not trusted.
	Err        error
	ConfigMaps []kube.ConfigMap
	// Limits are those of the container; nil where they were not asked for.
	Limits *kube.Limits
}

// Keys are the secrets that the charm makes for Kratos, each with another one
// that is accepted too: the next one at the first step of a rotation, the last
// one after it.
type Keys struct {
	Cookie, Cipher, Default KeyPair
	// OldCiphers are the cipher keys of before, with blanks between them.
	OldCiphers kratosconf.Secret
	// Rotation is the step that these keys stand for.
	Rotation relation.Rotation
}

// KeyPair is the key in use, and another one or none.
type KeyPair struct{ Current, Other kratosconf.Secret }

// App is the application's name.
func (w World) App() string { return juju.Application(w.Unit) }

// one gives the only relation of an endpoint that can have one, or the oldest.
func (w World) one(endpoint string) (relation.Relation, bool) {
	all := w.Relations[endpoint]
	if len(all) == 0 {
		return relation.Relation{}, false
	}
	return all[0], true
}

// related tells whether the endpoint has a relation.
func (w World) related(endpoint string) bool { return len(w.Relations[endpoint]) > 0 }

// serving tells whether a Kratos runs whose configuration must not be replaced
// by one that does not work.
func (w World) serving() bool {
	return w.Container.Ready && w.Container.Services[serviceKratos].Current == pebble.Active
}

func (w World) topology() relation.Topology {
	return relation.Topology{Model: w.Model, ModelUUID: w.ModelUUID, App: w.App(), Unit: w.Unit, Charm: charmName}
}
