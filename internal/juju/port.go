package juju

import (
	"context"
	"slices"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// OpenedPorts gives the ports that are open, as "4433/tcp", sorted. What this
// hook opened or closed is not among them: Juju does it when the hook is over.
func (t Tools) OpenedPorts(ctx context.Context) ([]string, error) {
	var ports []string
	if err := t.get(ctx, &ports, "opened-ports"); err != nil {
		return nil, fault.Wrap(err, "cannot list the open ports")
	}
	slices.Sort(ports)
	return ports, nil
}

// OpenPort opens a port, as "4433/tcp", once the hook has succeeded. One that
// is open stays so.
func (t Tools) OpenPort(ctx context.Context, port string) error {
	if err := t.do(ctx, "open-port", "--", port); err != nil {
		return fault.Wrap(err, "cannot open port %q", port)
	}
	return nil
}

// ClosePort closes a port, as "4433/tcp", once the hook has succeeded. One that
// is closed stays so.
func (t Tools) ClosePort(ctx context.Context, port string) error {
	if err := t.do(ctx, "close-port", "--", port); err != nil {
		return fault.Wrap(err, "cannot close port %q", port)
	}
	return nil
}
