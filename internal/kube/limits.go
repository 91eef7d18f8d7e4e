package kube

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Manager is the field manager under which the charm owns what it sets.
const Manager = "kratos-agent"

// What the workload's container asks for where it has a limit, or the limit
// itself where that is less: Kubernetes refuses a request above the limit.
const (
	requestedCPU    = "100m"
	requestedMemory = "200Mi"
)

const (
	cpu    = "cpu"
	memory = "memory"
)

// predecessor is the field manager of the charm before this one, in Python: the
// name of the class that patched.
const predecessor = "ResourcePatcher"

// Limits are quantities as Kubernetes writes them, such as 500m and 512Mi. ""
// is no limit.
type Limits struct{ CPU, Memory string }

// Equal tells whether both limit to the same amounts, however these are written:
// Kubernetes gives back 1Gi for 1024Mi, and has no parts of a byte.
func (l Limits) Equal(other Limits) bool {
	return sameAmount(cpu, l.CPU, other.CPU) && sameAmount(memory, l.Memory, other.Memory)
}

// Limits gives the limits in the template of the application's StatefulSet,
// whoever set them. The error is of the kind NotFound where it has no such
// container.
func (c *Client) Limits(ctx context.Context, container string) (Limits, error) {
	s, err := c.state(ctx, container)
	if err != nil {
		return Limits{}, fault.Wrap(err, "cannot read the limits of the container %q", container)
	}
	return Limits{CPU: s.limits[cpu], Memory: s.limits[memory]}, nil
}

// SetLimits sets the limits of a container and what it requests, in the template
// of the application's StatefulSet; Kubernetes then replaces the application's
// pods. What is there already is not sent. Without any limit it takes back what
// the charm set and leaves what others set, such as Juju by a constraint.
//
// It forces: the options of the charm are the operator's word. Whoever else owns
// one of these fields would otherwise refuse it to the charm at every hook, and
// that is Juju (a constraint, older than the option) or the charm before this
// one. What force takes from the latter is only what differs: a limit that it
// alone owns would stay for ever. So its fields are first set under its own
// name, then owned, then given up under its name: three requests, once, of which
// one changes the template.
func (c *Client) SetLimits(ctx context.Context, container string, l Limits) error {
	if err := c.setLimits(ctx, container, l); err != nil {
		return fault.Wrap(err, "cannot set the limits of the container %q", container)
	}
	return nil
}

func (c *Client) setLimits(ctx context.Context, container string, l Limits) error {
	wanted, err := resourcesOf(l)
	if err != nil {
		return err
	}
	s, err := c.state(ctx, container)
	if err != nil || s.holds(wanted) {
		return err
	}
	inherited := s.owned[predecessor].any()
	if inherited {
		if err := c.apply(ctx, predecessor, container, wanted); err != nil {
			return err
		}
	}
	if err := c.apply(ctx, Manager, container, wanted); err != nil || !inherited {
		return err
	}
	return c.apply(ctx, predecessor, container, resources{})
}

// apply makes a field manager own these resources of the container, and no
// other field.
func (c *Client) apply(ctx context.Context, manager, container string, r resources) error {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetAPIVersion("apps/v1")
	u.SetKind("StatefulSet")
	u.SetName(c.app)
	if len(r.limits) > 0 {
		u.Object["spec"] = spec(container, r)
	}
	return c.call(ctx, func(ctx context.Context) error {
		_, err := c.statefulSets.Apply(ctx, c.app, u, metav1.ApplyOptions{FieldManager: manager, Force: true})
		return err
	})
}
