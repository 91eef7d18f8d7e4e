package cli_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/scripttest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// TestUIScripts runs testdata/ui: the server itself, in front of a Kratos that
// knows it. ORIGIN is where it is to be, LISTEN the address of that, PUBLIC the
// public API of Kratos behind it. The variables that it needs are set, too.
func TestUIScripts(t *testing.T) {
	t.Parallel()
	address := fmt.Sprintf("127.0.0.1:%d", testneed.Port(t))
	server := kratostest.New(t, kratostest.Config{Settings: kratostest.Pages{URL: "http://" + address, Name: "test"}.Settings()})
	commands := jujutest.ScriptCommands()
	maps.Copy(commands, scripttest.Commands(server))
	commands["fetch"], commands["tell"] = newBrowser(t).fetch, tell
	scripttest.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "ui"), Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				cli.EndpointVariable: server.AdminURL, "PUBLIC": server.PublicURL, "ORIGIN": "http://" + address, "LISTEN": address,
				"KRATOS_PUBLIC_URL": server.PublicURL, "KRATOS_AGENT_UI_LISTEN": address, "KRATOS_AGENT_UI_PUBLIC_URL": "http://" + address,
				"EMAIL": kratostest.Email(t),
			} {
				env.Setenv(name, value)
			}
			return jujutest.Setup(env)
		},
	})
}

// tell sends a signal to what runs in the background.
func tell(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}
	if neg || len(args) != 1 || signals[args[0]] == nil {
		ts.Fatalf("usage: tell INT|TERM")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(signals[args[0]]))
	}
}

// browser keeps cookies and follows redirects.
type browser struct{ *http.Client }

func newBrowser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{&http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}}
}

// fetch opens a URL until the answer has the status, and writes what it holds to
// the file page.
func (b browser) fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch STATUS URL")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var status int
	var text []byte
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if status, text, err = b.get(args[1]); err == nil && status == want {
			ts.Check(os.WriteFile(ts.MkAbs("page"), text, 0o600))
			return
		}
	}
	ts.Fatalf("%s: %d, %v\n%s", args[1], status, err, text)
}

func (b browser) get(url string) (status int, text []byte, err error) {
	r, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	answer, err := b.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}
