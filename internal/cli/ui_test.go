package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// kratosAway is a URL where no Kratos is.
const kratosAway = "http://127.0.0.1:1"

// TestServeFlags: every setting is a flag, and every value has a name.
func TestServeFlags(t *testing.T) {
	t.Parallel()
	var flags []cli.Flag
	for _, b := range cli.Builtins() {
		flags = append(flags, b.Flags...)
	}
	settings := selfservice.Settings()
	if len(flags) != len(settings) {
		t.Fatalf("%d flags stand for %d settings", len(flags), len(settings))
	}
	for i, s := range settings {
		if f := flags[i]; f.Name != s.Flag || f.Variable != s.Env || f.Boolean() != s.Boolean {
			t.Errorf("%+v stands for %+v", f, s)
		}
	}
}

// TestServeSays which value it took of a flag and its variable: it is told
// values that it cannot use, and names the one.
func TestServeSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args string
		env  map[string]string
		want string
	}{
		{"--listen flag", map[string]string{"KRATOS_AGENT_UI_LISTEN": "variable"}, `cannot use "flag" as --listen`},
		{"--listen=", map[string]string{"KRATOS_AGENT_UI_LISTEN": "variable"}, `cannot use "variable" as --listen`},
		{"--listen=", nil, "--kratos-public-url (KRATOS_PUBLIC_URL) is missing"},
		{"", map[string]string{"KRATOS_AGENT_UI_LISTEN": ""}, "--kratos-public-url (KRATOS_PUBLIC_URL) is missing"},
		{"", map[string]string{"KRATOS_PUBLIC_URL": "ftp://variable"}, `cannot use "ftp://variable" as --kratos-public-url`},
		{"--kratos-public-url ftp://flag", map[string]string{"KRATOS_PUBLIC_URL": "ftp://variable"}, `cannot use "ftp://flag" as --kratos-public-url`},
		{"--kratos-public-url=", map[string]string{"KRATOS_PUBLIC_URL": "ftp://variable"}, `cannot use "ftp://variable" as --kratos-public-url`},
		{"--kratos-public-url " + kratosAway, map[string]string{"KRATOS_AGENT_UI_ENFORCE_MFA": "maybe"}, `cannot use "maybe" as --enforce-mfa (KRATOS_AGENT_UI_ENFORCE_MFA)`},
		{"--enforce-mfa= --kratos-public-url " + kratosAway, map[string]string{"KRATOS_AGENT_UI_ENFORCE_MFA": "maybe"}, `cannot use "maybe" as --enforce-mfa`},
		{"--brand-logo none.svg --kratos-public-url " + kratosAway, nil, `cannot use "none.svg" as --brand-logo`},
		{"--brand-colour nice --kratos-public-url " + kratosAway, nil, `"nice"`},
		{"--listen 0.0.0.0:4455 --kratos-public-url " + kratosAway, nil, "--public-url (KRATOS_AGENT_UI_PUBLIC_URL) is missing"},
	} {
		line := words(append([]string{"ui"}, strings.Fields(test.args)...)...)
		line.env = test.env
		if got := line.run(t); got.code != 2 || !strings.Contains(got.stderr, test.want) || got.stdout != "" {
			t.Errorf("%s %v: got %+v, want %s", test.args, test.env, got, test.want)
		}
	}
}

// TestServeWhileKratosIsAway serves, and ends with 0 when it is told to.
func TestServeWhileKratosIsAway(t *testing.T) {
	t.Parallel()
	for _, watched := range []bool{false, true} {
		address := fmt.Sprintf("127.0.0.1:%d", testneed.Port(t))
		ctx, stop := context.WithCancel(t.Context())
		line := words("ui", "--kratos-public-url", kratosAway, "--listen", address, "--enforce-mfa=false")
		line.ctx, line.watched = ctx, watched
		ended := make(chan outcome)
		go func() { ended <- line.run(t) }()
		for path, want := range map[string]int{"/health/alive": http.StatusOK, "/health/ready": http.StatusServiceUnavailable, "/settings": http.StatusSeeOther} {
			if got := status(t, "http://"+address+path); got != want {
				t.Errorf("%s: got %d, want %d", path, got, want)
			}
		}
		stop()
		got := <-ended
		if got.code != 0 || got.stdout != "" {
			t.Errorf("got %+v", got)
		}
		checkLog(t, got.stderr, watched, address)
	}
}

// checkLog looks for the line that says where it serves: JSON for programs.
func checkLog(t *testing.T, log string, watched bool, address string) {
	t.Helper()
	if watched {
		if want := " msg=serving address=" + address + " public=http://localhost:"; !strings.Contains(log, want) {
			t.Errorf("got %s, want %s", log, want)
		}
		return
	}
	var messages []string
	for line := range strings.Lines(log) {
		var l struct{ Msg, Address string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if l.Address != "" {
			messages = append(messages, l.Msg+" "+l.Address)
		}
	}
	if diff := cmp.Diff([]string{"serving " + address}, messages); diff != "" {
		t.Error(diff)
	}
}

// status asks until somebody answers.
func status(t *testing.T, url string) int {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		answer, wrong := client.Get(url)
		if err = wrong; err == nil {
			answer.Body.Close()
			return answer.StatusCode
		}
	}
	t.Fatal(err)
	return 0
}

// TestServeNowhere: an address that is not here is no crash.
func TestServeNowhere(t *testing.T) {
	t.Parallel()
	got := words("ui", "--kratos-public-url", kratosAway, "--listen", "192.0.2.1:4455", "--public-url", "https://accounts.example.com").run(t)
	want := outcome{
		stderr: "kratos-agent: cannot listen on 192.0.2.1:4455: bind: cannot assign requested address\nhint: name another address: --listen ADDRESS:PORT\n",
		code:   4,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
}
