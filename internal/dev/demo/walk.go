package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// The people of the walk.
const (
	admin = "admin@example.com"
	alice = "alice@example.com"
	carol = "carol@example.com"
	ada   = "ada@example.com"
)

// The passwords of the walk. They live as long as its Kratos.
const (
	firstPassword  = "correct-horse-battery-staple"
	secondPassword = "tractor-velvet-quiet-lantern"
	alicePassword  = "harbour-thimble-orchard-comet"
)

// walk does the operator's work, in the order in which it comes up.
func (d *demo) walk(ctx context.Context) error {
	parts := []func(context.Context) error{
		d.createAdmin, d.getAdmin, d.invite, d.openInvitation, d.forgotPassword, d.resetPassword, d.recoveryCode,
		d.secondFactor, d.signUp, d.socialLogins, d.endSessions, d.disable, d.delete, d.closedDoor,
	}
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(d.out, "\nAll %d steps are done and were seen at Kratos.\n", d.n)
	return nil
}

func (d *demo) createAdmin(ctx context.Context) error {
	file, err := d.file("first-password", firstPassword)
	if err != nil {
		return err
	}
	return d.take(ctx, step{
		title: "Create the first administrator, with a password from a file",
		args:  []string{"create-admin-account", "--username", "admin", "--password-file", file, admin},
		look: func(ctx context.Context, _ string) error {
			_, byEmail := d.Login(ctx, admin, firstPassword)
			_, byName := d.Login(ctx, "admin", firstPassword)
			return errors.Join(byEmail, byName)
		},
		found: "the administrator signs in, by email and by username",
	})
}

func (d *demo) getAdmin(ctx context.Context) error {
	return d.take(ctx, step{
		title: "Look at the administrator",
		args:  []string{"get-identity", admin},
		look: func(ctx context.Context, stdout string) error {
			id, err := d.idOf(ctx, admin)
			if err != nil {
				return err
			}
			return errors.Join(
				want(strings.Contains(stdout, id), "the output does not hold the identity's id, "+id),
				want(!strings.Contains(stdout, "$2a$"), "the output holds a password hash"),
			)
		},
		found: "Kratos has this identity, and nothing secret is shown",
	})
}

func (d *demo) invite(ctx context.Context) error {
	return d.take(ctx, step{
		title: "Invite a person",
		args:  []string{"invite-user", alice},
		look: func(ctx context.Context, stdout string) (err error) {
			if d.link, err = value(stdout, "recovery-link"); err != nil {
				return err
			}
			_, err = d.idOf(ctx, alice)
			return errors.Join(err, want(strings.HasPrefix(d.link, d.url+"/"), "the link does not lead to "+d.url))
		},
		found: "Kratos has the person, and the link leads to the pages",
	})
}

func (d *demo) resetPassword(ctx context.Context) error {
	file, err := d.file("second-password", secondPassword)
	if err != nil {
		return err
	}
	return d.take(ctx, step{
		title: "Reset a password from a file",
		args:  []string{"reset-password", admin, "--password-file", file},
		look: func(ctx context.Context, _ string) error {
			if _, err := d.Login(ctx, admin, secondPassword); err != nil {
				return err
			}
			_, err := d.Login(ctx, admin, firstPassword)
			return want(errors.Is(err, kratostest.ErrWrongCredentials), fmt.Sprintf("the old password was not refused: %v", err))
		},
		found: "the new password signs in, and the old one does not",
	})
}

func (d *demo) recoveryCode(ctx context.Context) error {
	return d.take(ctx, step{
		title: "Issue a recovery code, to be read out on the telephone",
		args:  []string{"reset-password", alice},
		look: func(ctx context.Context, stdout string) error {
			link, linkErr := value(stdout, "recovery-link")
			code, codeErr := value(stdout, "recovery-code")
			b, err := newBrowser(ctx, d.out)
			if err := errors.Join(linkErr, codeErr, err); err != nil {
				return err
			}
			fmt.Fprintln(d.out)
			b.open(link).press("method=code", map[string]string{"code": code}).wants("/settings", alice)
			return d.signedIn(ctx, b, alice)
		},
		found: "the code, typed at the link, signs the person in",
	})
}

func (d *demo) secondFactor(ctx context.Context) error {
	session, err := d.Login(ctx, admin, secondPassword)
	if err != nil {
		return err
	}
	if _, err := d.EnrolTOTP(ctx, session.Token); err != nil {
		return err
	}
	if err := d.askedForSecondFactor(ctx, true); err != nil {
		return err
	}
	fmt.Fprintln(d.out, "\n  The administrator has enrolled an authenticator app, through Kratos' settings flow.\n  A sign-in with the password alone is now asked for aal2. The phone gets lost.")
	return d.take(ctx, step{
		title: "Reset the lost second factor",
		args:  []string{"reset-identity-mfa", admin, "--mfa-type", "totp", "--yes"},
		look:  func(ctx context.Context, _ string) error { return d.askedForSecondFactor(ctx, false) },
		found: "a sign-in with the password alone is not asked for aal2 any more",
	})
}

