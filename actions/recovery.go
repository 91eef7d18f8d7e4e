package actions

import (
	"context"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
)

// methodCode is the recovery-method whose code has to be typed; the other, link,
// signs in whoever opens it.
const methodCode = "code"

// issueRecovery issues a way back in for the identity and sets it as results.
func (e Env) issueRecovery(ctx context.Context, r *result.Result, who kratos.Identity, method string, expiresIn time.Duration) error {
	issue := e.Kratos.RecoveryLink
	if method == methodCode {
		issue = e.Kratos.RecoveryCode
	}
	issued, err := issue(ctx, who.ID, expiresIn)
	if err != nil {
		return err
	}
	r.Changed = true
	r.Set("recovery-link", issued.Link)
	if issued.Code != "" {
		r.Set("recovery-code", issued.Code)
	}
	r.Set("expires-at", issued.ExpiresAt)
	r.Primary = []string{"recovery-link", "recovery-code"}
	until := issued.ExpiresAt.UTC().Format(time.RFC3339)
	if issued.Code != "" {
		r.Note("the code works once, until %s; it is typed at the link", until)
	} else {
		r.Note("the link works once, until %s; a chat's preview of it uses it up, so put it in `backticks`", until)
	}
	return nil
}

// enabled refuses a way back in for an identity that it would not sign in.
func (e Env) enabled(who kratos.Identity) error {
	if who.State != kratos.Inactive {
		return nil
	}
	return e.next(fault.New(fault.Precondition, "identity %s is disabled: recovery would not sign the person in", who.ID),
		"enable-identity", "identity-id", who.ID)
}
