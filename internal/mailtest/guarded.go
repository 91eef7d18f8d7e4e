package mailtest

import (
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Ask has the sink take mails only of whoever signs in so. It is called before
// the first conversation.
func (s *Sink) Ask(user, password string) {
	s.user, s.password = user, password
	s.server.AllowInsecureAuth = true // on this machine
}

// guarded is a conversation that begins with a sign-in.
type guarded struct {
	*conversation
	known bool
}

func (g *guarded) AuthMechanisms() []string { return []string{sasl.Plain} }

func (g *guarded) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != g.sink.user || password != g.sink.password {
			return smtp.ErrAuthFailed
		}
		g.known = true
		return nil
	}), nil
}

func (g *guarded) Mail(from string, options *smtp.MailOptions) error {
	if !g.known {
		return smtp.ErrAuthRequired
	}
	return g.conversation.Mail(from, options)
}
