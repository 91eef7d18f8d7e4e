// Package scripttest lets test scripts prepare a real Kratos and look at it,
// apart from the agent.
package scripttest

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// Commands gives the commands that scripts have for the server:
//
//   - person VARIABLE EMAIL [password=P] [oidc=PROVIDER:SUBJECT] [state=inactive]
//     creates an identity of the default schema and sets the variable to its id.
//   - big VARIABLE EMAIL N creates one with a trait of N bytes.
//   - plant ID totp|lookup_secret|webauthn|passwordless|passkey gives it a factor.
//   - link ID PROVIDER:SUBJECT... gives it these social logins and no others.
//   - [!] signs-in IDENTIFIER PASSWORD looks whether the password signs in.
//   - [!] asked IDENTIFIER PASSWORD looks whether that is asked for a second factor.
//   - session VARIABLE IDENTIFIER PASSWORD signs in and keeps the session's token.
//   - [!] alive TOKEN looks whether the session lives.
//   - [!] exists ID looks whether the identity is there.
//   - capture VARIABLE REGEXP keeps what the group matches in stdout.
//   - recovers ID LINK [CODE] looks whether the way back in leads to it.
func Commands(s *kratostest.Server) map[string]func(*testscript.TestScript, bool, []string) {
	c := commands{s}
	return map[string]func(*testscript.TestScript, bool, []string){
		"person": c.person, "big": c.big, "plant": c.plant, "link": c.link, "capture": capture, "signs-in": c.signsIn, "asked": c.asked,
		"session": c.session, "alive": c.alive, "exists": c.exists, "recovers": c.recovers,
	}
}

// Run runs scripts one after the other: a server is one test's alone, and
// testscript's own Run would wait, in parallel, for the tests that wait for it.
func Run(t *testing.T, p testscript.Params) {
	t.Helper()
	testscript.RunT(serial{t}, p)
}

type serial struct{ *testing.T }

func (serial) Parallel() {}

func (serial) Verbose() bool { return testing.Verbose() }

func (s serial) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(serial{t}) })
}

type commands struct{ *kratostest.Server }

func (c commands) person(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 2, "person VARIABLE EMAIL [password=P] [oidc=PROVIDER:SUBJECT] [state=inactive]")
	var options []kratostest.Option
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "password":
			options = append(options, kratostest.WithPassword(value))
		case "oidc":
			provider, subject, _ := strings.Cut(value, ":")
			options = append(options, kratostest.WithOIDC(provider, subject))
		default:
			options = append(options, kratostest.With(name, value))
		}
	}
	id, err := c.CreateIdentity(context.Background(), kratostest.DefaultSchema, map[string]any{"email": args[1]}, options...)
	ts.Check(err)
	ts.Setenv(args[0], id)
}

func (c commands) big(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 3, "big VARIABLE EMAIL N")
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	traits := map[string]any{"email": args[1], "long": strings.Repeat("x", n)}
	id, err := c.CreateIdentity(context.Background(), kratostest.DefaultSchema, traits)
	ts.Check(err)
	ts.Setenv(args[0], id)
}

func (c commands) plant(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 2, "plant ID FACTOR")
	ctx := context.Background()
	var err error
	switch args[1] {
	case "totp":
		_, err = c.PlantTOTP(ctx, args[0])
	case "lookup_secret":
		err = c.PlantLookupSecrets(ctx, args[0], "code-one")
	case "webauthn":
		err = c.PlantSecurityKey(ctx, args[0])
	case "passwordless":
		err = c.PlantPasswordlessKey(ctx, args[0])
	case "passkey":
		err = c.PlantPasskey(ctx, args[0])
	default:
		ts.Fatalf("unknown factor %q", args[1])
	}
	ts.Check(err)
}

func (c commands) link(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 2, "link ID PROVIDER:SUBJECT...")
	var providers []any
	for _, login := range args[1:] {
		provider, subject, _ := strings.Cut(login, ":")
		providers = append(providers, map[string]any{"provider": provider, "subject": subject})
	}
	ts.Check(c.Patch(context.Background(), args[0], "/credentials/oidc", map[string]any{
		"type": "oidc", "identifiers": args[1:], "config": map[string]any{"providers": providers},
	}))
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 2, "capture VARIABLE REGEXP")
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) != 2 {
		ts.Fatalf("no match for %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}

func (c commands) signsIn(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) == 2, "signs-in IDENTIFIER PASSWORD")
	_, err := c.Login(context.Background(), args[0], args[1])
	switch {
	case neg && !errors.Is(err, kratostest.ErrWrongCredentials) && !errors.Is(err, kratostest.ErrAccountDisabled):
		ts.Fatalf("the sign-in was not refused: %v", err)
	case !neg:
		ts.Check(err)
	}
}

func (c commands) asked(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) == 2, "asked IDENTIFIER PASSWORD")
	session, err := c.Login(context.Background(), args[0], args[1])
	ts.Check(err)
	_, _, asked, err := c.Whoami(context.Background(), session.Token)
	ts.Check(err)
	if asked == neg {
		ts.Fatalf("asked for a second factor: %t", asked)
	}
}

func (c commands) session(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 3, "session VARIABLE IDENTIFIER PASSWORD")
	session, err := c.Login(context.Background(), args[1], args[2])
	ts.Check(err)
	ts.Setenv(args[0], session.Token)
}

func (c commands) alive(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) == 1, "alive TOKEN")
	status, _, _, err := c.Whoami(context.Background(), args[0])
	ts.Check(err)
	if (status == http.StatusUnauthorized) != neg {
		ts.Fatalf("whoami answered %d", status)
	}
}

func (c commands) exists(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) == 1, "exists ID")
	status, _, err := c.Admin(context.Background(), http.MethodGet, "/admin/identities/"+args[0], nil)
	ts.Check(err)
	if (status == http.StatusNotFound) != neg {
		ts.Fatalf("Kratos answered %d", status)
	}
}

func (c commands) recovers(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && (len(args) == 2 || len(args) == 3), "recovers ID LINK [CODE]")
	var id string
	var err error
	if len(args) == 3 {
		id, err = c.UseRecoveryCode(context.Background(), args[1], args[2])
	} else {
		id, err = c.OpenRecoveryLink(context.Background(), args[1])
	}
	ts.Check(err)
	if id != args[0] {
		ts.Fatalf("identity %s was signed in", id)
	}
}

func need(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}
