package kratos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// refusal is an error as Kratos sends it.
type refusal struct {
	status          int
	reason, message string
}

// words are what Kratos says: the reason where there is one, which says more
// than the message.
func (f refusal) words() string {
	if f.reason != "" {
		return f.reason
	}
	return f.message
}

// readRefusal reads an answer as an error of Kratos, if it is one.
func readRefusal(a answer) (refusal, bool) {
	var body struct {
		Error *struct {
			Reason  string
			Message string
		}
	}
	if json.Unmarshal(a.body, &body) != nil || body.Error == nil {
		return refusal{}, false
	}
	f := refusal{status: a.status, reason: body.Error.Reason, message: body.Error.Message}
	if f.words() == "" {
		f.message = http.StatusText(a.status)
	}
	return f, true
}

// refused makes the error of a request that was answered, but not with success.
func (c *Client) refused(r request, a answer) error {
	f, spoken := readRefusal(a)
	switch {
	case a.status/100 == 3:
		return c.redirected(a).fault(r)
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return c.demanding(a, f).fault(r)
	case a.status == http.StatusBadGateway, a.status == http.StatusServiceUnavailable, a.status == http.StatusGatewayTimeout:
		return c.away(r, a, f).fault(r)
	case a.status == http.StatusTooManyRequests:
		return problem{kind: fault.Unavailable, text: c.endpoint + " takes no more requests now (429)", hint: "try again later"}.fault(r)
	case !spoken && a.status/100 == 5:
		return c.failed(r, a).fault(r)
	case !spoken, a.status == http.StatusNotFound && !r.person:
		return c.foreign(r, a)
	}
	if r.meaning != nil {
		if p := r.meaning(f); p.known() {
			return p.fault(r)
		}
	}
	return usual(f).fault(r)
}

// failed: something that does not speak as Kratos does, behind which the request
// may have been carried out.
func (c *Client) failed(r request, a answer) problem {
	p := problem{kind: fault.Internal, text: fmt.Sprintf("%s answered %d", c.endpoint, a.status), hint: hintServer}
	if r.write {
		p = p.uncertain()
	}
	return p
}

// hintServer is the next step where the server is at fault.
const hintServer = `see Kratos' log; if Kratos is ready and yet fails so, its version and its database may not fit: run "kratos migrate sql"`

// usual is what a refusal means at every endpoint.
func usual(f refusal) problem {
	switch {
	case strings.Contains(f.words(), busy):
		return problem{kind: fault.Unavailable, text: f.words(), hint: "try again"}
	case f.status == http.StatusNotFound:
		return noIdentity(f)
	case f.status == http.StatusConflict:
		return problem{kind: fault.Conflict, text: f.words(), is: ErrConflict}
	case f.status/100 == 5:
		return problem{kind: fault.Internal, text: "Kratos failed: " + f.words(), hint: hintServer}
	}
	return problem{kind: fault.Usage, text: f.words()}
}

func noIdentity(f refusal) problem {
	return problem{kind: fault.NotFound, text: "no such identity (" + f.words() + ")", is: ErrNoIdentity}
}

// redirected: no redirect is ever followed.
func (c *Client) redirected(a answer) problem {
	p := problem{kind: fault.Unavailable, text: fmt.Sprintf("%s answered %d, a redirect", c.endpoint, a.status), hint: hintEndpoint}
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || to.String() == "" {
		return p
	}
	to.User, to.RawQuery = nil, "" // they may repeat what was asked for
	p.text += " to " + to.String()
	switch {
	case to.Host == "":
		p.text += ": its path is not that of Kratos' admin API"
	case to.Scheme == "https" && strings.HasPrefix(c.endpoint, "http:"):
		p.hint = "give the endpoint as https://... in KRATOS_ADMIN_URL"
	default:
		p.text += ": this looks like Kratos' public port"
	}
	return p
}

// demanding: Kratos' admin API asks nobody for credentials.
func (c *Client) demanding(a answer, f refusal) problem {
	text := fmt.Sprintf("%s answered %d: something in front of Kratos demands credentials", c.endpoint, a.status)
	if f.words() != "" {
		text += " (" + f.words() + ")"
	}
	return problem{kind: fault.Unavailable, text: text, hint: "use an address of Kratos' admin API that is not guarded, such as " + DefaultEndpoint + " on its own machine"}
}

// away: a proxy says so, and what became of the request behind it is not known.
func (c *Client) away(r request, a answer, f refusal) problem {
	p := problem{kind: fault.Unavailable, text: fmt.Sprintf("%s answered %d", c.endpoint, a.status), hint: hintEndpoint}
	if f.words() != "" {
		p.text += ": " + f.words()
	}
	if r.write {
		p = p.uncertain()
	}
	return p
}

// foreign makes the error of an answer that Kratos' admin API does not give. It
// shows nothing of the body, which can be anything.
func (c *Client) foreign(r request, a answer) error {
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if kind == "" {
		kind = "no content type"
	}
	p := problem{
		kind: fault.Unavailable, hint: hintEndpoint,
		text: fmt.Sprintf("%s does not answer as Kratos' admin API (status %d, %s)", c.endpoint, a.status, kind),
	}
	if r.write && a.status/100 == 2 && kind == "application/json" {
		p = p.uncertain() // it may be Kratos, and its answer cut
	}
	return p.fault(r)
}
