package pebbletest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sys/unix"
)

// connectWait is how long a client has to open the streams.
const connectWait = 5 * time.Second

// execution is a program that waits for its streams or runs. Its maps are
// guarded by the daemon's lock.
type execution struct {
	cmd       *exec.Cmd
	timeout   time.Duration
	streams   map[string]*websocket.Conn // nil until connected
	connected chan struct{}              // closed with stdio and stderr
	pid       int                        // 0 until it runs
	begun     chan struct{}              // closed when it runs
}

type execRequest struct {
	Command        []string          `json:"command"`
	ServiceContext string            `json:"service-context"`
	Environment    map[string]string `json:"environment"`
	WorkingDir     string            `json:"working-dir"`
	Timeout        string            `json:"timeout"`
	UserID         *int              `json:"user-id"`
	User           string            `json:"user"`
	GroupID        *int              `json:"group-id"`
	Group          string            `json:"group"`
	Terminal       bool              `json:"terminal"`
	Interactive    bool              `json:"interactive"`
	SplitStderr    bool              `json:"split-stderr"`
	Width          int               `json:"width"`
	Height         int               `json:"height"`
}

func (d *daemon) postExec(r *http.Request) (any, error) {
	var req execRequest
	if err := body(r, &req); err != nil {
		return nil, err
	}
	if len(req.Command) == 0 {
		return nil, bad("must specify command")
	}
	if req.Terminal || req.Interactive {
		return nil, bad("the double has no terminal")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.prepare(req)
	if err != nil {
		return nil, err
	}
	c := d.newChange("exec", fmt.Sprintf("Execute command %q", req.Command[0]))
	t := d.newTask(c, "exec", fmt.Sprintf("exec command %q", req.Command[0]))
	t.status = "Doing"
	d.execs[t.id] = e
	d.running.Go(func() { d.perform(e, c, t) })
	// Pebble echoes the whole environment, so the double does.
	result := map[string]any{"environment": pairsOf(e.cmd.Env), "task-id": t.id, "working-dir": req.WorkingDir}
	return async{change: c.id, result: result}, nil
}

// prepare makes the program as asked for. The lock is held.
func (d *daemon) prepare(req execRequest) (*execution, error) {
	var timeout time.Duration
	if req.Timeout != "" {
		var err error
		if timeout, err = time.ParseDuration(req.Timeout); err != nil {
			return nil, bad("invalid timeout: %v", err)
		}
	}
	env, dir := map[string]string{}, req.WorkingDir
	if name := req.ServiceContext; name != "" {
		s := d.plan["services"][name]
		if s == nil {
			return nil, bad("context service %q not found", name)
		}
		pairs, _ := s["environment"].(map[string]string)
		maps.Copy(env, pairs)
		if dir == "" {
			dir = text(s, "working-dir")
		}
	}
	maps.Copy(env, req.Environment)
	cmd := d.command(req.Command, env)
	if _, err := exec.LookPath(cmd.Path); err != nil {
		return nil, bad("cannot find executable %q", req.Command[0])
	}
	if cmd.Dir = d.local(dir); dir != "" {
		if info, err := os.Stat(cmd.Dir); err != nil || !info.IsDir() {
			return nil, bad("cannot find working directory %q", dir)
		}
	}
	e := &execution{
		cmd: cmd, timeout: timeout, connected: make(chan struct{}), begun: make(chan struct{}),
		streams: map[string]*websocket.Conn{"control": nil, "stdio": nil},
	}
	if req.SplitStderr {
		e.streams["stderr"] = nil
	}
	return e, nil
}

func pairsOf(env []string) map[string]string {
	pairs := map[string]string{}
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		pairs[name] = value
	}
	return pairs
}

// perform runs the program and ends the change.
func (d *daemon) perform(e *execution, c *change, t *task) {
	code, err := d.runExec(e, t)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.execs, t.id)
	t.data = map[string]any{"exit-code": code}
	t.end(err)
	c.finish(map[*task]error{t: err})
	for _, conn := range e.streams {
		if conn != nil {
			d.running.Go(func() { _ = conn.CloseNow() })
		}
	}
}

func (d *daemon) runExec(e *execution, t *task) (int, error) {
	select {
	case <-e.connected:
	case <-time.After(connectWait):
		return -1, fmt.Errorf("exec %s: timeout waiting for websocket connections: context deadline exceeded", t.id)
	case <-d.ctx.Done():
		return -1, d.ctx.Err()
	}
	ctx, cancel := context.WithCancel(d.ctx)
	if e.timeout > 0 {
		ctx, cancel = context.WithTimeout(d.ctx, e.timeout)
	}
	defer cancel()
	code, err := d.runConnected(ctx, e)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return -1, fmt.Errorf("timed out after %v: %w", e.timeout, ctx.Err())
	}
	return code, err
}

