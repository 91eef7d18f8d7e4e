package selfservice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// kratos asks Kratos' public API. It carries no state of any person.
type kratos struct {
	base      *url.URL
	client    *http.Client
	userAgent string
}

// maxAnswer is how much of an answer of Kratos' is read, in bytes. A flow with a
// QR code is some 20 kB.
const maxAnswer = 4 << 20

func newKratos(o Options) *kratos {
	return &kratos{
		base: o.KratosURL, userAgent: o.UserAgent,
		client: &http.Client{
			Transport: o.Transport, Timeout: o.FetchTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// newTransport bounds what a Kratos that hangs can cost. Answers may take long
// where Kratos asks a social provider first. No proxy of the environment's
// stands between us and Kratos: it would see every cookie.
func newTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
		MaxIdleConns: 100, MaxIdleConnsPerHost: 32, IdleConnTimeout: 60 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// answer is what Kratos answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// get asks for JSON, unless the header says what else. The header is sent as it
// is, beside what every request has. Errors never hold the URL, whose query may hold a secret.
func (k *kratos) get(ctx context.Context, path string, query url.Values, header http.Header) (answer, error) {
	u := k.base.JoinPath(path)
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return answer{}, errors.New("cannot make a request to Kratos")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json")
	}
	r.Header.Set("User-Agent", k.userAgent)
	response, err := k.client.Do(r)
	if err != nil {
		return answer{}, withoutURL(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer{}, fmt.Errorf("cannot read Kratos' answer: %w", withoutURL(err))
	case len(body) > maxAnswer:
		return answer{}, fmt.Errorf("cannot read Kratos' answer: it is larger than %d bytes", maxAnswer)
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// withoutURL gives the cause of a failed request without its URL.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return context.DeadlineExceeded
		}
		return u.Err
	}
	return err
}

// fetch asks Kratos on behalf of a browser: with its cookies, as they came, and
// with where it came from. Before it is known that it is Kratos' public API that
// is asked, nothing is.
func (s *Server) fetch(r *http.Request, path string, query url.Values) (answer, error) {
	if !s.recognised(r.Context()) {
		return answer{}, errNotRecognised
	}
	header := http.Header{}
	if cookies := r.Header.Values("Cookie"); len(cookies) > 0 {
		header["Cookie"] = cookies
	}
	s.forwardedFor(header, r)
	return s.kratos.get(r.Context(), path, query, header)
}

// passCookies hands Kratos' cookies on to the browser.
func passCookies(w http.ResponseWriter, a answer) {
	for _, c := range a.header.Values("Set-Cookie") {
		w.Header().Add("Set-Cookie", c)
	}
}

// refusal is what Kratos says when it gives no flow.
type refusal struct {
	RedirectTo string `json:"redirect_browser_to"`
	Error      struct {
		ID      string
		Details struct {
			RedirectTo string `json:"redirect_browser_to"`
			ReturnTo   string `json:"return_to"`
		}
	}
}

func readRefusal(a answer) refusal {
	var f refusal
	if json.Unmarshal(a.body, &f) != nil {
		return refusal{}
	}
	if f.RedirectTo == "" {
		f.RedirectTo = f.Error.Details.RedirectTo
	}
	return f
}

// keepsHost tells whether requests that are handed on to u name the browser's
// host. A gateway that a public name leads to tells its hosts apart by it; inside,
// there is none. A name is public if its suffix is one of the domain registries'
// or one that a provider keeps for its customers, which has a dot.
func keepsHost(u *url.URL) bool {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	suffix, registry := publicsuffix.PublicSuffix(host)
	return !registry && !strings.Contains(suffix, ".")
}
