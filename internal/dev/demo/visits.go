package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/mailtest"
)

// saved is what the settings page says of a change.
const saved = "Your changes have been saved."

// openInvitation is what the invited person does, who has the link and nothing
// else.
func (d *demo) openInvitation(ctx context.Context) error {
	return d.browse(ctx, visit{
		title: "Open the invitation in a browser, set a password, sign out and sign in with it",
		way: func(ctx context.Context, b *browser) error {
			b.open(d.link).wants("/settings", alice)
			b.press("method=password", map[string]string{"password": alicePassword}).wants("/settings", saved)
			b.follow("/logout").wants("/login", "")
			b.press("method=password", map[string]string{"identifier": alice, "password": alicePassword}).wants("/settings", alice)
			if err := d.signedIn(ctx, b, alice); err != nil {
				return err
			}
			_, err := d.Login(ctx, alice, alicePassword)
			return err
		},
		found: "the person is signed in, with a password of their own",
	})
}

// recoveryMail is the subject of the mail with the code. Kratos has sent another
// one before it: whoever saves their settings is asked to verify their address.
const recoveryMail = "Recover access to your account"

func (d *demo) forgotPassword(ctx context.Context) error {
	return d.browse(ctx, visit{
		title: "Forget the password, and come back by a code from the mail",
		way: func(ctx context.Context, b *browser) error {
			b.open(d.url+"/login").follow("/recovery").press("method=code", map[string]string{"email": alice}).wants("/recovery", "sent a code")
			if b.err != nil {
				return b.err
			}
			mail, err := d.mailed(ctx, alice, recoveryMail)
			if err != nil {
				return err
			}
			b.press("method=code", map[string]string{"code": mail.Code()}).wants("/settings", alice)
			return d.signedIn(ctx, b, alice)
		},
		found: "the mail arrived, and its code signs the person in",
	})
}

// mailLimit is how long a mail may take. Kratos looks for mail to send every
// second.
const mailLimit = 20 * time.Second

// mailed waits for a mail.
func (d *demo) mailed(ctx context.Context, to, subject string) (mailtest.Mail, error) {
	ctx, cancel := context.WithTimeout(ctx, mailLimit)
	defer cancel()
	m, err := d.house.mails.Wait(ctx, to, func(m mailtest.Mail) bool { return m.Subject == subject })
	if err == nil {
		fmt.Fprintf(d.out, "    a mail comes: %q\n", m.Subject)
	}
	return m, err
}

func (d *demo) signUp(ctx context.Context) error {
	return d.browse(ctx, visit{
		title: "Create an account through the OpenID provider",
		way: func(ctx context.Context, b *browser) error {
			b.open(d.url+"/registration").press("provider="+providerID, nil).wants("/authorize", "Ada Lovelace")
			b.press("person="+ada, nil).wants("/settings", ada)
			return d.signedIn(ctx, b, ada)
		},
		found: "Kratos has made an identity of what the provider says, and signed it in",
	})
}

func (d *demo) closedDoor(ctx context.Context) error {
	return d.browse(ctx, visit{
		title: "Try to register at the other Kratos, which is by invitation only",
		way: func(ctx context.Context, b *browser) error {
			return b.open(d.house.invited.url+"/registration").wants("/error", "by invitation").err
		},
		found: "its pages say that registration is closed",
	})
}

// signedIn is an error unless the browser's session, as Kratos knows it, is that
// of the person.
func (d *demo) signedIn(ctx context.Context, b *browser, email string) error {
	id := b.who(d.PublicURL)
	if b.err != nil {
		return b.err
	}
	wanted, err := d.idOf(ctx, email)
	if err != nil {
		return err
	}
	return want(id == wanted, "another identity is signed in: "+id)
}
