package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// ActiveSessions counts the identity's sessions that have neither ended nor
// expired. Those of a disabled identity count: they come back with it. Of an
// identity that is not there Kratos says 0, and an id that is no UUID is a usage
// fault.
func (c *Client) ActiveSessions(ctx context.Context, id string) (int, error) {
	r := request{doing: fmt.Sprintf("count the sessions of identity %q", id)}
	r.send = func(ctx context.Context) (*http.Response, error) {
		// One is enough, since the header has the count. Each would carry the
		// whole identity.
		_, resp, err := c.api.ListIdentitySessions(ctx, id).Active(true).PerPage(1).PageSize(1).Execute()
		return resp, err
	}
	a, err := c.onIdentity(ctx, r, id)
	if err != nil {
		return 0, err
	}
	var page []json.RawMessage
	count, err := strconv.Atoi(a.header.Get("X-Total-Count"))
	if err != nil || json.Unmarshal(a.body, &page) != nil || count < len(page) {
		return 0, c.foreign(r, a)
	}
	return count, nil
}

// DeleteSessions ends every session of the identity for good. [ErrNone] says
// that there was none, of an identity that is not there too.
func (c *Client) DeleteSessions(ctx context.Context, id string) error {
	r := request{doing: fmt.Sprintf("end the sessions of identity %q", id), write: true}
	r.meaning = func(f refusal) problem {
		if f.status != http.StatusNotFound {
			return problem{}
		}
		return problem{kind: fault.NotFound, text: "it has none (" + f.words() + ")", is: ErrNone}
	}
	r.send = func(ctx context.Context) (*http.Response, error) {
		return c.api.DeleteIdentitySessions(ctx, id).Execute()
	}
	return c.deletion(ctx, r, id)
}
