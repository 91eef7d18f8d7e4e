package dispatch_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m) }

func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			run(t, kratostest.Shared(t), file)
		})
	}
}

// run runs one script, with a server of its own.
func run(t *testing.T, s *kratostest.Server, file string) {
	commands := jujutest.ScriptCommands()
	maps.Copy(commands, scripttest.Commands(s))
	scripttest.Run(t, testscript.Params{
		Files: []string{file}, Cmds: commands, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("KRATOS_ADMIN_URL", s.AdminURL)
			return jujutest.Setup(env)
		},
	})
}
