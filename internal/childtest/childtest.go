// Package childtest runs the servers of tests as children that do not outlive
// the process that started them.
package childtest

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Child is a started program and the end of its output.
type Child struct {
	cmd *exec.Cmd
	log *tail
	// Done is closed when the program has ended.
	Done chan struct{}
	err  error
}

// Start starts the command, its output to log (nil for nowhere). It dies with
// this process where the system can do that: Linux ties this to the thread that
// started it, so that thread waits for it.
func Start(cmd *exec.Cmd, log io.Writer) (*Child, error) {
	if log == nil {
		log = io.Discard
	}
	c := &Child{cmd: cmd, log: &tail{to: log}, Done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = c.log, c.log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	dieWithParent(cmd.SysProcAttr)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.Done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// Err tells how the program ended. It waits for that.
func (c *Child) Err() error {
	<-c.Done
	return c.err
}

// Log gives the last whole lines of the output.
func (c *Child) Log() string { return c.log.String() }

// Stop ends the program: at first by the signal, when the patience is over by
// SIGKILL, which is an error unless there was no patience to begin with.
func (c *Child) Stop(s syscall.Signal, patience time.Duration) error {
	if err := c.cmd.Process.Signal(s); err != nil {
		<-c.Done
		return nil // it had ended
	}
	select {
	case <-c.Done:
		return nil
	case <-time.After(patience):
	}
	err := c.cmd.Process.Kill()
	<-c.Done
	if err == nil && patience > 0 {
		return fmt.Errorf("%s did not end within %s and was killed", c.cmd.Path, patience)
	}
	return nil
}

// tail passes output on and keeps its end.
type tail struct {
	to io.Writer

	mu   sync.Mutex
	kept []byte
}

const tailSize = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if len(t.kept) > tailSize {
		t.kept = bytes.Clone(t.kept[len(t.kept)-tailSize:])
	}
	return t.to.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) < tailSize {
		return string(t.kept)
	}
	_, whole, _ := bytes.Cut(t.kept, []byte("\n"))
	return string(whole)
}
