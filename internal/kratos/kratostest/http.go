package kratostest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// request is one plain HTTP request. Redirects are not followed.
type request struct {
	method string
	url    string
	header map[string]string
	body   any // sent as JSON unless nil; json.RawMessage as it is
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   []byte
	cookie []*http.Cookie
}

// requestLimit bounds one request: the servers run on this machine.
const requestLimit = 30 * time.Second

// send uses no proxy, since the servers are on this machine.
func send(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	req, err := r.build(ctx)
	if err != nil {
		return answer{}, err
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", r.method, r.url, err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: body, cookie: resp.Cookies()}, nil
}

func (r request) build(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	return req, nil
}

// unexpected says what came instead of what was asked for.
func (a answer) unexpected(doing string) error {
	return fmt.Errorf("cannot %s: Kratos answered %d: %s", doing, a.status, a.body)
}

// into decodes the answer.
func (a answer) into(doing string, v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("cannot %s: %w: %s", doing, err, a.body)
	}
	return nil
}
