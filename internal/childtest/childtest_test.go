package childtest

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStop(t *testing.T) {
	t.Parallel()
	for script, patience := range map[string]time.Duration{
		"echo up; exec sleep 60":                           10 * time.Second,
		"trap '' TERM; echo up; while :; do sleep 1; done": 0,
	} {
		c, err := Start(exec.Command("sh", "-c", script), nil)
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); c.Log() != "up\n"; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("it says %q", c.Log())
			}
		}
		if err := c.Stop(syscall.SIGTERM, patience); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		var ended *exec.ExitError
		if !errors.As(c.Err(), &ended) {
			t.Errorf("%s: it ended with %v", script, c.Err())
		}
		if err := c.Stop(syscall.SIGTERM, patience); err != nil {
			t.Errorf("again: %v", err)
		}
	}
}

func TestStartOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := Start(exec.Command("/no/such/program"), nil); err == nil {
		t.Error("it has started")
	}
}

func TestTailKeepsWholeLines(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	end := tail{to: &all}
	for range 500 {
		if _, err := io.WriteString(&end, strings.Repeat("x", 30)+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	if all.Len() != 500*31 {
		t.Errorf("%d bytes passed on", all.Len())
	}
	kept := end.String()
	if len(kept) > tailSize || len(kept)%31 != 0 || kept == "" {
		t.Errorf("%d bytes kept", len(kept))
	}
}
