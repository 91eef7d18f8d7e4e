package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"
)

// TestQuestions asks before what cannot be undone.
func TestQuestions(t *testing.T) {
	t.Parallel()
	delete := words("delete-identity", "alice@example.com")
	question := "delete identity " + aliceID + " (alice@example.com)? [y/N] "
	refused := question + "kratos-agent: the answer was not yes: nothing was changed\n"
	done := outcome{stdout: "identity-id  " + aliceID + "\nid           " + aliceID + "\n"}
	for _, test := range []struct {
		name string
		line line
		want outcome
	}{
		{"y", delete.typing("y\n"), outcome{done.stdout, question, 0}},
		{"YES", delete.typing(" YES \n"), outcome{done.stdout, question, 0}},
		{"yes at the end of input", delete.typing("yes"), outcome{done.stdout, question, 0}},
		{"n", delete.typing("n\n"), outcome{"", refused, 4}},
		{"nothing", delete.typing("\n"), outcome{"", refused, 4}},
		{"end of input", delete.typing(""), outcome{"", refused, 4}},
		{"yesterday", delete.typing("yesterday\n"), outcome{"", refused, 4}},
		{"nobody", delete.reading("y\n"), outcome{"", "kratos-agent: cannot ask \"delete identity " + aliceID +
			" (alice@example.com)?\" where stdin is no terminal: nothing was changed\nhint: --yes answers it\n", 2}},
		{"--yes", words("delete-identity", "alice@example.com", "--yes"), done},
		{"--yes at a terminal", words("delete-identity", "alice@example.com", "--yes").typing(""), done},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := alice()
			got := test.line.on(server).run(t)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
			if changed := len(server.calls) > 0; changed != (test.want.code == 0) {
				t.Errorf("%v was called", server.calls)
			}
		})
	}
}

// TestWhatIsAsked names the actions that ask.
func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	for args, asks := range map[string]bool{
		"delete-user alice@example.com":                                          true,
		"disable-identity alice@example.com":                                     true,
		"reset-identity-mfa alice@example.com --mfa-type all":                    true,
		"unlink-oidc-account alice@example.com --credential-id google:1 --force": true,
		"enable-identity alice@example.com":                                      false,
		"invalidate-identity-sessions alice@example.com":                         false,
		"reset-password alice@example.com":                                       false,
	} {
		server := alice()
		server.factors.TOTP = true
		got := words(strings.Fields(args)...).on(server).run(t)
		if asked := got.code == 2 && strings.Contains(got.stderr, "--yes"); asked != asks {
			t.Errorf("%s: asked is %t\n%s", args, asked, got.stderr)
		}
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	for args, note := range map[string]string{
		"delete-identity alice@example.com":                   "would delete identity " + aliceID,
		"invite-user bob@example.com":                         "would create an identity for bob@example.com",
		"reset-identity-mfa alice@example.com --mfa-type all": "would remove totp",
		"reset-password alice@example.com --password-file -":  "would set the password",
		"invalidate-identity-sessions alice@example.com":      "would end the open sessions (2)",
	} {
		server := alice()
		server.factors.TOTP = true
		server.sessions = 2
		got := words(append(strings.Fields(args), "--dry-run")...).on(server).reading("s3cr3t-mark").must(t)
		if server.calls != nil || !strings.HasPrefix(got.stderr, "note: dry run: "+note) {
			t.Errorf("%s: called %v, said %q", args, server.calls, got.stderr)
		}
		quiet := words(append(strings.Fields(args), "--dry-run", "--quiet")...).on(server).reading("s3cr3t-mark").must(t)
		if quiet.stderr != got.stderr {
			t.Errorf("%s --quiet: said %q", args, quiet.stderr)
		}
	}
}

