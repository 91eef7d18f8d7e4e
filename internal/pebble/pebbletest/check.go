package pebbletest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"reflect"
	"strconv"
	"syscall"
	"time"
)

// check is a check that was started. It is guarded by the daemon's lock.
type check struct {
	name      string
	config    entry
	successes int
	failures  int
	change    *change
	end       context.CancelFunc
}

// planChecks starts, restarts and ends checks as the plan says. The lock is
// held.
func (d *daemon) planChecks() {
	for name, c := range d.checks {
		if !reflect.DeepEqual(c.config, d.plan["checks"][name]) {
			d.endCheck(c)
		}
	}
	for _, name := range keys(d.plan["checks"]) {
		if config := d.plan["checks"][name]; d.checks[name] == nil && config["startup"] != "disabled" {
			d.beginCheck(name, config)
		}
	}
}

// beginCheck starts to ask. The lock is held.
func (d *daemon) beginCheck(name string, config entry) {
	ctx, cancel := context.WithCancel(d.ctx)
	c := &check{name: name, config: config, end: cancel}
	d.checks[name] = c
	d.follow(c, "perform-check", "Perform")
	period := span(config, "period", 10*time.Second)
	d.running.Go(func() {
		tick := time.NewTicker(period)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				d.note(ctx, c, d.probe(ctx, config))
			}
		}
	})
}

// follow gives the check its next change. The lock is held.
func (d *daemon) follow(c *check, kind, verb string) {
	summary := fmt.Sprintf("%s check %q", verb, c.name)
	c.change = d.newChange(kind, summary)
	d.newTask(c.change, kind, summary).status = "Doing"
}

// endCheck stops asking. The lock is held.
func (d *daemon) endCheck(c *check) {
	c.end()
	c.change.finish(nil)
	delete(d.checks, c.name)
}

// note takes down an answer.
func (d *daemon) note(ctx context.Context, c *check, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	threshold, _ := c.config["threshold"].(int)
	t := c.change.tasks[0]
	if err == nil {
		c.successes++
		if c.failures >= threshold {
			c.change.finish(nil)
			d.follow(c, "perform-check", "Perform")
		}
		c.failures = 0
		return
	}
	c.failures, c.successes = c.failures+1, 0
	t.logf("ERROR", "%v", err)
	if c.failures == threshold {
		t.status = "Error"
		c.change.finish(map[*task]error{t: err})
		d.follow(c, "recover-check", "Recover")
		c.change.tasks[0].logf("ERROR", "%v", err)
		d.restartFor(c.name)
	}
}

// restartFor restarts the services that want it when the check is down. The
// lock is held.
func (d *daemon) restartFor(name string) {
	for _, s := range d.services {
		actions, _ := s.config["on-check-failure"].(map[string]string)
		if actions[name] == "restart" && s.state == running {
			s.restarting = true
			_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM)
		}
	}
}

// probe asks once.
func (d *daemon) probe(ctx context.Context, config entry) error {
	ctx, cancel := context.WithTimeout(ctx, span(config, "timeout", 3*time.Second))
	defer cancel()
	if e, ok := config["http"].(entry); ok {
		return probeHTTP(ctx, e)
	}
	if e, ok := config["tcp"].(entry); ok {
		port, _ := e["port"].(int)
		host := text(e, "host")
		if host == "" {
			host = "localhost"
		}
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			err = conn.Close()
		}
		return err
	}
	e, _ := config["exec"].(entry)
	return d.probeExec(ctx, e)
}

func probeHTTP(ctx context.Context, e entry) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, text(e, "url"), nil)
	if err != nil {
		return err
	}
	headers, _ := e["headers"].(map[string]string)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("non-2xx status code %d", resp.StatusCode)
	}
	return nil
}

func (d *daemon) probeExec(ctx context.Context, e entry) error {
	args, err := split(text(e, "command"))
	if err != nil {
		return err
	}
	pairs, _ := e["environment"].(map[string]string)
	made := d.command(args, pairs)
	cmd := exec.CommandContext(ctx, made.Path, made.Args[1:]...)
	cmd.Env, cmd.Dir, cmd.WaitDelay = made.Env, text(e, "working-dir"), time.Second
	return cmd.Run()
}

func (d *daemon) getChecks(r *http.Request) (any, error) {
	pass := wanted(r)
	level := r.URL.Query().Get("level")
	d.mu.Lock()
	defer d.mu.Unlock()
	list := []any{}
	for _, name := range keys(d.plan["checks"]) {
		if config := d.plan["checks"][name]; pass(name) && (level == "" || level == config["level"]) {
			list = append(list, d.viewCheck(name, config))
		}
	}
	return list, nil
}

func (d *daemon) viewCheck(name string, config entry) map[string]any {
	v := map[string]any{"name": name, "status": "inactive", "threshold": config["threshold"]}
	if l := text(config, "level"); l != "" {
		v["level"] = l
	}
	c := d.checks[name]
	if c != nil {
		v["status"] = "up"
		if threshold, _ := config["threshold"].(int); c.failures >= threshold {
			v["status"] = "down"
		}
		if c.failures > 0 {
			v["failures"] = c.failures
		}
	}
	if d.options.Old {
		return v
	}
	v["startup"] = "enabled"
	if config["startup"] == "disabled" {
		v["startup"] = "disabled"
	}
	if c != nil {
		v["change-id"], v["successes"] = c.change.id, c.successes
	}
	return v
}

func (d *daemon) postChecks(r *http.Request) (any, error) {
	var req struct {
		Action string
		Checks []string
	}
	if err := body(r, &req); err != nil {
		return nil, err
	}
	if len(req.Checks) == 0 {
		return nil, bad("must specify checks for %s action", req.Action)
	}
	if req.Action != "start" && req.Action != "stop" {
		return nil, bad("invalid action %q", req.Action)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	changed := []string{}
	for _, name := range req.Checks {
		if d.plan["checks"][name] == nil {
			return nil, &refusal{status: http.StatusNotFound, kind: "not-found", message: fmt.Sprintf("cannot find check with name %q", name)}
		}
		switch c := d.checks[name]; {
		case req.Action == "start" && c == nil:
			d.beginCheck(name, d.plan["checks"][name])
		case req.Action == "stop" && c != nil:
			d.endCheck(c)
		default:
			continue
		}
		changed = append(changed, name)
	}
	return map[string]any{"changed": changed}, nil
}

// health is what Kubernetes asks.
func (d *daemon) health(w http.ResponseWriter, r *http.Request) {
	pass, level := wanted(r), r.URL.Query().Get("level")
	d.mu.Lock()
	healthy := true
	for name, c := range d.checks {
		threshold, _ := c.config["threshold"].(int)
		if pass(name) && (level == "" || level == c.config["level"]) && c.failures >= threshold {
			healthy = false
		}
	}
	d.mu.Unlock()
	status := http.StatusOK
	if !healthy {
		status = http.StatusBadGateway
	}
	write(w, status, map[string]any{"type": "sync", "result": map[string]bool{"healthy": healthy}})
}
