package kratos

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// hintEndpoint is the next step where the endpoint may be wrong.
const hintEndpoint = "see that Kratos runs, and that KRATOS_ADMIN_URL names its admin API, on port 4434 by default"

// lost makes the error of a request that no whole answer came to.
func (c *Client) lost(ctx context.Context, r request, a attempt) error {
	p := c.whyLost(ctx, a)
	if r.write && a.sent {
		p = p.uncertain()
	}
	return p.fault(r)
}

// uncertain is the problem of a write that may have been carried out.
func (p problem) uncertain() problem {
	p.text += "; " + ErrUncertain.Error()
	p.hint = strings.TrimSuffix("see whether it was done before you repeat it; "+p.hint, "; ")
	p.is = errors.Join(p.is, ErrUncertain)
	return p
}

func (c *Client) whyLost(ctx context.Context, a attempt) problem {
	var tooLong *http.MaxBytesError
	switch {
	case ctx.Err() == context.Canceled:
		return problem{kind: fault.Cancelled, text: "interrupted", is: context.Canceled}
	case expired(ctx) && errors.Is(a.err, context.DeadlineExceeded):
		return problem{fault.Timeout, "no answer from " + c.endpoint + " within the time allowed", "", context.DeadlineExceeded}
	case errors.As(a.err, &tooLong):
		return problem{kind: fault.Internal, text: "the answer of " + c.endpoint + " is longer than 32 MiB"}
	case !a.sent:
		return c.whyUnreached(a.err)
	}
	return problem{
		kind: fault.Unavailable, text: "the connection to " + c.endpoint + " broke: " + inner(a.err),
		hint: "see the logs of Kratos, and of what stands in front of it",
	}
}

// expired tells whether the context's time is over. A dialer watches the deadline
// itself and can be first.
func expired(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline)
}

// whyUnreached says why there was no connection.
func (c *Client) whyUnreached(err error) problem {
	var network *url.Error
	if !errors.As(err, &network) {
		return problem{kind: fault.Internal, text: inner(err)} // no request could be made
	}
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	var dial *net.OpError
	p := problem{kind: fault.Unavailable, hint: hintEndpoint}
	switch {
	case errors.As(err, &certificate):
		return c.whyUntrusted(certificate)
	case errors.Is(err, http.ErrSchemeMismatch):
		p.text, p.hint = c.endpoint+" speaks HTTP and not HTTPS", "give the endpoint as http://..."
	case errors.As(err, &dial) && dial.Op == "proxyconnect":
		p.text, p.hint = "the proxy cannot be reached: "+inner(dial.Err), "name the host in NO_PROXY if it needs no proxy"
	case errors.As(err, &name):
		p.text = "the host of " + c.endpoint + " cannot be found"
	case errors.Is(err, syscall.ECONNREFUSED):
		p.text = c.endpoint + " refuses connections"
	case network.Timeout():
		p.text = "no connection to " + c.endpoint + " within " + dialLimit.String()
	default:
		p.text = "no connection to " + c.endpoint + ": " + inner(err)
	}
	return p
}

func (c *Client) whyUntrusted(certificate *tls.CertificateVerificationError) problem {
	var authority x509.UnknownAuthorityError
	if errors.As(certificate, &authority) {
		return problem{
			kind: fault.Unavailable, text: "the certificate of " + c.endpoint + " is of an authority that is not trusted here",
			hint: "by hand, --ca-file takes the authority's certificate; else it has to be among the system's",
		}
	}
	return problem{kind: fault.Unavailable, text: "the certificate of " + c.endpoint + " is not valid: " + inner(certificate.Err), hint: hintEndpoint}
}

// inner is the error's text without the request's URL, which can hold what was
// looked up.
func inner(err error) string {
	var network *url.Error
	if errors.As(err, &network) {
		return network.Err.Error()
	}
	return err.Error()
}
