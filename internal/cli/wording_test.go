package cli

import (
	"slices"
	"testing"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// TestAsText lets a command line send any parameter as text, whatever is
// declared.
func TestAsText(t *testing.T) {
	t.Parallel()
	declared := spec.Action{Params: []spec.Param{{Name: "a", Types: []spec.Type{spec.Number}}, {Name: "b", Types: []spec.Type{spec.String}}}}
	got := asText(declared)
	if !slices.Equal(got.Params[0].Types, []spec.Type{spec.Number, spec.String}) || len(got.Params[1].Types) != 1 || len(declared.Params[0].Types) != 1 {
		t.Errorf("got %v of %v", got, declared)
	}
}

func TestWording(t *testing.T) {
	t.Parallel()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		t.Fatal(err)
	}
	w := wording{declared: declared}
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
