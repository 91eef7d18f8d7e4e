package pebble_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// watched is a buffer that can be read while it is written to.
type watched struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(b)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

func shell(script string) pebble.Command {
	return pebble.Command{Args: []string{"sh", "-c", script}, Timeout: time.Minute}
}

func TestExec(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		cmd := shell(`cat; echo "$A" >&2; exit 7`)
		cmd.Stdin = bytes.Repeat([]byte("0123456789"), 50_000)
		cmd.Environment = map[string]string{"A": "a b"}
		out, err := p.Exec(t.Context(), cmd)
		must(t, err)
		if out.Code != 7 || !bytes.Equal(out.Stdout, cmd.Stdin) || string(out.Stderr) != "a b\n" || out.Truncated {
			t.Errorf("code %d, %d bytes, stderr %q", out.Code, len(out.Stdout), out.Stderr)
		}
	})
}

func TestExecWithoutInputOrReader(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		out, err := p.Exec(t.Context(), shell("cat"))
		must(t, err)
		if out.Code != 0 || len(out.Stdout) != 0 {
			t.Errorf("code %d, %q", out.Code, out.Stdout)
		}
		cmd := shell("true")
		cmd.Stdin = bytes.Repeat([]byte("x"), 4<<20)
		out, err = p.Exec(t.Context(), cmd)
		must(t, err)
		if out.Code != 0 {
			t.Errorf("code %d", out.Code)
		}
	})
}

func TestExecInTheContextOfAService(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		n := name(t, "a")
		p.add(t, pebble.Layer{Services: map[string]pebble.Service{n: {
			Override: pebble.Replace, Command: "sleep 600", Environment: map[string]string{"A": "service", "B": "service"},
		}}})
		cmd := shell(`echo "$A $B"`)
		cmd.ServiceContext, cmd.Environment = n, map[string]string{"B": "exec"}
		out, err := p.Exec(t.Context(), cmd)
		must(t, err)
		if string(out.Stdout) != "service exec\n" {
			t.Errorf("it prints %q", out.Stdout)
		}
	})
}

func TestExecKeepsTheEndOfLongOutput(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		var all watched
		cmd := shell(`i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done`)
		cmd.MaxOutput, cmd.Stdout = 20, &all
		out, err := p.Exec(t.Context(), cmd)
		must(t, err)
		if !out.Truncated || len(out.Stdout) != 20 || !strings.HasSuffix(string(out.Stdout), "line 1999\n") {
			t.Errorf("kept %q", out.Stdout)
		}
		if n := strings.Count(all.String(), "\n"); n != 2000 {
			t.Errorf("%d lines passed on", n)
		}
	})
}

func TestExecCannot(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		_, err := p.Exec(t.Context(), pebble.Command{Args: []string{"no-such-program"}, Timeout: time.Minute})
		wantKind(t, err, fault.Precondition)
		if err == nil || !strings.Contains(err.Error(), "no-such-program") {
			t.Errorf("the error is %v", err)
		}
		cmd := shell("true")
		cmd.WorkingDir = "/no/such/directory"
		_, err = p.Exec(t.Context(), cmd)
		wantKind(t, err, fault.Precondition)
		cmd = shell("true")
		cmd.ServiceContext = "nobody"
		_, err = p.Exec(t.Context(), cmd)
		wantKind(t, err, fault.Precondition)
		_, err = p.Exec(t.Context(), pebble.Command{Args: []string{"true"}})
		wantKind(t, err, fault.Internal)
	})
}

func TestExecTimeout(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		cmd := shell("echo " + mark + "; exec sleep 600")
		cmd.Timeout = 300 * time.Millisecond
		out, err := p.Exec(t.Context(), cmd)
		wantKind(t, err, fault.Timeout)
		if string(out.Stdout) != mark+"\n" {
			t.Errorf("it printed %q", out.Stdout)
		}
	})
}

// launch starts a program that prints its process id and sleeps.
func (p target) launch(ctx context.Context, t *testing.T) (*pebble.Process, string) {
	t.Helper()
	var out watched
	cmd := shell("echo $$; exec sleep 600")
	cmd.Stdout = &out
	process, err := p.Launch(ctx, cmd)
	must(t, err)
	t.Cleanup(process.Kill)
	eventually(t, "the process id", func() bool { return strings.HasSuffix(out.String(), "\n") })
	return process, strings.TrimSpace(out.String())
}

// lives tells whether the process of the id runs.
func (p target) lives(t *testing.T, pid string) bool {
	t.Helper()
	out, err := p.Exec(t.Context(), shell("kill -0 "+pid))
	must(t, err)
	return out.Code == 0
}

func TestExecSignal(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		process, _ := p.launch(t.Context(), t)
		must(t, process.Signal("SIGTERM"))
		out, err := process.Wait()
		must(t, err)
		if out.Code != 143 {
			t.Errorf("code %d", out.Code)
		}
		again, err := process.Wait()
		if err != nil || again.Code != 143 {
			t.Errorf("the second wait gives %+v, %v", again, err)
		}
		must(t, process.Signal("SIGTERM"))
	})
}

func TestExecEndsWithKillAndContext(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		process, pid := p.launch(t.Context(), t)
		if !p.lives(t, pid) {
			t.Fatal("it does not run")
		}
		process.Kill()
		eventually(t, "killed", func() bool { return !p.lives(t, pid) })

		ctx, cancel := context.WithCancel(t.Context())
		process, pid = p.launch(ctx, t)
		cancel()
		eventually(t, "cancelled", func() bool { return !p.lives(t, pid) })
		_, err := process.Wait()
		wantKind(t, err, fault.Cancelled)
	})
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestExecWithABadWriterEnds(t *testing.T) {
	contract(t, func(t *testing.T, p target) {
		cmd := shell("echo a; exec sleep 600")
		cmd.Stdout = full{}
		out, err := p.Exec(t.Context(), cmd)
		if err == nil && out.Code == 0 {
			t.Errorf("it went on: %+v", out)
		}
	})
}
