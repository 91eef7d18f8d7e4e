package pebble

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// maxFrame bounds one message of a stream; Pebble's are some 128 KiB at most.
const maxFrame = 4 << 20

// Process is a program that runs in the workload container.
type Process struct {
	client  *Client
	ctx     context.Context
	cancel  context.CancelFunc
	change  string
	started time.Time
	command Command

	control, stdio, stderr *websocket.Conn

	out, err *tail
	streams  sync.WaitGroup
	over     atomic.Bool // the change has ended
	once     sync.Once
	output   Output
	fault    error
}

// connect opens the streams. The control stream comes first: Pebble starts the
// program when it has the other two, and a program that is quick to end takes
// the way to the control stream with it. An end of the control stream that is
// not orderly, as when this process dies, makes Pebble kill the program.
func (p *Process) connect(task string) error {
	for _, s := range []struct {
		name string
		conn **websocket.Conn
	}{{"control", &p.control}, {"stdio", &p.stdio}, {"stderr", &p.stderr}} {
		at := origin + "/v1/tasks/" + url.PathEscape(task) + "/websocket/" + s.name
		conn, _, err := websocket.Dial(p.ctx, at, &websocket.DialOptions{HTTPClient: p.client.http})
		if err != nil {
			p.drop()
			return unreached(p.ctx, err)
		}
		conn.SetReadLimit(maxFrame)
		*s.conn = conn
	}
	return nil
}

// drop closes the streams at once.
func (p *Process) drop() {
	for _, conn := range []*websocket.Conn{p.control, p.stdio, p.stderr} {
		if conn != nil {
			_ = conn.CloseNow()
		}
	}
}

// run moves the streams until they end.
func (p *Process) run() {
	limit := or(p.command.MaxOutput, defaultOutput)
	p.out, p.err = &tail{max: limit, also: p.command.Stdout}, &tail{max: limit, also: p.command.Stderr}
	// Pebble sends nothing here but the close. The end of the context closes it
	// without a word, and so ends the program.
	p.control.CloseRead(p.ctx)
	p.streams.Go(func() { p.receive(p.stdio, p.out) })
	p.streams.Go(func() { p.receive(p.stderr, p.err) })
	p.streams.Go(p.feed)
}

// receive passes on what the program prints, until Pebble sends the end.
func (p *Process) receive(conn *websocket.Conn, to *tail) {
	for {
		kind, frame, err := conn.Read(p.ctx)
		if err != nil || kind == websocket.MessageText {
			return
		}
		if _, err := to.Write(frame); err != nil {
			p.drop()
			return
		}
	}
}

// end is the text frame that ends a stream.
const end = `{"command":"end"}`

// feed sends the input and its end, even where there is none: a program that
// reads would wait for ever. One that does not read leaves it where it is.
func (p *Process) feed() {
	for in := p.command.Stdin; len(in) > 0; {
		n := min(len(in), 32<<10)
		if p.stdio.Write(p.ctx, websocket.MessageBinary, in[:n]) != nil {
			return
		}
		in = in[n:]
	}
	_ = p.stdio.Write(p.ctx, websocket.MessageText, []byte(end))
}

// Signal sends the program a signal by its name, such as SIGTERM. One to a
// program that has ended is lost without an error.
func (p *Process) Signal(name string) error {
	frame, _ := json.Marshal(map[string]any{"command": "signal", "signal": map[string]string{"name": name}})
	ctx, cancel := context.WithTimeout(p.ctx, grace)
	defer cancel()
	err := p.control.Write(ctx, websocket.MessageText, frame)
	if err != nil && ctx.Err() != nil && !p.over.Load() {
		return fault.Wrap(unreached(ctx, err), "cannot send %q to %q", name, p.command.Args[0])
	}
	return nil
}

// Kill ends the program at once and waits a little until it is gone. It can be
// called at any time, also after Wait. Children of the program live on: Pebble
// kills what it started itself.
func (p *Process) Kill() {
	p.drop()
	// While such a child holds the output open, the change does not end.
	defer time.AfterFunc(drain, p.cancel).Stop()
	_, _ = p.Wait()
}

// Wait waits until the program has ended; see [Client.Exec] for what it gives.
// It can be called more than once.
func (p *Process) Wait() (Output, error) {
	p.once.Do(func() {
		p.output, p.fault = p.wait()
		if p.fault != nil {
			p.fault = fault.Wrap(p.fault, "cannot run %q in the container", p.command.Args[0])
		}
	})
	return p.output, p.fault
}

func (p *Process) wait() (Output, error) {
	ch, err := p.client.wait(p.ctx, p.change)
	// Pebble ends a change after it has sent all output. What hangs in a stream
	// now hangs there for a program that never read its input.
	ended := make(chan struct{})
	go func() { p.streams.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(drain):
	case <-p.ctx.Done():
	}
	p.over.Store(err == nil)
	p.cancel()
	p.drop()
	<-ended
	o := Output{Stdout: p.out.kept, Stderr: p.err.kept, Truncated: p.out.cut || p.err.cut}
	if err != nil {
		return o, err
	}
	return o.endOf(ch, p)
}

// drain is how long streams may go on after the change has ended.
const drain = 2 * time.Second

// endOf reads the end of the change. Pebble's words on a timeout are not
// parsed: the time itself tells.
func (o Output) endOf(ch Change, p *Process) (Output, error) {
	code, ok := exitCode(ch)
	switch {
	case ch.Status == "Done" && ok:
		o.Code = code
		return o, nil
	case time.Since(p.started) >= p.command.Timeout:
		return o, fault.New(fault.Timeout, "it took longer than %s", p.command.Timeout)
	default:
		return o, fault.New(fault.Precondition, "").Because(&Failure{Change: ch})
	}
}

// tail keeps the end of what is written to it and passes all of it on.
type tail struct {
	kept []byte
	max  int
	cut  bool
	also io.Writer
}

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - t.max; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
		t.cut = true
	}
	if t.also == nil {
		return len(b), nil
	}
	return t.also.Write(b)
}
