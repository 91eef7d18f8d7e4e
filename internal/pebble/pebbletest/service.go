package pebbletest

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/childtest"
)

// The states of a service. It is guarded by the daemon's lock.
const (
	starting    = "starting"
	running     = "running"
	terminating = "terminating"
	stopped     = "stopped"
	backoff     = "backoff"
	exited      = "exited"
)

// current gives a state as the API shows it.
var current = map[string]string{
	starting: "active", running: "active", terminating: "inactive", stopped: "inactive", backoff: "backoff", exited: "error",
}

// service is a service that was started once. It stays when it is stopped.
type service struct {
	name       string
	config     entry // what it was started with
	state      string
	since      time.Time
	cmd        *exec.Cmd
	child      *childtest.Child
	output     *output
	backoffs   int
	restarting bool       // by a check
	started    chan error // while starting
	ended      chan struct{}
}

func (s *service) become(state string) {
	if current[s.state] != current[state] {
		s.since = time.Now()
	}
	s.state = state
}

// startService starts a service and waits as Pebble does.
func (d *daemon) startService(name string, t *task) error {
	d.mu.Lock()
	config, ok := d.plan["services"][name]
	if !ok {
		d.mu.Unlock()
		return fmt.Errorf("cannot find service %q in plan", name)
	}
	s := d.services[name]
	if s == nil {
		s = &service{name: name, state: stopped, output: &output{}}
		d.services[name] = s
	}
	s.config = config
	switch s.state {
	case starting, running:
		t.logf("INFO", "Service %q already started.", name)
		d.mu.Unlock()
		return nil
	case terminating:
		d.mu.Unlock()
		return errors.New("cannot start service while terminating")
	}
	s.backoffs, s.started = 0, make(chan error, 1)
	if err := d.launch(s); err != nil {
		s.become(stopped)
		d.mu.Unlock()
		return fmt.Errorf("cannot start service: %w", err)
	}
	s.become(starting)
	result := s.started
	d.mu.Unlock()
	return d.settle(s, t, result)
}

// settle waits until the grace is over or the service has died.
func (d *daemon) settle(s *service, t *task, result <-chan error) error {
	select {
	case <-time.After(d.options.Grace):
	case err := <-result:
		return d.diedEarly(s, t, err)
	}
	d.mu.Lock()
	if s.state == starting {
		s.become(running)
		d.mu.Unlock()
		return nil
	}
	d.mu.Unlock()
	select {
	case err := <-result:
		return d.diedEarly(s, t, err)
	default:
		return nil
	}
}

func (d *daemon) diedEarly(s *service, t *task, err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last := s.output.end(); last != "" {
		t.logf("INFO", "Most recent service output:\n%s", last)
	}
	return fmt.Errorf("service start attempt: %w", err)
}

// launch starts the process. The lock is held.
func (d *daemon) launch(s *service) error {
	if d.ctx.Err() != nil {
		return errors.New("pebble is shutting down")
	}
	args, err := split(text(s.config, "command"))
	if err != nil {
		return err
	}
	pairs, _ := s.config["environment"].(map[string]string)
	cmd := d.command(args, pairs)
	cmd.Dir = text(s.config, "working-dir")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child, err := childtest.Start(cmd, s.output)
	if err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), d.root, ""))
	}
	s.cmd, s.child, s.ended, s.restarting = cmd, child, make(chan struct{}), false
	d.running.Go(func() {
		<-child.Done
		d.died(s, child)
	})
	return nil
}

// died takes note of the end of a service's process.
func (d *daemon) died(s *service, child *childtest.Child) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.child != child {
		return
	}
	code := codeOf(s.cmd)
	close(s.ended)
	if s.state == terminating {
		s.become(stopped)
		return
	}
	key := "on-success"
	if code != 0 {
		key = "on-failure"
	}
	again := s.restarting || text(s.config, key) != "ignore"
	if s.state == starting {
		will := ""
		if again {
			will = ", will restart"
		}
		s.started <- fmt.Errorf("exited quickly with code %d%s", code, will)
	}
	if !again {
		s.become(exited)
		return
	}
	d.backOff(s)
}

// backOff starts the service again later. The lock is held.
func (d *daemon) backOff(s *service) {
	s.become(backoff)
	child := s.child
	wait := span(s.config, "backoff-delay", 500*time.Millisecond)
	factor, ok := s.config["backoff-factor"].(float64)
	if !ok {
		factor = 2
	}
	limit := span(s.config, "backoff-limit", 30*time.Second)
	for range s.backoffs {
		wait = min(time.Duration(float64(wait)*factor), limit)
	}
	s.backoffs++
	time.AfterFunc(wait, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if s.state != backoff || s.child != child || d.ctx.Err() != nil {
			return
		}
		s.become(running)
		if d.launch(s) != nil {
			s.become(exited)
		}
	})
}

// stopService stops a service and waits until it has ended.
func (d *daemon) stopService(name string) error {
	d.mu.Lock()
	s := d.services[name]
	if s == nil || s.state == terminating || s.state == stopped {
		d.mu.Unlock()
		return nil
	}
	if s.state == exited || s.state == backoff {
		s.become(stopped)
		d.mu.Unlock()
		return nil
	}
	s.become(terminating)
	ended, pid := s.ended, s.cmd.Process.Pid
	patience := span(s.config, "kill-delay", 5*time.Second)
	d.mu.Unlock()
	_ = syscall.Kill(-pid, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(patience):
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		<-ended
	}
	return nil
}

// changed tells whether the plan has other words for the service than those it
// was started with. The lock is held.
func (d *daemon) changed(s *service) bool {
	return !reflect.DeepEqual(s.config, d.plan["services"][s.name])
}

// command makes a command of the words, with the environment of Pebble itself
// and the pairs.
func (d *daemon) command(args []string, pairs map[string]string) *exec.Cmd {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = d.local(arg)
	}
	if path, ok := d.options.Programs[args[0]]; ok {
		words[0] = path
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = []string{}
	for name, value := range d.environment(pairs) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// local gives an argument as it must be on this machine: where what follows the
// first = or the whole is a path to something below the root, that one.
func (d *daemon) local(arg string) string {
	flag, path := "", arg
	if before, after, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(before, "-") {
		flag, path = before+"=", after
	}
	if !filepath.IsAbs(path) || !exists(filepath.Join(d.root, path)) {
		return arg
	}
	return flag + filepath.Join(d.root, path)
}

// codeOf gives the exit code as a shell does.
func codeOf(cmd *exec.Cmd) int {
	if w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// span gives the duration of a key.
func span(e entry, key string, otherwise time.Duration) time.Duration {
	if v, err := time.ParseDuration(text(e, key)); err == nil {
		return v
	}
	return otherwise
}

// output keeps the last lines that a service printed.
type output struct {
	mu   sync.Mutex
	kept []byte
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, b...)
	if over := len(o.kept) - 100<<10; over > 0 {
		o.kept = bytes.Clone(o.kept[over:])
	}
	return len(b), nil
}

// end gives the last 20 lines, indented.
func (o *output) end() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(o.kept)), "\n")
	if lines[0] == "" {
		return ""
	}
	lines = lines[max(0, len(lines)-20):]
	return "    " + strings.Join(lines, "\n    ")
}
