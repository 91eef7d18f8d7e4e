package charm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

const applyMark = "s3cr3t-mark"

// applyRig is a container to apply plans to, and what is known beside it.
type applyRig struct {
	t      *testing.T
	double *pebbletest.Double
	deps   Deps
	world  World // all but the container
	limits patience
	public int
	fake   string // the directory of the fake Kratos, if that is one
	seen   int    // how much of its log was read

	mu   sync.Mutex
	told []string
}

// newApplyRig makes one whose kratos is the program; an empty one is a fake that
// does as it is told by applyRig.behave.
func newApplyRig(t *testing.T, program string, o pebbletest.Options) *applyRig {
	t.Helper()
	r := &applyRig{t: t, limits: patience{migration: time.Minute, trial: 15 * time.Second, ready: 20 * time.Second, rest: time.Minute}}
	if program == "" {
		program = r.makeFake()
	}
	o.Programs = map[string]string{"kratos": program}
	r.double = pebbletest.Start(t, o)
	r.public = testneed.Port(t)
	r.world = World{Unit: "kratos/0", Leader: true, Ports: Ports{Public: r.public, Admin: testneed.Port(t)}}
	r.deps = Deps{
		Tools:   juju.Tools{Runner: noTools{t}},
		Pebble:  pebble.New(r.double.Socket),
		Cluster: func() (*kube.Client, error) { t.Error("Kubernetes was called"); return nil, errors.New("none") },
		Tell: func(_ context.Context, text string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.told = append(r.told, text)
		},
	}
	return r
}

// noTools is a Juju that must not be called.
type noTools struct{ t *testing.T }

func (n noTools) Run(_ context.Context, tool string, _ []string, _ []byte) ([]byte, []byte, int, error) {
	n.t.Errorf("%s was called", tool)
	return nil, nil, 1, nil
}

// look observes the container as a pass does.
func (r *applyRig) look() World {
	r.t.Helper()
	w, ctx := r.world, r.t.Context()
	var err error
	c := Container{Ready: true}
	if c.Plan, err = r.deps.Pebble.Plan(ctx); err != nil {
		r.t.Fatal(err)
	}
	if c.Services, err = r.deps.Pebble.Services(ctx); err != nil {
		r.t.Fatal(err)
	}
	if c.Checks, err = r.deps.Pebble.Checks(ctx); err != nil {
		r.t.Fatal(err)
	}
	c.Config = r.read(configPath)
	if memory := r.read(memoryPath); memory != nil {
		if err := json.Unmarshal(memory, &c.Memory); err != nil {
			r.t.Fatal(err)
		}
	}
	w.Container = c
	return w
}

func (r *applyRig) read(path string) []byte {
	r.t.Helper()
	content, err := r.deps.Pebble.ReadFile(r.t.Context(), path)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		r.t.Fatal(err)
	}
	return content
}

// apply looks and applies the plan. The journal then holds what that took.
func (r *applyRig) apply(p Plan) Outcome {
	r.t.Helper()
	w := r.look()
	r.double.Forget()
	o, err := apply(r.t.Context(), r.deps, w, p, r.limits)
	if err != nil {
		r.t.Fatal(err)
	}
	r.noSecret(fmt.Sprintf("%+v", o))
	if _, err := os.Stat(r.double.Path(filepath.Dir(candidatePath))); !errors.Is(err, os.ErrNotExist) {
		r.t.Error("the candidate is left behind")
	}
	return o
}

func (r *applyRig) noSecret(text string) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if all := text + strings.Join(r.told, "\n"); strings.Contains(all, applyMark) {
		r.t.Errorf("a secret is shown: %s", all)
	}
}

// steady applies the plan once more and wants nothing but questions, and the
// replan that starts what has died.
func (r *applyRig) steady(p Plan) Outcome {
	r.t.Helper()
	p.Migrate = false // what was migrated is recorded
	before := r.look().Container
	o := r.apply(p)
	replans := 0
	for _, request := range r.double.Journal() {
		if request == "POST /v1/services" && p.Workload == Serve {
			replans++
		} else if !strings.HasPrefix(request, "GET ") {
			r.t.Errorf("a steady world has %s", request)
		}
	}
	if replans > 1 {
		r.t.Errorf("a steady world has %d changes of services", replans)
	}
	for name, s := range r.look().Container.Services {
		if was := before.Services[name]; was.Current == pebble.Active && !s.CurrentSince.Equal(was.CurrentSince) {
			r.t.Errorf("a steady world restarts %s", name)
		}
	}
	return o
}

func (r *applyRig) current(name string) string {
	r.t.Helper()
	return r.look().Container.Services[name].Current
}

func (r *applyRig) eventually(what string, ok func() bool) {
	r.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			r.t.Fatalf("never: %s", what)
		}
	}
}

// planned makes a plan of parts as the charm would.
type planned struct {
	config  string
	env     map[string]string
	files   map[string][]byte
	courier bool
	check   pebble.Check
}

