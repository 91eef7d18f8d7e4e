package cli_test

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/term"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		cli.Program: func() { os.Exit(program()) },
	})
}

// tests stops the shared server when all tests have run.
type tests struct{ m *testing.M }

func (t tests) Run() int { return kratostest.Main(t.m) }

// program is the command line as a process of its own.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		panic(err)
	}
	return cli.Main(ctx, cli.Options{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Terminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		Version:  "test", Declared: declared, BcryptCost: 4,
	})
}
