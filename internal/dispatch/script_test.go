package dispatch_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/bcrypt"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/dispatch"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/kratosscript"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

func TestMain(m *testing.M) {
	commands := jujutest.Commands()
	commands["kratos-agent"] = agent
	testscript.Main(servers{m}, commands)
}

// servers ends the shared servers when the tests are over.
type servers struct{ m *testing.M }

func (s servers) Run() int { return kratostest.Main(s.m) }

// agent is the door as the binary opens it, but for cheap password hashes.
func agent() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(dispatch.Main(ctx, dispatch.Options{
		Getenv: os.Getenv, Runner: juju.Exec{}, Stderr: os.Stderr, Version: "test", Declared: declared, BcryptCost: bcrypt.MinCost,
	}))
}

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
	maps.Copy(commands, kratosscript.Commands(s))
	commands["capture"] = capture
	kratosscript.Run(t, testscript.Params{
		Files: []string{file}, Cmds: commands, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("KRATOS_ADMIN_URL", s.AdminURL)
			if err := jujutest.Setup(env); err != nil {
				return err
			}
			return charm(filepath.Join(env.WorkDir, "charm"))
		},
	})
}

// charm lays out the declarations as the packed charm has them.
func charm(dir string) error {
	for name, text := range map[string][]byte{
		"metadata.yaml": kratosagent.Metadata, "actions.yaml": kratosagent.Actions, "config.yaml": kratosagent.Config,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// capture VARIABLE REGEXP keeps the first group of a match in stdout.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture VARIABLE REGEXP")
	}
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) != 2 {
		ts.Fatalf("no match for %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}
