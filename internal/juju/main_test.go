package juju_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
)

func TestMain(m *testing.M) {
	commands := map[string]func(){"caller": caller, "speaker": speaker}
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

// speaker is a hook that writes to whatever a charm writes to, and tells what it
// reads. It makes a secret where there is none.
func speaker() {
	ctx := context.Background()
	tools := juju.Tools{Runner: juju.Exec{}}
	options, err := tools.ConfigGet(ctx)
	must(err)
	must(tools.VersionSet(ctx, fmt.Sprint(options["version"])))
	must(tools.OpenPort(ctx, "4433/tcp"))
	must(tools.RelationSet(ctx, "smtp:5", map[string]string{"long": strings.Repeat("x", 200<<10)}, nil))
	bag, err := tools.RelationGet(ctx, "smtp:5", os.Getenv("JUJU_UNIT_NAME"))
	must(err)
	path, err := tools.ResourceGet(ctx, "schema")
	must(err)
	id, err := tools.OwnSecretID(ctx, "cookie")
	content := map[string]string{"key": "s3cr3t-mark"}
	if errors.Is(err, juju.ErrSecretNotFound) {
		_, err = tools.SecretAdd(ctx, "cookie", "of the tests", content)
	} else if err == nil {
		content["more"] = "x"
		err = tools.SecretSet(ctx, id, content)
	}
	must(err)
	must(tools.StatusSet(ctx, juju.Status{Name: juju.Active, Message: fmt.Sprint(len(bag["long"]), " in ", filepath.Base(path))}))
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
