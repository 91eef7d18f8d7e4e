package cli_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// TestScripts runs testdata/script on every server that there is to test on.
// Beside testscript's own, the scripts have these commands:
//
//	exits N COMMAND...           run it, and it must end with this code
//	keep NAME                    keep the last stdout in a variable
//	identity NAME EMAIL [LOGIN]  create one, with a social login; keep its id
//	plant ID                     set up TOTP for it
//	signs-in EMAIL PASSWORD      it must, or with "!" must not
//
// The variable EMAIL is an address that no other script has, NAME its first
// part, PUBLIC the URL of the server's public port.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		t.Run(filepath.Base(binary), func(t *testing.T) {
			t.Parallel()
			server := kratostest.New(t, kratostest.Config{Binary: binary})
			testscript.Run(t, testscript.Params{
				Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
				Setup: func(env *testscript.Env) error {
					env.Setenv(cli.EndpointVariable, server.AdminURL)
					env.Setenv("PUBLIC", server.PublicURL)
					email := kratostest.Email(t)
					env.Setenv("EMAIL", email)
					env.Setenv("NAME", strings.Split(email, "@")[0])
					return nil
				},
				Cmds: commands(t, server),
			})
		})
	}
}

func commands(t *testing.T, server *kratostest.Server) map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits": exits,
		"keep": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
		},
		"identity": func(ts *testscript.TestScript, _ bool, args []string) {
			var options []kratostest.Option
			for _, login := range args[2:] {
				provider, subject, _ := strings.Cut(login, ":")
				options = append(options, kratostest.WithOIDC(provider, subject))
			}
			id, err := server.CreateIdentity(t.Context(), "social_user_v0", map[string]any{"email": args[1]}, options...)
			ts.Check(err)
			ts.Setenv(args[0], id)
		},
		"plant": func(ts *testscript.TestScript, _ bool, args []string) {
			_, err := server.PlantTOTP(t.Context(), args[0])
			ts.Check(err)
		},
		"signs-in": func(ts *testscript.TestScript, neg bool, args []string) {
			if _, err := server.Login(t.Context(), args[0], args[1]); (err == nil) == neg {
				ts.Fatalf("signing in as %s: %v", args[0], err)
			}
		},
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("ended with %d, want %d", got, want)
	}
}
