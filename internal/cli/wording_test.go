package cli

import (
	"testing"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

func TestWording(t *testing.T) {
	t.Parallel()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		t.Fatal(err)
	}
	w := wording{commands: Commands(declared)}
	for _, test := range []struct{ got, want string }{
		{w.Param("force", "true"), "--force"},
		{w.Param("invalidate-sessions", "false"), "--invalidate-sessions=false"},
		{w.Param("mfa-type", "all"), "--mfa-type all"},
		{w.Param("password", ""), "--password-file FILE|-"},
		{w.Param("name", "O'Neill"), `--name 'O'\''Neill'`},
		{w.Param("name", ""), "--name ''"},
		{w.Param("name", "-x"), "--name=-x"},
		{w.Command("get-identity", "identity-id", "1"), "kratos-agent get-identity 1"},
		{w.Command("get-identity", "email", "a b"), "kratos-agent get-identity 'a b'"},
		{w.Command("get-identity", "email", "-a"), "kratos-agent get-identity --email=-a"},
		{w.Command("disable-identity", "identity-id", "1", "invalidate-sessions", "false"), "kratos-agent disable-identity 1 --invalidate-sessions=false"},
		{wording{settings: settings{endpoint: "http://u:s3cr3t-mark@h", endpointGiven: true}}.Command("get-identity", "identity-id", "1"),
			"kratos-agent get-identity 1 --endpoint URL"},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}
