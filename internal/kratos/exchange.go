package kratos

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	ory "github.com/ory/client-go"
)

// request is one call of the admin API.
type request struct {
	// doing stands behind "cannot" in an error: a verb and its object.
	doing string
	// write says that the server changes something, so that the request is not
	// sent again once it may have arrived.
	write bool
	// person says that the request is about one identity, so that 404 means
	// that there is none.
	person bool
	// secret is in the request and shown nowhere, whatever the server says.
	secret string
	// meaning tells what a refusal means at this endpoint; nil, or the zero
	// problem, for what it means everywhere.
	meaning func(refusal) problem
	// send has client-go do it. What client-go makes of the answer is not used.
	send func(context.Context) (*http.Response, error)
}

// answer is what the server said, whatever it said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// attempt is one try of a request: an answer, or the error that came instead.
type attempt struct {
	answer
	err  error
	sent bool // a connection was there, so the request may have arrived
}

// Tries of one request, a second in all, so that a wrong address is told soon. A
// server that refuses connections, or a name that nobody knows, gets fewer.
const (
	maxTries    = 4
	dialTries   = 3
	firstPause  = 100 * time.Millisecond
	pauseGrowth = 2.5
	retryLimit  = 2 * time.Second
)

// do sends the request and gives the answer if it is a success, of any kind.
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	last := exchange(ctx, r)
	switch {
	case last.err != nil:
		return answer{}, c.lost(ctx, r, last)
	case last.status/100 != 2:
		return answer{}, c.refused(r, last.answer)
	}
	return last.answer, nil
}

// exchange tries until there is something to tell.
func exchange(ctx context.Context, r request) attempt {
	tries := 0
	// The error only says whether to go on; the last attempt is what counts.
	last, unsettled := backoff.Retry(ctx, func() (attempt, error) {
		tries++
		a := try(ctx, r)
		if ctx.Err() != nil || !again(r, a, tries) {
			return a, nil
		}
		return a, errAgain
	}, backoff.WithBackOff(pauses()), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(retryLimit))
	if unsettled != nil && ctx.Err() == context.Canceled {
		return attempt{err: context.Canceled} // while waiting for the next try
	}
	return last
}

var errAgain = errors.New("try again")

func pauses() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = firstPause, pauseGrowth, 0.2
	return b
}

// try sends the request once.
func try(ctx context.Context, r request) attempt {
	var a attempt
	// Called before RoundTrip writes anything; with no connection nothing can
	// have been sent.
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { a.sent = true }}
	resp, err := r.send(httptrace.WithClientTrace(ctx, trace))
	var undecoded *ory.GenericOpenAPIError // client-go read the answer and disliked it
	if resp == nil || err != nil && !errors.As(err, &undecoded) {
		a.err = err
		return a
	}
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, a.err = io.ReadAll(resp.Body) // from memory
	return a
}

// busy is what Kratos answers, with status 400, to a request that it rolled back
// because another was at work on the same rows.
const busy = "Unable to serialize access due to a concurrent update"

// again tells whether the attempt may and should be repeated.
func again(r request, a attempt, tries int) bool {
	switch {
	case a.err != nil && !a.sent:
		return tries < dialTries && a.mayPass()
	case a.err != nil:
		return !r.write && a.mayPass()
	}
	switch a.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusBadRequest:
		return strings.Contains(string(a.body), busy)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !r.write
	}
	return false
}

// mayPass tells whether a failed try may fare better soon: one that the network
// failed may; a wrong certificate, an answer that is too long and a request that
// cannot be made do not change.
func (a attempt) mayPass() bool {
	var certificate *tls.CertificateVerificationError
	var tooLong *http.MaxBytesError
	if errors.As(a.err, &certificate) || errors.As(a.err, &tooLong) || errors.Is(a.err, http.ErrSchemeMismatch) {
		return false
	}
	var network *url.Error
	return a.sent || errors.As(a.err, &network)
}
