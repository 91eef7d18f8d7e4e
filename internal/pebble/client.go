package pebble

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// What is read of an answer. A plan with certificates in it is some 100 KB; the
// charm reads no file that is larger than its own binary.
const (
	maxAnswer = 8 << 20
	maxFile   = 64 << 20
)

// Client calls Pebble's API. Every call lasts as long as its context allows and
// no longer, and every error is a *fault.Error: of kind Timeout or Cancelled
// where the context ended the call, of kind Unavailable and with [ErrNotReady]
// in its chain where no Pebble listens. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New makes a client of the Pebble that listens on the unix socket. It does not
// connect yet: a container that starts later is found by the next call.
func New(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{http: &http.Client{
		// A connection for each call: it costs nothing on this machine, and none
		// is left over that a restart of Pebble has closed.
		Transport:     &http.Transport{DialContext: dial, DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// origin is what the URLs begin with; Pebble does not look at the host.
const origin = "http://pebble"

// answer is the envelope around all of Pebble's answers.
type answer struct {
	Type       string          `json:"type"`
	StatusCode int             `json:"status-code"`
	Change     string          `json:"change"`
	Result     json.RawMessage `json:"result"`
}

// get asks for the path and decodes the result.
func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	a, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	return decode(a.Result, into)
}

// post sends the body as JSON.
func (c *Client) post(ctx context.Context, path string, body any) (answer, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return answer{}, fault.New(fault.Internal, "the request has no form in JSON").Because(err)
	}
	return c.call(ctx, http.MethodPost, path, b)
}

func (c *Client) call(ctx context.Context, method, path string, body []byte) (answer, error) {
	h := http.Header{}
	if body != nil {
		h.Set("Content-Type", "application/json")
	}
	resp, err := c.send(ctx, method, path, h, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return readAnswer(ctx, resp.Body)
}

// send sends a request whose answer the caller reads and closes.
func (c *Client) send(ctx context.Context, method, path string, h http.Header, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, origin+path, body)
	if err != nil {
		return nil, fault.New(fault.Internal, "the request cannot be made")
	}
	req.Header = h
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	return resp, nil
}

// readAnswer reads an envelope; one that tells of an error becomes a [Refusal].
func readAnswer(ctx context.Context, body io.Reader) (answer, error) {
	b, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err != nil {
		return answer{}, unreached(ctx, err)
	}
	if len(b) > maxAnswer {
		return answer{}, fault.New(fault.Internal, "Pebble's answer is longer than %d bytes", maxAnswer)
	}
	var a answer
	if err := decode(b, &a); err != nil {
		return answer{}, err
	}
	if a.Type == "error" {
		return answer{}, refused(a)
	}
	return a, nil
}

// decode reads JSON. What it could not read may be secret and is not shown.
func decode(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fault.New(fault.Internal, "the answer has another shape than Pebble's")
	}
	return nil
}

// isMultipart tells whether the answer is one of files, and its boundary.
func isMultipart(h http.Header) (string, bool) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	return params["boundary"], err == nil && kind == "multipart/form-data"
}

// System is what Pebble tells of itself.
type System struct {
	Version string `json:"version"`
	BootID  string `json:"boot-id"`
}

// System asks which Pebble is there: the way to find out that one is.
func (c *Client) System(ctx context.Context) (System, error) {
	var s System
	if err := c.get(ctx, "/v1/system-info", nil, &s); err != nil {
		return System{}, fault.Wrap(err, "cannot connect to Pebble")
	}
	return s, nil
}