func (r *applyRig) plan(in planned) Plan {
	r.t.Helper()
	hashes := map[string]string{}
	for name, content := range in.files {
		hashes[name] = fingerprint(content)
	}
	record, err := json.Marshal(hashes)
	if err != nil {
		r.t.Fatal(err)
	}
	env := map[string]string{
		"SERVE_PUBLIC_PORT": strconv.Itoa(r.world.Ports.Public), "SERVE_ADMIN_PORT": strconv.Itoa(r.world.Ports.Admin),
		"SERVE_PUBLIC_HOST": "127.0.0.1", "SERVE_ADMIN_HOST": "127.0.0.1", "SQA_OPT_OUT": "true", filesVariable: string(record),
	}
	for name, value := range in.env {
		env[name] = value
	}
	startup := pebble.Disabled
	if in.courier {
		startup = pebble.Enabled
	}
	layer := pebble.Layer{Services: map[string]pebble.Service{
		serviceKratos:  {Override: pebble.Replace, Startup: pebble.Enabled, Command: "kratos serve all --config " + configPath, Environment: env},
		serviceCourier: {Override: pebble.Replace, Startup: startup, Command: "kratos courier watch --config " + configPath, Environment: env},
	}}
	if in.check.Override != "" {
		layer.Checks = map[string]pebble.Check{checkReady: in.check}
	}
	all, err := json.Marshal([]any{in, in.config, env, in.files, in.courier})
	if err != nil {
		r.t.Fatal(err)
	}
	sum := sha256.Sum256(all)
	return Plan{
		Workload: Serve, Candidate: hex.EncodeToString(sum[:]), Config: []byte(in.config), Files: in.files, Layer: layer, Courier: in.courier,
		Secrets: []string{applyMark, applyMark + "-pw"},
	}
}

// stopped gives a plan under which nothing runs.
func stopped(p Plan) Plan {
	layer := pebble.Layer{Services: map[string]pebble.Service{}, Checks: map[string]pebble.Check{}}
	for name, s := range p.Layer.Services {
		layer.Services[name] = pebble.Service{Override: pebble.Replace, Startup: pebble.Disabled, Command: s.Command}
	}
	for name, c := range p.Layer.Checks {
		c.Level, c.Period = "", pebble.Duration(24*time.Hour)
		layer.Checks[name] = c
	}
	return Plan{Workload: Stop, Layer: layer, Secrets: p.Secrets}
}

const fakeVariable = "KRATOS_AGENT_TEST_FAKE"

// makeFake makes a program that is this test binary as a fake Kratos.
func (r *applyRig) makeFake() string {
	r.t.Helper()
	r.fake = r.t.TempDir()
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	// The race detector would have each process wait a second at its end.
	script := fmt.Sprintf("#!/bin/sh\nGORACE=atexit_sleep_ms=0 %s='%s' exec '%s' -test.run='^TestFakeKratos$' -- \"$@\"\n", fakeVariable, r.fake, self)
	program := filepath.Join(r.fake, "kratos")
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		r.t.Fatal(err)
	}
	for _, name := range []string{"provider_typo", "port_taken"} {
		text, err := os.ReadFile("../internal/kratosconf/testdata/refusal/" + name + ".txt")
		if err != nil {
			r.t.Fatal(err)
		}
		r.behave(name, string(text))
	}
	return program
}

// behave tells the fake what to do when it is started as this.
func (r *applyRig) behave(as, how string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.fake, as), []byte(how), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// started tells as what the fake was started, since the last time. The log is
// only read: one that goes on writes to it at any moment.
func (r *applyRig) started() []string {
	r.t.Helper()
	name := filepath.Join(r.fake, "log")
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	all := strings.Fields(string(text[r.seen:]))
	r.seen = len(text)
	slices.Sort(all)
	return all
}

// TestFakeKratos is no test but the fake Kratos, a process of its own.
func TestFakeKratos(*testing.T) {
	if dir := os.Getenv(fakeVariable); dir != "" {
		os.Exit(fakeKratos(dir, flag.Args()))
	}
}

func fakeKratos(dir string, args []string) int {
	as := args[0]
	if as == "serve" && strings.Contains(args[3], "/candidate/") {
		as = "trial"
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 99
	}
	fmt.Fprintln(log, as)
	if as == "lint" {
		if info, err := os.Stat(args[2]); err != nil || info.Mode().Perm() != 0o600 {
			return 98 // what is linted can hold a secret
		}
	}
	how, _ := os.ReadFile(filepath.Join(dir, as))
	switch mode, rest, _ := strings.Cut(string(how), ":"); mode {
	case "print": // a recorded text, and end
		text, _ := os.ReadFile(filepath.Join(dir, rest))
		fmt.Fprintf(os.Stderr, "%s", text)
		return 1
	case "port-once":
		text, _ := os.ReadFile(filepath.Join(dir, "port_taken"))
		fmt.Fprintf(os.Stderr, "%s", text)
		_ = os.Remove(filepath.Join(dir, as))
		return 1
	case "say":
		fmt.Fprintln(os.Stderr, rest)
		return 1
	case "killed":
		fmt.Fprintln(os.Stderr, "at work with "+applyMark)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		return 99
	case "needs": // this content of the authorities' file
		root, content, _ := strings.Cut(rest, "=")
		if got, _ := os.ReadFile(filepath.Join(root, os.Getenv("SSL_CERT_DIR"), "received.pem")); string(got) != content {
			return 7
		}
		return beReady()
	case "has": // this file, for its owner alone
		if info, err := os.Stat(rest); err != nil || info.Mode().Perm() != 0o600 {
			return 7
		}
		return 0
	case "hang":
		return untilTold()
	}
	switch as {
	case "migrate":
		for i := range 250 {
			fmt.Fprintf(os.Stderr, "level=info msg=> %s%d applied successfully\n", applyMark, i)
		}
		return 0
	case "serve", "trial":
		return beReady()
	case "courier":
		return untilTold()
	}
	return 0
}

func beReady() int {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		<-told
		_ = os.WriteFile(filepath.Join(os.Getenv(fakeVariable), "ended"), nil, 0o600)
		os.Exit(0)
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/health/ready", func(http.ResponseWriter, *http.Request) {})
	if err := http.ListenAndServe(net.JoinHostPort(os.Getenv("SERVE_ADMIN_HOST"), os.Getenv("SERVE_ADMIN_PORT")), mux); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

func untilTold() int {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	<-told
	return 0
}
