package kube

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// ErrForbidden is in the chain of an error that says that Kubernetes does not
// let this application do it: it was deployed without --trust.
var ErrForbidden = errors.New("forbidden by Kubernetes")

// explain gives an error of a known kind. The texts of client-go quote answers,
// so none of them is passed on. The context is the caller's own: its end comes
// first, since it is what the caller asked for.
func (c *Client) explain(ctx context.Context, err error) error {
	var status apierrors.APIStatus
	var lost *url.Error
	switch {
	case ctx.Err() != nil:
		return fault.Wrap(ctx.Err(), "")
	case errors.As(err, &status):
		return c.refused(status.Status())
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "Kubernetes did not answer within %s", c.timeout)
	case errors.As(err, &lost):
		return fault.New(fault.Unavailable, "cannot reach Kubernetes").Because(lost.Err)
	default:
		return fault.New(fault.Unavailable, "the answer is not one of Kubernetes")
	}
}

func (c *Client) refused(s metav1.Status) error {
	switch {
	case s.Code == http.StatusUnauthorized, s.Code == http.StatusForbidden:
		return fault.New(fault.Precondition, "").Because(ErrForbidden).
			WithHint("Run: juju trust %s --scope=cluster", c.app)
	case s.Code == http.StatusNotFound:
		return fault.New(fault.NotFound, "Kubernetes has none")
	case s.Code == http.StatusConflict:
		return fault.New(fault.Conflict, "Kubernetes answers %s", reason(s))
	case s.Code >= http.StatusInternalServerError, s.Code == http.StatusTooManyRequests, s.Code < http.StatusBadRequest:
		return fault.New(fault.Unavailable, "Kubernetes answers %s", reason(s))
	default:
		return fault.New(fault.Precondition, "Kubernetes answers %s", reason(s))
	}
}

// reason names why Kubernetes refused, and the fields that it names, but not
// their values.
func reason(s metav1.Status) string {
	text := string(s.Reason)
	if text == "" {
		text = http.StatusText(int(s.Code))
	}
	if s.Details == nil {
		return text
	}
	var fields []string
	for _, cause := range s.Details.Causes {
		if cause.Field != "" {
			fields = append(fields, cause.Field)
		}
	}
	if len(fields) > 0 {
		text += " because of " + strings.Join(fields, ", ")
	}
	return text
}
