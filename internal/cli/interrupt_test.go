package cli_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInterrupted ends a command in the middle of things.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, hang, args string
		stdout, stderr   string
	}{
		{"while reading", "FindIdentities", "get-identity alice@example.com", "",
			"kratos-agent: cannot reach the server: cut short; nothing was changed\n"},
		{"before the change", "Credentials", "reset-identity-mfa alice@example.com --mfa-type totp --yes", "",
			"kratos-agent: cannot reach the server: cut short; nothing was changed\n"},
		{"in the change", "DeleteIdentity", "delete-identity alice@example.com --yes", "",
			"kratos-agent: cannot reach the server: cut short\nit may have been done all the same\n"},
		{"after a change", "ActiveSessions", "reset-password alice@example.com --password-file - --invalidate-sessions", "identity-id ",
			"kratos-agent: the password was set: the sessions of identity " + aliceID + " may still be open: cannot reach the server: cut short; " +
				"the result shows what was done, and the rest was not\nhint: next: kratos-agent invalidate-identity-sessions " + aliceID + "\n"},
		{"in a second change", "RecoveryLink", "invite-user bob@example.com", "identity-id  " + bobID + "\ncreated      true\n",
			"kratos-agent: identity " + bobID + " was created, but the invitation is missing: cannot reach the server: cut short\n" +
				"it may have been done all the same; the result shows what was done before\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			server := alice()
			server.hang = test.hang
			go func() {
				<-server.hung
				interrupt()
			}()
			line := words(strings.Fields(test.args)...).on(server)
			line.ctx = ctx
			line.stdin = strings.NewReader("s3cr3t-mark")
			got := line.run(t)
			if got.code != 130 || !strings.HasPrefix(got.stdout, test.stdout) || (test.stdout == "") != (got.stdout == "") {
				t.Errorf("got %+v", got)
			}
			if diff := cmp.Diff(test.stderr, got.stderr); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestInterruptedWaiting ends a command that waits for a person or a file.
func TestInterruptedWaiting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args     []string
		terminal bool
	}{
		{[]string{"delete-identity", "alice@example.com"}, true},
		{[]string{"reset-password", "alice@example.com", "--password-file", "-"}, false},
		{[]string{"reset-password", "alice@example.com", "--password-file", "-"}, true},
	} {
		ctx, interrupt := context.WithCancel(t.Context())
		stdin, feed := io.Pipe()
		defer feed.Close()
		line := words(test.args...)
		line.ctx, line.terminal = ctx, test.terminal
		line.stdin = readerFunc(func(p []byte) (int, error) {
			interrupt()
			return stdin.Read(p)
		})
		got := line.run(t)
		if want := "kratos-agent: interrupted; nothing was changed\n"; got.code != 130 || !strings.HasSuffix(got.stderr, want) {
			t.Errorf("%v: got %+v", test.args, got)
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestTimeout bounds the whole action, and says what is not done.
func TestTimeout(t *testing.T) {
	t.Parallel()
	for hang, want := range map[string]string{
		"FindIdentities": "; nothing was changed",
		"DeleteIdentity": "\nit may have been done all the same",
	} {
		server := alice()
		server.hang = hang
		got := words("delete-identity", "alice@example.com", "--yes", "--timeout", "20ms").on(server).run(t)
		want := outcome{stderr: "kratos-agent: cannot reach the server: cut short" + want + "\n", code: 124}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Error(diff)
		}
	}
}