// TestPasswordSources reads a password wherever it may be.
func TestPasswordSources(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() { _ = os.WriteFile(fifo, []byte("s3cr3t-mark\n"), 0) }()
	for _, test := range []struct {
		name, flag, stdin, want string // want is the password, or what stderr holds
		code                    int
	}{
		{"plain", file("plain", "s3cr3t-mark"), "", "s3cr3t-mark", 0},
		{"LF", file("lf", "s3cr3t-mark\n"), "", "s3cr3t-mark", 0},
		{"CRLF", file("crlf", "s3cr3t-mark\r\n"), "", "s3cr3t-mark", 0},
		{"blanks", file("blanks", " s3cr3t-mark \n"), "", " s3cr3t-mark ", 0},
		{"pipe", fifo, "", "s3cr3t-mark", 0},
		{"stdin", "-", "s3cr3t-mark\n", "s3cr3t-mark", 0},
		{"two newlines", "-", "s3cr3t-mark\n\n", "the password ends with a newline", 2},
		{"empty", file("empty", ""), "", "the password is empty", 2},
		{"just a newline", "-", "\n", "the password is empty", 2},
		{"long", "-", strings.Repeat("s3cr3t-mark", 7), "the password has 77 bytes, and at most 72 can be used", 2},
		{"huge", "-", strings.Repeat("s3cr3t-mark", 100_000), "standard input holds more than 1048576 bytes", 2},
		{"endless", "/dev/zero", "", `file "/dev/zero" holds more than 1048576 bytes`, 2},
		{"missing", dir + "/none", "", `cannot read file "` + dir + `/none": no such file or directory`, 2},
		{"directory", dir, "", `cannot read file "` + dir + `": is a directory`, 2},
		{"no name", "", "", "--password-file is empty", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := alice()
			got := words("reset-password", "alice@example.com", "--password-file", test.flag).on(server).reading(test.stdin).run(t)
			if got.code != test.code {
				t.Fatalf("got %+v, want %d", got, test.code)
			}
			if strings.Contains(got.stdout+got.stderr, "s3cr3t-mark") {
				t.Errorf("the password is shown: %+v", got)
			}
			switch {
			case test.code != 0 && !strings.Contains(got.stderr, test.want):
				t.Errorf("stderr is %q, want %q", got.stderr, test.want)
			case test.code != 0 && server.calls != nil:
				t.Errorf("%v was called", server.calls)
			case test.code == 0 && bcrypt.CompareHashAndPassword([]byte(server.password), []byte(test.want)) != nil:
				t.Errorf("the password is not %q", test.want)
			}
		})
	}
}

// TestMistakesBeforeSecrets finds what is wrong before it asks for a secret.
func TestMistakesBeforeSecrets(t *testing.T) {
	t.Parallel()
	got := words("reset-password", "alice@example.com", "--password-file", "/none", "--recovery-method", "pigeon").run(t)
	if got.code != 2 || !strings.Contains(got.stderr, "recovery-method must be one of") {
		t.Errorf("got %+v", got)
	}
	got = words("create-admin-account", "a@example.com", "--password-file", "/none").run(t)
	if got.code != 2 || !strings.Contains(got.stderr, "create-admin-account needs the parameter username") {
		t.Errorf("got %+v", got)
	}
}

func TestJujuSecrets(t *testing.T) {
	t.Parallel()
	server := alice()
	line := words("reset-password", "alice@example.com", "--password-secret-id", "secret:x").on(server)
	got := line.run(t)
	want := "kratos-agent: a Juju secret can only be read where Juju's hook tools are: juju exec --unit kratos/0 -- ./kratos-agent ...\n" +
		"hint: give the password by file: --password-file FILE, or --password-file - for stdin\n"
	if got.code != 4 || got.stderr != want || server.calls != nil {
		t.Errorf("got %+v, called %v", got, server.calls)
	}
	line.secrets = secrets{"password": "s3cr3t-mark"}
	line.must(t)
	if bcrypt.CompareHashAndPassword([]byte(server.password), []byte("s3cr3t-mark")) != nil {
		t.Error("the secret's password was not set")
	}
}
