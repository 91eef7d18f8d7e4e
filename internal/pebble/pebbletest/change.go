package pebbletest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// change is something that goes on in the background. All of it is guarded by
// the daemon's lock.
type change struct {
	id, kind, summary string
	status, err       string
	tasks             []*task
	spawned, ended    time.Time
	done              chan struct{} // closed when it has ended
}

type task struct {
	id, kind, summary, status string
	log                       []string
	data                      map[string]any
}

// id gives the next id; changes, tasks and checks share the numbers.
func (d *daemon) id() string {
	d.lastID++
	return strconv.Itoa(d.lastID)
}

// newChange registers a change. The lock is held.
func (d *daemon) newChange(kind, summary string) *change {
	c := &change{id: d.id(), kind: kind, summary: summary, status: "Doing", spawned: time.Now(), done: make(chan struct{})}
	d.changes[c.id] = c
	return c
}

// newTask adds a task to the change. The lock is held.
func (d *daemon) newTask(c *change, kind, summary string) *task {
	t := &task{id: d.id(), kind: kind, summary: summary, status: "Do"}
	c.tasks = append(c.tasks, t)
	return t
}

// logf adds to the task's log, as Pebble writes it.
func (t *task) logf(level, format string, args ...any) {
	line := time.Now().UTC().Format(time.RFC3339) + " " + level + " " + fmt.Sprintf(format, args...)
	t.log = append(t.log, line)
}

// end tells how the task ended. The lock is held.
func (t *task) end(err error) {
	t.status = "Done"
	if err != nil {
		t.status = "Error"
		t.logf("ERROR", "%v", err)
	}
}

// finish ends the change: as Error where a task did. The lock is held.
func (c *change) finish(errs map[*task]error) {
	c.status, c.ended = "Done", time.Now()
	var failed []string
	for _, t := range c.tasks {
		if errs[t] != nil {
			failed = append(failed, fmt.Sprintf("- %s (%v)", t.summary, errs[t]))
		}
	}
	if len(failed) > 0 {
		c.status = "Error"
		c.err = "cannot perform the following tasks:\n" + strings.Join(failed, "\n")
	}
	close(c.done)
}

// view is the change as the API shows it. The lock is held.
func (c *change) view() map[string]any {
	tasks := []any{}
	for _, t := range c.tasks {
		v := map[string]any{
			"id": t.id, "kind": t.kind, "summary": t.summary, "status": t.status,
			"progress": map[string]any{"label": "", "done": 1, "total": 1}, "spawn-time": c.spawned,
		}
		if len(t.log) > 0 {
			v["log"] = t.log
		}
		if t.data != nil {
			v["data"] = t.data
		}
		tasks = append(tasks, v)
	}
	v := map[string]any{
		"id": c.id, "kind": c.kind, "summary": c.summary, "status": c.status,
		"tasks": tasks, "ready": !c.ended.IsZero(), "spawn-time": c.spawned,
	}
	if c.err != "" {
		v["err"] = c.err
	}
	if !c.ended.IsZero() {
		v["ready-time"] = c.ended
	}
	return v
}

func (d *daemon) findChange(r *http.Request) (*change, error) {
	id := r.PathValue("id")
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.changes[id]; ok {
		return c, nil
	}
	return nil, &refusal{status: http.StatusNotFound, kind: "not-found", message: fmt.Sprintf("cannot find change with id %q", id)}
}

func (d *daemon) getChange(r *http.Request) (any, error) {
	c, err := d.findChange(r)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return c.view(), nil
}

func (d *daemon) waitChange(r *http.Request) (any, error) {
	c, err := d.findChange(r)
	if err != nil {
		return nil, err
	}
	var over <-chan time.Time
	timeout := r.URL.Query().Get("timeout")
	if timeout != "" {
		limit, err := time.ParseDuration(timeout)
		if err != nil {
			return nil, bad("invalid timeout: %v", err)
		}
		over = time.After(limit)
	}
	select {
	case <-c.done:
	case <-over:
		return nil, &refusal{status: http.StatusGatewayTimeout, message: "timed out waiting for change after " + timeout}
	case <-r.Context().Done():
		return nil, &refusal{status: http.StatusInternalServerError, message: "request cancelled"}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return c.view(), nil
}
