package juju_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
)

func TestMain(m *testing.M) {
	commands := map[string]func(){"caller": caller}
	maps.Copy(commands, jujutest.Commands())
	testscript.Main(m, commands)
}

// caller is an action that calls every tool. It reads the secret that is named
// and tells the length of what it holds.
func caller() {
	ctx := context.Background()
	tools := juju.Tools{Runner: juju.Exec{}}
	secrets := juju.Secrets{Tools: tools, App: juju.Application(os.Getenv("JUJU_UNIT_NAME"))}
	params, err := tools.ActionGet(ctx)
	must(err)
	must(tools.JujuLog(ctx, juju.Info, "-- beginning"))
	must(tools.ActionLog(ctx, strings.Repeat("é", 200_000)))
	must(tools.ActionSet(ctx, []juju.Pair{{Key: "given", Value: fmt.Sprint(params)}}))
	content, err := secrets.Secret(ctx, fmt.Sprint(params["secret"]))
	if err != nil {
		must(tools.ActionFail(ctx, err.Error()+"; "+fault.HintOf(err)))
		return
	}
	must(tools.ActionSet(ctx, []juju.Pair{{Key: "length", Value: fmt.Sprint(len(content["password"]))}}))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Setup: jujutest.Setup, Cmds: jujutest.ScriptCommands(),
	})
}