// runConnected runs the program with the streams. Like Pebble, it waits until
// all who hold the output have let go of it, which children may do late.
func (d *daemon) runConnected(ctx context.Context, e *execution) (int, error) {
	d.mu.Lock()
	stdio, stderr := e.streams["stdio"], e.streams["stderr"]
	d.mu.Unlock()
	stdin, err := e.cmd.StdinPipe()
	if err != nil {
		return -1, err
	}
	var sent sync.WaitGroup
	var ours []*os.File
	pipe := func(conn *websocket.Conn) (*os.File, error) {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		ours = append(ours, w)
		sent.Go(func() { send(d.ctx, conn, r) })
		return w, nil
	}
	out, err := pipe(stdio)
	if err != nil {
		return -1, err
	}
	e.cmd.Stdout, e.cmd.Stderr = out, out
	if stderr != nil {
		if e.cmd.Stderr, err = pipe(stderr); err != nil {
			return -1, err
		}
	}
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	code, err := d.await(ctx, e, func() { go receive(d.ctx, stdio, stdin) })
	for _, w := range ours {
		_ = w.Close()
	}
	sent.Wait()
	return code, err
}

// await starts the program and waits for its own end.
func (d *daemon) await(ctx context.Context, e *execution, began func()) (int, error) {
	if err := e.cmd.Start(); err != nil {
		return -1, err
	}
	d.mu.Lock()
	e.pid = e.cmd.Process.Pid
	d.mu.Unlock()
	close(e.begun)
	began()
	stop := context.AfterFunc(ctx, func() { _ = e.cmd.Process.Kill() })
	defer stop()
	var ended *exec.ExitError
	if err := e.cmd.Wait(); err != nil && !errors.As(err, &ended) {
		return -1, err
	}
	return codeOf(e.cmd), nil
}

// kill ends the program and its children. The daemon's lock is held.
func (e *execution) kill() {
	if e.pid != 0 {
		_ = syscall.Kill(-e.pid, syscall.SIGKILL)
	}
}

// end is the frame that ends a stream.
const end = `{"command":"end"}`

func send(ctx context.Context, conn *websocket.Conn, from *os.File) {
	defer func() { _ = from.Close() }()
	// A program that left its group can hold the output longer than the double.
	defer context.AfterFunc(ctx, func() { _ = from.SetReadDeadline(time.Now()) })()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && conn.Write(ctx, websocket.MessageBinary, buffer[:n]) != nil {
			_, _ = io.Copy(io.Discard, from) // the client is gone; the program goes on
			return
		}
		if err != nil {
			_ = conn.Write(ctx, websocket.MessageText, []byte(end))
			return
		}
	}
}

// receive is the program's input. After its end it goes on reading, so that the
// connection is kept in order.
func receive(ctx context.Context, conn *websocket.Conn, to io.WriteCloser) {
	for {
		kind, frame, err := conn.Read(ctx)
		if err != nil {
			_ = to.Close()
			return
		}
		if kind == websocket.MessageText {
			if string(frame) == end {
				_ = to.Close()
			}
			continue
		}
		_, _ = to.Write(frame)
	}
}

// connect takes a stream of an execution.
func (d *daemon) connect(w http.ResponseWriter, r *http.Request) {
	id, name := r.PathValue("id"), r.PathValue("stream")
	d.mu.Lock()
	e := d.execs[id]
	known := false
	var there *websocket.Conn
	if e != nil {
		there, known = e.streams[name]
	}
	d.mu.Unlock()
	switch {
	case e == nil || !known:
		fail(w, &refusal{status: http.StatusNotFound, kind: "not-found", message: fmt.Sprintf("cannot find websocket %q of task %q", name, id)})
		return
	case there != nil:
		fail(w, bad("websocket %q already connected", name))
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	conn.SetReadLimit(1 << 20)
	d.mu.Lock()
	defer d.mu.Unlock()
	e.streams[name] = conn
	_, split := e.streams["stderr"]
	if name == "control" {
		d.running.Go(func() { d.control(e, conn) })
	} else if e.streams["stdio"] != nil && (!split || e.streams["stderr"] != nil) {
		close(e.connected)
	}
}

// control does what the client says. A client that goes without a word has its
// program killed, and that alone: children live on.
func (d *daemon) control(e *execution, conn *websocket.Conn) {
	select {
	case <-e.begun:
	case <-d.ctx.Done():
		return
	case <-time.After(connectWait):
		return
	}
	for {
		_, frame, err := conn.Read(d.ctx)
		if err != nil {
			if websocket.CloseStatus(err) == -1 {
				d.signal(e, syscall.SIGKILL)
			}
			return
		}
		var said struct {
			Command string
			Signal  struct{ Name string }
		}
		if json.Unmarshal(frame, &said) == nil && said.Command == "signal" {
			if s := unix.SignalNum(said.Signal.Name); s != 0 {
				d.signal(e, s)
			}
		}
	}
}

// signal sends to the program while it runs.
func (d *daemon) signal(e *execution, s syscall.Signal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, running := range d.execs {
		if running == e && e.pid != 0 {
			_ = e.cmd.Process.Signal(s)
		}
	}
}
