package jujutest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// begin marks what runs from now on, and gives the environment that Juju
// gives to it.
func (st *State) begin(w *world, s store, r Running) []string {
	what := r.Hook
	if t := st.task(r.Task); t != nil {
		what = t.Action
	}
	// The real one ends in a random number; this one is as good.
	r.ContextID = fmt.Sprintf("%s-%s-%d", st.Unit, what, time.Now().UnixNano())
	st.Running = &r
	return st.environment(w, s)
}

// environment is what Juju gives to a hook, an action or juju exec, and no
// more: no HOME, no USER, no TMPDIR. What tests need of their own is added.
func (st *State) environment(w *world, s store) []string {
	m, dir := st.Model, s.charmDir()
	env := []string{
		"CHARM_DIR=" + dir,
		"JUJU_CHARM_DIR=" + dir,
		"JUJU_CONTEXT_ID=" + st.Running.ContextID,
		"JUJU_HOOK_NAME=" + st.Running.Hook,
		"JUJU_AGENT_SOCKET_ADDRESS=" + filepath.Join(filepath.Dir(dir), "agent.socket"),
		"JUJU_AGENT_SOCKET_NETWORK=unix",
		"JUJU_UNIT_NAME=" + st.Unit,
		"JUJU_MODEL_UUID=" + m.UUID,
		"JUJU_MODEL_NAME=" + m.Name,
		"JUJU_API_ADDRESSES=10.152.183.10:17070",
		"JUJU_MACHINE_ID=",
		"JUJU_PRINCIPAL_UNIT=",
		"JUJU_AVAILABILITY_ZONE=",
		"JUJU_VERSION=" + m.JujuVersion,
		"CLOUD_API_VERSION=" + m.CloudAPIVersion,
		"JUJU_CHARM_HTTP_PROXY=" + m.JujuHTTPProxy,
		"JUJU_CHARM_HTTPS_PROXY=" + m.JujuHTTPSProxy,
		"JUJU_CHARM_FTP_PROXY=" + m.JujuFTPProxy,
		"JUJU_CHARM_NO_PROXY=" + m.JujuNoProxy,
		"APT_LISTCHANGES_FRONTEND=none",
		"DEBIAN_FRONTEND=noninteractive",
		"LANG=C.UTF-8",
		"TERM=tmux-256color",
		"PATH=" + w.getenv("PATH"),
	}
	if t := st.action(); t != nil {
		env = append(env, "JUJU_ACTION_NAME="+t.Action, "JUJU_ACTION_UUID="+t.ID, "JUJU_ACTION_TAG=action-"+t.ID)
	}
	if strings.HasPrefix(m.JujuVersion, "3.") {
		env = append(env, "JUJU_SLA=unsupported", "JUJU_METER_STATUS=AMBER", "JUJU_METER_INFO=not set")
	}
	env = append(env, m.proxies()...)
	return append(env, passed(w)...)
}

// proxies are the model's legacy proxy settings, where they are set.
func (m Model) proxies() (env []string) {
	for _, p := range []struct{ name, value string }{
		{"http_proxy", m.HTTPProxy}, {"https_proxy", m.HTTPSProxy}, {"ftp_proxy", m.FTPProxy}, {"no_proxy", m.NoProxy},
	} {
		if p.value != "" {
			env = append(env, p.name+"="+p.value, strings.ToUpper(p.name)+"="+p.value)
		}
	}
	return env
}

// passed is what reaches a hook or an action from outside of Juju: the
// variables of Kubernetes that Juju lets through, the one that the agent is
// configured with, and what the double and Go's own tests need.
func passed(w *world) (env []string) {
	for _, kv := range w.env {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.HasPrefix(name, "JUJUTEST_"),
			name == "KUBERNETES_PORT", strings.HasPrefix(name, "KUBERNETES_PORT_443_TCP"),
			name == "KUBERNETES_SERVICE", name == "KUBERNETES_SERVICE_HOST",
			name == "KUBERNETES_SERVICE_PORT", name == "KUBERNETES_SERVICE_PORT_HTTPS",
			name == "KRATOS_ADMIN_URL", name == "GOCOVERDIR", name == "GORACE":
			env = append(env, kv)
		}
	}
	return env
}

// program finds what Juju would start. The failure is Juju's of a dispatch that
// is there but cannot be run; the error is one of the test's own set-up.
func program(w *world, s store) (path, failure string, err error) {
	named := w.getenv(EnvDispatch)
	if named == "" {
		path := filepath.Join(s.charmDir(), "dispatch")
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			_, err := exec.LookPath(path)
			return path, text(err), nil
		}
		named = "kratos-agent"
	}
	if strings.Contains(named, "/") {
		return w.path(named), "", nil
	}
	for _, dir := range filepath.SplitList(w.getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, named)); err == nil {
			return path, "", nil
		}
	}
	return "", "", fmt.Errorf("jujutest: %s is not on the PATH", named)
}

// dispatch runs the charm's program.
func dispatch(w *world, s store, env []string) (ended, error) {
	path, failure, err := program(w, s)
	if err != nil || failure != "" {
		return ended{code: -1, failure: failure, missing: true}, err
	}
	return start(s, env, path)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// drain is how long the output of a process that has ended is waited for. Juju
// waits for 100 ms; on a busy machine that would now and then lose an output.
const drain = time.Second

// start runs a process as Juju does, without arguments but for juju exec, and
// with nothing on its stdin.
func start(s store, env []string, program string, args ...string) (ended, error) {
	dir := s.charmDir()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return ended{}, err
	}
	var stdout, stderr strings.Builder
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, drain
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	e := ended{code: -1, stdout: []byte(stdout.String()), stderr: []byte(stderr.String())}
	if cmd.ProcessState == nil {
		e.failure = err.Error()
		return e, nil
	}
	e.code = cmd.ProcessState.ExitCode()
	switch state := cmd.ProcessState.String(); {
	case state == "signal: killed", state == "signal: terminated":
		e.failure = "terminated"
	case e.code != 0:
		e.failure = state
	}
	return e, nil
}

// debugLog adds what a process printed to the debug-log.
func (st *State) debugLog(module string, e ended) {
	for line := range strings.Lines(string(e.stdout)) {
		st.logf("DEBUG", module, strings.TrimSuffix(line, "\n"))
	}
	for line := range strings.Lines(string(e.stderr)) {
		st.logf("WARNING", module, strings.TrimSuffix(line, "\n"))
	}
}
