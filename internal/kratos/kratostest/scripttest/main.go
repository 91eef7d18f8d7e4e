package scripttest

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/bcrypt"

	"github.com/kratos-agent/kratos-agent/internal/agent"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// Main is a package's TestMain: its scripts find kratos-agent, juju and Juju's
// hook tools on their PATH, and the servers that the tests share are ended.
func Main(m *testing.M) {
	commands := jujutest.Commands()
	commands["kratos-agent"] = program
	testscript.Main(servers{m}, commands)
}

type servers struct{ m *testing.M }

func (s servers) Run() int { return kratostest.Main(s.m) }

// program is the binary, but for cheap password hashes.
func program() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := agent.Run(ctx, agent.Options{Version: "test", BcryptCost: bcrypt.MinCost})
	stop()
	os.Exit(code)
}
