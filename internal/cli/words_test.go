package cli_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWords types the same thing in every way that it may be typed.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"delete-identity alice@example.com --yes --quiet",
		"delete-identity --yes --quiet alice@example.com",
		"delete-identity --yes alice@example.com --quiet",
		"--yes delete-identity --quiet alice@example.com",
		"--quiet --yes delete-identity alice@example.com",
		"delete-identity --email alice@example.com --yes --quiet",
		"delete-identity --email=alice@example.com --yes=true --quiet",
		"delete-identity -email alice@example.com -yes -quiet",
		"delete-identity --yes --quiet -- alice@example.com",
		"--yes --quiet -- delete-identity alice@example.com",
		"delete-identity " + aliceID + " --yes --quiet",
		"delete-identity " + strings.ToUpper(aliceID) + " --yes --quiet",
		"delete-identity --identity-id " + aliceID + " --yes --quiet",
		"delete-identity ALICE@example.com --yes --quiet --ignore-missing=false --timeout 5s --endpoint http://h",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			server := alice()
			got := words(strings.Fields(args)...).on(server).run(t)
			if diff := cmp.Diff(outcome{stdout: aliceID + "\n"}, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"DeleteIdentity " + aliceID}, server.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPersonThatLooksLikeAFlag(t *testing.T) {
	t.Parallel()
	got := words("get-identity", "--", "--yes").run(t)
	if want := `kratos-agent: nobody signs in with "--yes"`; !strings.HasPrefix(got.stderr, want) || got.code != 3 {
		t.Errorf("got %+v, want %q", got, want)
	}
	got = words("get-identity", "--email=--yes").run(t)
	if got.code != 3 {
		t.Errorf("got %+v, want 3", got)
	}
}

