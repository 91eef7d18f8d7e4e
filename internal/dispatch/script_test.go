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

// TestScripts runs testdata/script on every server that there is to test on. The
// scripts have fixed names for people, so each server is new.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, binary := range kratostest.Binaries(t) {
		s := kratostest.New(t, kratostest.Config{Binary: binary})
		for _, file := range files {
			run(t, s, file)
		}
	}
}

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
