package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	ory "github.com/ory/client-go"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// RecoveryCode issues a code that works so long, and the link of the page to
// type it into. [ErrDisabled] says that this server has the method switched off,
// [ErrNoIdentity] that there is no such identity. A server that knows no such
// page is a precondition fault: its link leads to Ory's.
func (c *Client) RecoveryCode(ctx context.Context, id string, expiresIn time.Duration) (Recovery, error) {
	lifetime := expiresIn.String()
	body := ory.CreateRecoveryCodeForIdentityBody{IdentityId: id, ExpiresIn: &lifetime}
	return c.recovery(ctx, id, "code", "link", func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.CreateRecoveryCodeForIdentity(ctx).CreateRecoveryCodeForIdentityBody(body).Execute()
		return resp, err
	})
}

// RecoveryLink issues a link that works so long, and once: it signs in whoever
// opens it. Its errors are those of [Client.RecoveryCode].
func (c *Client) RecoveryLink(ctx context.Context, id string, expiresIn time.Duration) (Recovery, error) {
	lifetime := expiresIn.String()
	body := ory.CreateRecoveryLinkForIdentityBody{IdentityId: id, ExpiresIn: &lifetime}
	return c.recovery(ctx, id, "link", "code", func(ctx context.Context) (*http.Response, error) {
		_, resp, err := c.api.CreateRecoveryLinkForIdentity(ctx).CreateRecoveryLinkForIdentityBody(body).Execute()
		return resp, err
	})
}

func (c *Client) recovery(ctx context.Context, id, method, other string, send func(context.Context) (*http.Response, error)) (Recovery, error) {
	r := request{doing: fmt.Sprintf("issue a recovery %s for identity %q", method, id), write: true, send: send}
	r.meaning = func(f refusal) problem { return recoveryMeaning(f, method, other) }
	a, err := c.onIdentity(ctx, r, id)
	if err != nil {
		return Recovery{}, err
	}
	issued, err := decodeRecovery(a.body, method == "code")
	if err != nil {
		return Recovery{}, c.foreign(r, a)
	}
	if isFallback(issued.Link) {
		return Recovery{}, problem{
			kind: fault.Precondition, text: "Kratos has no page of its own for recovery, so its link would lead to www.ory.sh",
			hint: "set selfservice.flows.recovery.ui_url in Kratos' configuration",
		}.fault(r)
	}
	return issued, nil
}

// recoveryMeaning tells the identity that is not there, in the words of both
// endpoints, from the endpoint that is switched off.
func recoveryMeaning(f refusal, method, other string) problem {
	switch {
	case f.status == http.StatusNotFound && strings.Contains(f.words(), "disabled by system administrator"):
		return problem{
			kind: fault.Precondition, is: ErrDisabled,
			text: fmt.Sprintf("selfservice.methods.%s.enabled is off in Kratos' configuration (%s)", method, f.words()),
			hint: fmt.Sprintf("set selfservice.methods.%s.enabled to true there, or use recovery-method %s", method, other),
		}
	case f.status == http.StatusBadRequest && strings.Contains(f.words(), "requested identity id does not exist"):
		return noIdentity(f)
	}
	return problem{}
}

func decodeRecovery(body []byte, withCode bool) (Recovery, error) {
	var read struct {
		Link      string    `json:"recovery_link"`
		Code      string    `json:"recovery_code"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	if err := json.Unmarshal(body, &read); err != nil {
		return Recovery{}, err
	}
	if read.Link == "" || read.ExpiresAt.IsZero() || withCode && read.Code == "" {
		return Recovery{}, errForeign
	}
	return Recovery{Link: read.Link, Code: read.Code, ExpiresAt: read.ExpiresAt.UTC()}, nil
}

// isFallback knows the page to which Kratos leads where its configuration names
// none.
func isFallback(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Hostname() == "www.ory.sh" && strings.HasPrefix(u.Path, "/kratos/docs/fallback")
}
