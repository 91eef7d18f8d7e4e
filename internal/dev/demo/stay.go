package main

import (
	"context"
	"fmt"
	"text/template"
)

// The people who are invited at the end, for the reader to be.
const (
	dave = "dave@example.com"
	erin = "erin@example.com"
)

// guest is somebody who is invited to a site.
type guest struct{ URL, AdminURL, Email, Link string }

var stayText = template.Must(template.New("").Parse(`
Everything stays up until Ctrl-C. Open in a browser:

    Invitation  {{.Open.Link}}
                Be {{.Open.Email}}: set a password, sign out, sign in.
    Pages       {{.Open.URL}}/
                Anybody may register.
    Mails       {{.Mails}}/
                What Kratos sends is shown here and goes nowhere else.
    Provider    {{.Provider}}
                "Continue with {{.Label}}" leads there. Say who you are, and you are it.

The second Kratos is by invitation only:

    Invitation  {{.Invited.Link}}
                Be {{.Invited.Email}}.
    Pages       {{.Invited.URL}}/

From another shell, in this folder:

    export KRATOS_ADMIN_URL={{.Open.AdminURL}}   # of the second: {{.Invited.AdminURL}}
    bin/kratos-agent invite-user frank@example.com
    bin/kratos-agent get-identity {{.Open.Email}} --format json
    bin/kratos-agent reset-password {{.Open.Email}}
    bin/kratos-agent delete-user {{.Open.Email}}

Kratos' public API is behind the pages, at their addresses.
`))

// stay invites two people more, tells how to go on by hand, and waits.
func (d *demo) stay(ctx context.Context) error {
	open, err := d.house.open.guest(ctx, dave)
	if err != nil {
		return err
	}
	invited, err := d.house.invited.guest(ctx, erin)
	if err != nil {
		return err
	}
	err = stayText.Execute(d.out, map[string]any{
		"Open": open, "Invited": invited, "Mails": d.house.mailsURL, "Provider": d.house.provider.Issuer, "Label": providerLabel,
	})
	if err == nil {
		<-ctx.Done()
	}
	return err
}

// guest invites the person.
func (s *site) guest(ctx context.Context, email string) (guest, error) {
	stdout, stderr, err := s.command(ctx, "invite-user", email)
	if err != nil {
		return guest{}, fmt.Errorf("cannot invite %s: %w\n%s", email, err, stderr)
	}
	link, err := value(stdout, "recovery-link")
	return guest{URL: s.url, AdminURL: s.AdminURL, Email: email, Link: link}, err
}
