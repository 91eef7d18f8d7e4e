package pebble

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// What the Current of a service can be.
const (
	Active   = "active"
	Inactive = "inactive"
	Backoff  = "backoff" // it died and waits for its next start
	Errored  = "error"   // it died and is not started again
)

// What the Startup of a service or a check can be.
const (
	Enabled  = "enabled"
	Disabled = "disabled"
)

// ServiceStatus tells how a service of the plan fares.
type ServiceStatus struct {
	Name         string    `json:"name"`
	Startup      string    `json:"startup"`
	Current      string    `json:"current"`
	CurrentSince time.Time `json:"current-since"` // zero where it never ran
}

// Services gives the status of the named services, or of all, by name. A name
// that is not in the plan is left out.
func (c *Client) Services(ctx context.Context, names ...string) (map[string]ServiceStatus, error) {
	q := url.Values{}
	if len(names) > 0 {
		q.Set("names", strings.Join(names, ","))
	}
	var list []ServiceStatus
	if err := c.get(ctx, "/v1/services", q, &list); err != nil {
		return nil, fault.Wrap(err, "cannot read the services")
	}
	byName := make(map[string]ServiceStatus, len(list))
	for _, s := range list {
		byName[s.Name] = s
	}
	return byName, nil
}

// Replan restarts the services that ran and whose plan has changed since their
// start, and starts those that are enabled and do not run. It waits for that;
// one that dies within a second of its start is a [Failure].
//
// Pebble starts here also a disabled service that ran once and whose plan has
// changed since: whoever wants it down stops it after the replan.
func (c *Client) Replan(ctx context.Context) error {
	return c.act(ctx, "replan", nil)
}

// StartServices starts the services and waits; see [Client.Replan] for what fails.
// Those that run already go on.
func (c *Client) StartServices(ctx context.Context, names ...string) error {
	return c.act(ctx, "start", names)
}

// StopServices stops the services and waits until they have ended. One that does not
// run is stopped already; one that is not in the plan is an error.
func (c *Client) StopServices(ctx context.Context, names ...string) error {
	return c.act(ctx, "stop", names)
}

// RestartServices stops the services and starts them again.
func (c *Client) RestartServices(ctx context.Context, names ...string) error {
	return c.act(ctx, "restart", names)
}

func (c *Client) act(ctx context.Context, action string, names []string) error {
	text := "cannot " + action + " the services"
	if len(names) > 0 {
		text = fmt.Sprintf("cannot %s %s", action, quoted(names))
	}
	a, err := c.post(ctx, "/v1/services", map[string]any{"action": action, "services": names})
	if err == nil {
		err = c.finish(ctx, a)
	}
	if err != nil {
		return fault.Wrap(err, "%s", text)
	}
	return nil
}

// Signal sends a signal, by its name (SIGHUP), to services that run.
func (c *Client) Signal(ctx context.Context, signal string, names ...string) error {
	_, err := c.post(ctx, "/v1/signals", map[string]any{"signal": signal, "services": names})
	if err != nil {
		return fault.Wrap(err, "cannot send %q to %s", signal, quoted(names))
	}
	return nil
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}
