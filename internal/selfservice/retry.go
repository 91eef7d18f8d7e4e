package selfservice

import (
	"net/http"
	"net/url"
)

// retry marks a way through Kratos, so that a page knows how the browser came to
// it. The marker is a query parameter of ours on the request to Kratos, which
// does not get to see it, and on the page that Kratos then sends the browser to.
// It is no cookie, since what it guards against is a browser whose cookies do
// not arrive.
type retry string

const (
	retryNone  retry = ""
	retryBegun retry = "0" // a page without a flow sent the browser for one
	retryAgain retry = "1" // a page whose flow could not be had did
	retryLink  retry = "2" // the browser opened a link that was sent to a person
)

const retryParam = "again"

func retryOf(r *http.Request) retry {
	if r.URL.RawQuery == "" {
		return retryNone
	}
	switch m := retry(r.URL.Query().Get(retryParam)); m {
	case retryBegun, retryAgain, retryLink:
		return m
	}
	return retryNone
}

// mark puts the marker into a query.
func (m retry) mark(q url.Values) url.Values {
	if m != retryNone {
		q.Set(retryParam, string(m))
	}
	return q
}

// unmark removes the marker from a URL, and leaves one without it as it is
// written.
func unmark(u *url.URL) {
	q := u.Query()
	if q.Has(retryParam) {
		q.Del(retryParam)
		u.RawQuery = q.Encode()
	}
}

// addTo adds to the query of a page that Kratos sends the browser to what the
// page has a use for: the marker, and for whom the person signs in, which a page
// whose flow is over could not tell any more. It tells whether there is any.
func (e *exchange) addTo(q url.Values) bool {
	marked := e.retry != retryNone && (e.retry != retryBegun || !q.Has("flow"))
	if marked {
		e.retry.mark(q)
	}
	if e.challenge != "" {
		q.Set(challengeParam, e.challenge)
	}
	return marked || e.challenge != ""
}
