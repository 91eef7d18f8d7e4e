package pebble

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// What the Status of a check can be.
const (
	Up   = "up"
	Down = "down" // it failed as often in a row as its threshold says
)

// CheckStatus tells how a check fares.
type CheckStatus struct {
	Name      string `json:"name"`
	Level     string `json:"level"`
	Startup   string `json:"startup"` // empty from an older Pebble
	Status    string `json:"status"`
	Failures  int    `json:"failures"`
	Threshold int    `json:"threshold"`
	ChangeID  string `json:"change-id"` // its log tells of failures; empty from an older Pebble, or stopped
}

// Checks gives the status of the named checks, or of all, by name. A name that
// is not in the plan is left out.
func (c *Client) Checks(ctx context.Context, names ...string) (map[string]CheckStatus, error) {
	q := url.Values{}
	if len(names) > 0 {
		q.Set("names", strings.Join(names, ","))
	}
	var list []CheckStatus
	if err := c.get(ctx, "/v1/checks", q, &list); err != nil {
		return nil, fault.Wrap(err, "cannot read the checks")
	}
	byName := make(map[string]CheckStatus, len(list))
	for _, s := range list {
		byName[s.Name] = s
	}
	return byName, nil
}

// StartChecks starts checks and gives the names of those that did not run. A
// Pebble that is too old for this answers with an error that has
// [errors.ErrUnsupported] in its chain; there the layer is the only way.
func (c *Client) StartChecks(ctx context.Context, names ...string) ([]string, error) {
	return c.actOnChecks(ctx, "start", names)
}

// StopChecks stops checks and gives the names of those that ran. As with
// [Client.StartChecks], an older Pebble cannot.
func (c *Client) StopChecks(ctx context.Context, names ...string) ([]string, error) {
	return c.actOnChecks(ctx, "stop", names)
}

func (c *Client) actOnChecks(ctx context.Context, action string, names []string) ([]string, error) {
	var result struct {
		Changed []string `json:"changed"`
	}
	a, err := c.post(ctx, "/v1/checks", map[string]any{"action": action, "checks": names})
	if err == nil {
		err = decode(a.Result, &result)
	}
	if status(err) == http.StatusMethodNotAllowed {
		err = fault.New(fault.Precondition, "this Pebble is too old").Because(errors.ErrUnsupported)
	}
	if err != nil {
		return nil, fault.Wrap(err, "cannot %s the checks %s", action, quoted(names))
	}
	return result.Changed, nil
}
