// Package mailtest is a mail server that keeps what it is sent, for the tests
// and for the demo: a real SMTP conversation at one end, the mails read and
// shown in a browser at the other. Nothing here but [Start] needs a test.
package mailtest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// What one mail may weigh, and how long a client may be silent.
const (
	sizeLimit  = 1 << 20
	idleLimit  = 30 * time.Second
	recipients = 50
)

// Sink is a running mail server. It takes every mail, for whomever, and sends
// none on.
type Sink struct {
	// URL is what Kratos' courier.smtp.connection_uri wants.
	URL string

	user, password string // that are asked for, if any
	server         *smtp.Server
	done           chan struct{} // closed when the server has ended

	mu    sync.Mutex
	mails []Mail
	given map[string]int // by address: how many mails Next has given
	news  chan struct{}  // closed, and made again, by each mail
}

// New runs a sink on a free port of 127.0.0.1, until [Sink.Close].
func New() (*Sink, error) {
	l, err := testneed.FreeListener()
	if err != nil {
		return nil, fmt.Errorf("cannot start the mail sink: %w", err)
	}
	uri := url.URL{Scheme: "smtp", Host: l.Addr().String(), Path: "/", RawQuery: "disable_starttls=true"}
	s := &Sink{URL: uri.String(), done: make(chan struct{}), given: map[string]int{}, news: make(chan struct{})}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		c := &conversation{sink: s}
		if s.user != "" {
			return &guarded{conversation: c}, nil
		}
		return c, nil
	}))
	s.server.Domain, s.server.EnableSMTPUTF8 = "localhost", true
	s.server.MaxMessageBytes, s.server.MaxRecipients = sizeLimit, recipients
	s.server.ReadTimeout, s.server.WriteTimeout = idleLimit, idleLimit
	s.server.ErrorLog = silent{}
	go func() {
		defer close(s.done)
		s.server.Serve(l)
	}()
	return s, nil
}

// Start runs a sink that ends with the test.
func Start(tb testing.TB) *Sink {
	tb.Helper()
	s, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// Close ends the server and its connections. The mails stay.
func (s *Sink) Close() error {
	err := s.server.Close()
	<-s.done
	return err
}

// Mails gives all mails, the oldest first.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Wait gives the oldest mail to the address that matches, as soon as there is
// one. A nil match takes any.
func (s *Sink) Wait(ctx context.Context, to string, match func(Mail) bool) (Mail, error) {
	for {
		mails, news := s.state()
		for _, m := range mails {
			if m.IsTo(to) && (match == nil || match(m)) {
				return m, nil
			}
		}
		select {
		case <-news:
		case <-ctx.Done():
			return Mail{}, fmt.Errorf("cannot wait for a mail to %q: %w (mails so far: %s)", to, ctx.Err(), subjects(mails))
		}
	}
}

// Next gives the oldest mail to the address that Next has not given before, as
// soon as there is one.
func (s *Sink) Next(ctx context.Context, to string) (Mail, error) {
	key := strings.ToLower(to)
	s.mu.Lock()
	skip := s.given[key]
	s.given[key]++
	s.mu.Unlock()
	seen := map[int]bool{}
	m, err := s.Wait(ctx, to, func(m Mail) bool {
		seen[m.Number] = true
		return len(seen) > skip
	})
	if err != nil {
		s.mu.Lock()
		s.given[key]--
		s.mu.Unlock()
	}
	return m, err
}

func (s *Sink) state() ([]Mail, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails), s.news
}

func (s *Sink) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Number = len(s.mails) + 1
	s.mails = append(s.mails, m)
	close(s.news)
	s.news = make(chan struct{})
}

func subjects(mails []Mail) string {
	if len(mails) == 0 {
		return "none"
	}
	var all []string
	for _, m := range mails {
		all = append(all, fmt.Sprintf("%q to %s", m.Subject, strings.Join(m.To, ", ")))
	}
	return strings.Join(all, "; ")
}

// conversation is one connection of a client.
type conversation struct {
	sink *Sink
	from string
	to   []string
}

func (c *conversation) Reset()        { c.from, c.to = "", nil }
func (c *conversation) Logout() error { return nil }

func (c *conversation) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = append(c.to, to)
	return nil
}

// Data refuses what cannot be read as a mail: a sender that sends such a thing
// should hear of it.
func (c *conversation) Data(r io.Reader) error {
	m, err := parse(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	m.Sender, m.To, m.Received = c.from, slices.Clone(c.to), time.Now()
	c.sink.keep(m)
	return nil
}

// silent drops what the server says of clients that hang up.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
