package pebbletest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func (d *daemon) getServices(r *http.Request) (any, error) {
	pass := wanted(r)
	d.mu.Lock()
	defer d.mu.Unlock()
	list := []any{}
	for _, name := range keys(d.plan["services"]) {
		if !pass(name) {
			continue
		}
		info := map[string]any{"name": name, "startup": "disabled", "current": "inactive"}
		if d.plan["services"][name]["startup"] == "enabled" {
			info["startup"] = "enabled"
		}
		if s := d.services[name]; s != nil {
			info["current"], info["current-since"] = current[s.state], s.since
		}
		list = append(list, info)
	}
	return list, nil
}

func (d *daemon) postServices(r *http.Request) (any, error) {
	var req struct {
		Action   string
		Services []string
	}
	if err := body(r, &req); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	names, err := d.asked(req.Action, req.Services)
	if err != nil {
		return nil, err
	}
	stop, start := d.steps(req.Action, names)
	return async{change: d.act(req.Action, stop, start).id}, nil
}

// asked gives the services that an action is about. The lock is held.
func (d *daemon) asked(action string, names []string) ([]string, error) {
	if action == "replan" || action == "autostart" {
		enabled := d.enabled()
		switch {
		case len(names) != 0:
			return nil, bad("%s accepts no service names", action)
		case action == "autostart" && len(enabled) == 0:
			return nil, &refusal{status: http.StatusBadRequest, kind: "no-default-services", message: "no default services"}
		}
		return enabled, nil
	}
	if len(names) == 0 {
		return nil, bad("must specify services for %s action", action)
	}
	if !slices.Contains([]string{"start", "stop", "restart"}, action) {
		return nil, bad("invalid action %q", action)
	}
	for _, name := range names {
		if d.plan["services"][name] == nil {
			return nil, bad("cannot %s services: service %q does not exist", action, name)
		}
	}
	return names, nil
}

// enabled names the services that start by themselves. The lock is held.
func (d *daemon) enabled() []string {
	var names []string
	for _, name := range keys(d.plan["services"]) {
		if d.plan["services"][name]["startup"] == "enabled" {
			names = append(names, name)
		}
	}
	return names
}

// steps tells what an action stops and then starts. A replan takes every service
// that was started once and whose plan has changed, also a stopped or disabled
// one. The lock is held.
func (d *daemon) steps(action string, names []string) (stop, start []string) {
	switch action {
	case "stop":
		return names, nil
	case "restart":
		return names, names
	case "replan":
		for _, name := range keys(d.services) {
			if d.changed(d.services[name]) {
				stop = append(stop, name)
			}
		}
		names = append(slices.Clone(stop), names...)
		slices.Sort(names)
		d.planChecks()
		return stop, slices.Compact(names)
	default:
		return nil, names
	}
}

// act stops and starts in a change of its own. The lock is held.
func (d *daemon) act(action string, stop, start []string) *change {
	stop, start = d.order(stop), d.order(start)
	slices.Reverse(stop)
	c := d.newChange(action, summary(action, slices.Concat(start, stop)))
	var steps []func() (*task, error)
	for _, name := range stop {
		t := d.newTask(c, "stop", fmt.Sprintf("Stop service %q", name))
		steps = append(steps, func() (*task, error) { return t, d.stopService(name) })
	}
	for _, name := range start {
		t := d.newTask(c, "start", fmt.Sprintf("Start service %q", name))
		steps = append(steps, func() (*task, error) { return t, d.startService(name, t) })
	}
	d.running.Go(func() { d.carryOut(c, steps) })
	return c
}

// carryOut takes the steps, all of them, and ends the change.
func (d *daemon) carryOut(c *change, steps []func() (*task, error)) {
	errs := map[*task]error{}
	for _, step := range steps {
		t, err := step()
		errs[t] = err
		d.mu.Lock()
		t.end(err)
		d.mu.Unlock()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c.finish(errs)
}

// summary tells in Pebble's words what a change is about.
func summary(action string, names []string) string {
	title := strings.ToUpper(action[:1]) + action[1:]
	slices.Sort(names)
	names = slices.Compact(names)
	switch len(names) {
	case 0:
		return title + " - no services"
	case 1:
		return fmt.Sprintf("%s service %q", title, names[0])
	default:
		return fmt.Sprintf("%s service %q and %d more", title, names[0], len(names)-1)
	}
}

// order puts services behind those that their after and before name. The lock
// is held.
func (d *daemon) order(names []string) []string {
	behind := map[string][]string{}
	for id, s := range d.plan["services"] {
		after, _ := s["after"].([]string)
		behind[id] = append(behind[id], after...)
		before, _ := s["before"].([]string)
		for _, later := range before {
			behind[later] = append(behind[later], id)
		}
	}
	var out []string
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, first := range behind[name] {
			visit(first)
		}
		if slices.Contains(names, name) {
			out = append(out, name)
		}
	}
	for _, name := range names {
		visit(name)
	}
	return out
}

// autostart starts what starts by itself, as Pebble does at its own start.
func (d *daemon) autostart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if names := d.enabled(); len(names) > 0 {
		d.act("autostart", nil, names)
	}
}

func (d *daemon) postSignals(r *http.Request) (any, error) {
	var req struct {
		Signal   string
		Services []string
	}
	if err := body(r, &req); err != nil {
		return nil, err
	}
	if len(req.Services) == 0 {
		return nil, bad("must specify one or more services")
	}
	signal := unix.SignalNum(req.Signal)
	d.mu.Lock()
	defer d.mu.Unlock()
	var failed []string
	for _, name := range req.Services {
		s := d.services[name]
		switch {
		case s == nil || s.state != starting && s.state != running:
			failed = append(failed, fmt.Sprintf("cannot send signal to %q: service is not running", name))
		case signal == 0:
			failed = append(failed, fmt.Sprintf("cannot send signal to %q: invalid signal name %q", name, req.Signal))
		default:
			_ = syscall.Kill(s.cmd.Process.Pid, signal)
		}
	}
	if len(failed) > 0 {
		return nil, &refusal{status: http.StatusInternalServerError, message: strings.Join(failed, "; ")}
	}
	return true, nil
}
