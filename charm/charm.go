package charm

import (
	"context"
	"io"

	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// Deps are the surroundings of a pass.
type Deps struct {
	Tools  juju.Tools
	Pebble *pebble.Client
	// Cluster gives the client of Kubernetes. It is called only in passes that
	// need one.
	Cluster func() (*kube.Client, error)
	// Database looks into a database, whether nobody is in it: see package
	// postgres. The CA is that of its server in PEM, or empty.
	Database func(ctx context.Context, dsn, ca string) (unused bool, err error)
	// Getenv reads what Juju set for the dispatch.
	Getenv func(string) string
	// Random is where new secrets are drawn from.
	Random io.Reader
	// Tell says what is being done: to the debug-log in a hook, to who waits in
	// an action. It is never given a secret.
	Tell func(ctx context.Context, text string)
	// Program gives this program's own executable.
	Program func() ([]byte, error)
	// Ports are those that are listened on; zero ones stand for the usual.
	Ports Ports
	// Asked is what an action wants of the pass.
	Asked Request
}