// TestMistakes types what cannot be meant.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string // both lines of stderr
	}{
		{[]string{"get-identiy", "a"}, "there is no command \"get-identiy\"\nhint: did you mean get-identity?"},
		{[]string{"delete"}, "there is no command \"delete\"\nhint: did you mean delete-identity or delete-user?"},
		{[]string{"frobnicate"}, "there is no command \"frobnicate\"\nhint: kratos-agent help lists the commands"},
		{[]string{"help", "get-identiy"}, "there is no command \"get-identiy\"\nhint: did you mean get-identity?"},
		{[]string{"--yes"}, "no command given\nhint: kratos-agent help lists the commands"},
		{[]string{"--email", "a", "get-identity"}, "no flag --email can stand before a command\nhint: the flags of a command stand behind it"},
		{[]string{"--formt=json", "get-identity"}, "no flag --formt can stand before a command\nhint: did you mean --format?"},
		{[]string{"get-identity", "a", "--emial", "b"}, "get-identity has no flag --emial\nhint: did you mean --email?"},
		{[]string{"get-identity", "a", "--frobnicate=s3cr3t-mark"}, "get-identity has no flag --frobnicate\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"reset-password", "a", "--pasword", "b"}, "reset-password has no flag --pasword\nhint: did you mean --password-secret-id or --password-file?"},
		{[]string{"get-identity", "a", "-y"}, "get-identity has no flag --y\nhint: did you mean --yes?"},
		{[]string{"reset-mfa", "a"}, "there is no command \"reset-mfa\"\nhint: did you mean reset-identity-mfa?"},
		{[]string{"get-identity", "a", "---yes"}, "get-identity has no flag ---yes\nhint: did you mean --yes?"},
		{[]string{"reset-password", "a", "--password", "s3cr3t-mark"}, "a password on the command line could be read by others\nhint: put it in a file: --password-file FILE|-"},
		{[]string{"reset-password", "a", "s3cr3t-mark"}, "reset-password is about one person, and more than one word is given\nhint: kratos-agent reset-password [flags] IDENTITY-ID|EMAIL; a word with blanks in it needs quotes"},
		{[]string{"reset-password", "email=a"}, "email= is how Juju takes it\nhint: by hand: --email VALUE"},
		{[]string{"reset-password", "a", "password=s3cr3t-mark"}, "password= is how Juju takes it\nhint: by hand: --password-file FILE|-"},
		{[]string{"get-identity"}, "cannot tell whom this is about\nhint: kratos-agent get-identity [flags] IDENTITY-ID|EMAIL"},
		{[]string{"get-identity", "a", "--email", "b"}, "the person is given twice: by a flag and without one"},
		{[]string{"get-identity", "--identity-id", aliceID, "a"}, "the person is given twice: by a flag and without one"},
		{[]string{"get-identity", "--identity-id", aliceID, "--email", "a"}, "cannot tell whom this is about: give identity-id or email, not both\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"get-identity", ""}, "email is empty\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"get-identity", "--email="}, "email is empty\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"get-identity", "--email", "a", "--email", "b"}, "--email is given twice"},
		{[]string{"--yes", "delete-identity", "a", "--yes"}, "--yes is given twice"},
		{[]string{"get-identity", "--email"}, "--email needs a value: --email VALUE"},
		{[]string{"get-identity", "--email", "--yes"}, "--email needs a value, and what follows it is the flag --yes\nhint: if that is the value, write --email=--yes"},
		{[]string{"delete-identity", "a", "--ignore-missing=maybe"}, "--ignore-missing must be true or false, not \"maybe\""},
		{[]string{"delete-identity", "--ignore-missing", "false", "a"}, "--ignore-missing takes its value behind an equals sign: --ignore-missing=false"},
		{[]string{"get-identity", "a", "--format", "xml"}, "--format must be one of table, json, yaml, not \"xml\"\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"get-identity", "a", "--timeout", "0s"}, "--timeout \"0s\" is not a duration above 0 (90s, 5m)\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"get-identity", "a", "--timeout", "soon"}, "--timeout \"soon\" is not a duration above 0 (90s, 5m)\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"get-identity", "a", "--endpoint="}, "--endpoint is empty\nhint: kratos-agent get-identity --help lists its flags"},
		{[]string{"unlink-oidc-account", "a"}, "unlink-oidc-account needs the parameter credential-id\nhint: kratos-agent unlink-oidc-account --help lists its flags"},
		{[]string{"reset-identity-mfa", "a", "--mfa-type", "sms"}, "parameter mfa-type must be one of totp, lookup_secret, webauthn, all, not \"sms\"\nhint: kratos-agent reset-identity-mfa --help lists its flags"},
		{[]string{"reset-identity-mfa", "a", "--mfa-type="}, "parameter mfa-type must be one of totp, lookup_secret, webauthn, all, not \"\"\nhint: kratos-agent reset-identity-mfa --help lists its flags"},
		{[]string{"invite-user", "a", "--traits", "[]"}, "parameter traits must be a JSON object such as {\"name\": \"Alice\"}\nhint: kratos-agent invite-user --help lists its flags"},
		{[]string{"completion"}, "completion takes the name of one shell\nhint: the shells are bash, zsh, fish"},
		{[]string{"completion", "tcsh"}, "there is no completion for \"tcsh\"\nhint: the shells are bash, zsh, fish"},
		{[]string{"ui"}, "cannot serve: --kratos-public-url (KRATOS_PUBLIC_URL) is missing\nhint: kratos-agent ui --help lists its flags"},
		{[]string{"ui", "alice@example.com"}, "ui takes nothing but flags"},
		{[]string{"ui", "--lisen", "127.0.0.1:1"}, "ui has no flag --lisen\nhint: did you mean --listen?"},
		{[]string{"ui", "--quiet"}, "ui has no flag --quiet\nhint: kratos-agent ui --help lists its flags"},
		{[]string{"--timeout", "5s", "ui"}, "ui has no flag --timeout\nhint: kratos-agent ui --help lists its flags"},
		{[]string{"ui", "--listen"}, "--listen needs a value: --listen ADDRESS:PORT"},
		{[]string{"ui", "--listen", "--enforce-mfa"}, "--listen needs a value, and what follows it is the flag --enforce-mfa\nhint: if that is the value, write --listen=--enforce-mfa"},
		{[]string{"ui", "--enforce-mfa=maybe"}, "--enforce-mfa must be true or false, not \"maybe\""},
		{[]string{"ui", "--listen", "4455"}, "cannot use \"4455\" as --listen (KRATOS_AGENT_UI_LISTEN): it is not of the form address:port\nhint: kratos-agent ui --help lists its flags"},
		{[]string{"man", "get-identity"}, "man takes nothing behind it"},
		{[]string{"version", "1"}, "version takes nothing behind it"},
		{[]string{"help", "man", "help"}, "help takes the name of one command"},
	} {
		t.Run(strings.Split(test.want, "\n")[0], func(t *testing.T) {
			t.Parallel()
			server := alice()
			got := words(test.args...).on(server).run(t)
			want := outcome{stderr: "kratos-agent: " + test.want + "\n", code: 2}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
			if server.calls != nil {
				t.Errorf("%v was called", server.calls)
			}
		})
	}
}
