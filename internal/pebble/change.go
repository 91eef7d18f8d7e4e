package pebble

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Change is something that Pebble does in the background. Ids are shared with
// those of checks and do not follow one another.
type Change struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Summary string `json:"summary"`
	Status  string `json:"status"` // Do, Doing, Done, Error, ...
	Ready   bool   `json:"ready"`  // it has ended
	Err     string `json:"err"`    // can hold the output of services
	Tasks   []Task `json:"tasks"`
}

// Task is a step of a change.
type Task struct {
	Summary string                     `json:"summary"`
	Status  string                     `json:"status"`
	Log     []string                   `json:"log"` // can hold the output of services
	Data    map[string]json.RawMessage `json:"data"`
}

// Change gives the state of a change, its log included: for a failing check,
// the reason. The log can hold secrets.
func (c *Client) Change(ctx context.Context, id string) (Change, error) {
	var ch Change
	if err := c.get(ctx, "/v1/changes/"+url.PathEscape(id), nil, &ch); err != nil {
		return Change{}, fault.Wrap(err, "cannot read change %q", id)
	}
	return ch, nil
}

// pollWait is how long one request waits for a change. Pebble is asked again
// until the context ends, so a connection is never silent for long.
const pollWait = 10 * time.Second

// wait waits until the change has ended, as long as the context allows.
func (c *Client) wait(ctx context.Context, id string) (Change, error) {
	q := url.Values{"timeout": {pollWait.String()}}
	for {
		var ch Change
		err := c.get(ctx, "/v1/changes/"+url.PathEscape(id)+"/wait", q, &ch)
		if err == nil || status(err) != http.StatusGatewayTimeout {
			return ch, err
		}
		if ctx.Err() != nil {
			return Change{}, unreached(ctx, err)
		}
	}
}

// finish waits for the change of the answer to succeed; else the error has a
// [Failure] in its chain.
func (c *Client) finish(ctx context.Context, a answer) error {
	ch, err := c.wait(ctx, a.Change)
	if err != nil {
		return err
	}
	if ch.Status != "Done" {
		return fault.New(fault.Precondition, "").Because(&Failure{Change: ch})
	}
	return nil
}