func (d *demo) askedForSecondFactor(ctx context.Context, wanted bool) error {
	session, err := d.Login(ctx, admin, secondPassword)
	if err != nil {
		return err
	}
	status, _, asked, err := d.Whoami(ctx, session.Token)
	if err != nil {
		return err
	}
	return want(asked == wanted, fmt.Sprintf("asked for a second factor: %t, and whoami answered %d", asked, status))
}

func (d *demo) socialLogins(ctx context.Context) error {
	id, err := d.CreateIdentity(ctx, kratostest.DefaultSchema, map[string]any{"email": carol},
		kratostest.WithOIDC("github", "1234"), kratostest.WithOIDC("google", "5678"))
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out, "\n  A person with two social logins has been created, through Kratos' admin API.")
	err = d.take(ctx, step{
		title: "List social logins",
		args:  []string{"list-oidc-accounts", carol},
		look: func(_ context.Context, stdout string) error {
			return want(strings.Contains(stdout, "github:1234") && strings.Contains(stdout, "google:5678"), "not both are listed")
		},
		found: "both are listed",
	})
	if err != nil {
		return err
	}
	return d.take(ctx, step{
		title: "Unlink one of them",
		args:  []string{"unlink-oidc-account", carol, "--credential-id", "github:1234", "--yes"},
		look: func(ctx context.Context, _ string) error {
			_, body, err := d.Admin(ctx, http.MethodGet, "/admin/identities/"+id, nil)
			if err != nil {
				return err
			}
			text := string(body)
			return want(!strings.Contains(text, "github:1234") && strings.Contains(text, "google:5678"), "Kratos has other links: "+text)
		},
		found: "Kratos has the other one only",
	})
}

func (d *demo) endSessions(ctx context.Context) error {
	session, err := d.Login(ctx, admin, secondPassword)
	if err != nil {
		return err
	}
	return d.take(ctx, step{
		title: "End every session of a person",
		args:  []string{"invalidate-identity-sessions", admin},
		look: func(ctx context.Context, _ string) error {
			status, _, _, err := d.Whoami(ctx, session.Token)
			if err != nil {
				return err
			}
			return want(status == http.StatusUnauthorized, fmt.Sprintf("whoami answered %d", status))
		},
		found: "whoami answers 401 to a session that was open",
	})
}

func (d *demo) disable(ctx context.Context) error {
	return d.take(ctx, step{
		title: "Disable a person",
		args:  []string{"disable-identity", admin, "--yes"},
		look: func(ctx context.Context, _ string) error {
			_, err := d.Login(ctx, admin, secondPassword)
			return want(errors.Is(err, kratostest.ErrAccountDisabled), fmt.Sprintf("the sign-in was not refused as disabled: %v", err))
		},
		found: "the right password is refused: the account is disabled",
	})
}

func (d *demo) delete(ctx context.Context) error {
	id, err := d.idOf(ctx, alice)
	if err != nil {
		return err
	}
	return d.take(ctx, step{
		title: "Delete a person",
		args:  []string{"delete-identity", alice, "--yes"},
		look: func(ctx context.Context, _ string) error {
			status, _, err := d.Admin(ctx, http.MethodGet, "/admin/identities/"+id, nil)
			if err != nil {
				return err
			}
			return want(status == http.StatusNotFound, fmt.Sprintf("Kratos answered %d", status))
		},
		found: "Kratos knows the identity no more",
	})
}

// idOf asks Kratos for the one identity that has the identifier.
func (d *demo) idOf(ctx context.Context, email string) (string, error) {
	_, body, err := d.Admin(ctx, http.MethodGet, "/admin/identities?credentials_identifier="+email, nil)
	if err != nil {
		return "", err
	}
	var found []struct{ ID string }
	if err := json.Unmarshal(body, &found); err != nil || len(found) != 1 {
		return "", fmt.Errorf("not one identity for %s: %s", email, body)
	}
	return found[0].ID, nil
}

// value reads a result from the agent's table.
func value(stdout, key string) (string, error) {
	m := regexp.MustCompile(`(?m)^` + key + `\s+(\S+)$`).FindStringSubmatch(stdout)
	if m == nil {
		return "", fmt.Errorf("the output holds no %s", key)
	}
	return m[1], nil
}
