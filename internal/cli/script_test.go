package cli_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/scripttest"
)

// TestScripts runs testdata/script on every server that there is to test on. The
// variable EMAIL is an address that no other script has, NAME its first part,
// PUBLIC the URL of the server's public port.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	kratostest.Each(t, func(t *testing.T, server *kratostest.Server) {
		commands := jujutest.ScriptCommands()
		maps.Copy(commands, scripttest.Commands(server))
		for _, file := range files {
			scripttest.Run(t, testscript.Params{
				Files: []string{file}, Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true,
				Setup: func(env *testscript.Env) error {
					env.Setenv(cli.EndpointVariable, server.AdminURL)
					env.Setenv("PUBLIC", server.PublicURL)
					email := kratostest.Email(t)
					env.Setenv("EMAIL", email)
					env.Setenv("NAME", strings.Split(email, "@")[0])
					return jujutest.Setup(env)
				},
			})
		}
	})
}
