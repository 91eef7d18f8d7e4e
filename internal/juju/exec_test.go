package juju_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// shell runs a shell command as if it were a hook tool.
func shell(ctx context.Context, command string, stdin []byte) (stdout, stderr string, code int, err error) {
	out, errs, code, err := juju.Exec{}.Run(ctx, "sh", []string{"-c", command}, stdin)
	return string(out), string(errs), code, err
}

func TestExec(t *testing.T) {
	t.Parallel()
	type said struct {
		Stdout, Stderr string
		Code           int
	}
	tests := map[string]struct {
		command string
		stdin   []byte
		want    said
	}{
		"it succeeds":     {"echo out; echo err >&2", nil, said{"out\n", "err\n", 0}},
		"it fails":        {"echo err >&2; exit 3", nil, said{"", "err\n", 3}},
		"without a stdin": {"cat; readlink /proc/self/fd/0", nil, said{"/dev/null\n", "", 0}},
		"with one":        {"cat", []byte("a\x00b"), said{"a\x00b", "", 0}},
		"a long stderr":   {"yes x | head -c 100000 >&2", nil, said{"", strings.Repeat("x\n", 32<<10), 0}},
		"a stdin unread":  {"exit 4", make([]byte, 1<<20), said{"", "", 4}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code, err := shell(t.Context(), test.command, test.stdin)
			if got := (said{stdout, stderr, code}); got != test.want || err != nil {
				t.Errorf("%.300s, not %.300s, %v", fmt.Sprint(got), fmt.Sprint(test.want), err)
			}
		})
	}
}

func TestExecLargestArgument(t *testing.T) {
	t.Parallel()
	arg := strings.Repeat("x", 131071)
	out, _, _, err := juju.Exec{}.Run(t.Context(), "printf", []string{"%s", arg}, nil)
	if err != nil || string(out) != arg {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

func TestExecCannot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		command string
		want    string
	}{
		"killed":           {"kill -KILL $$", "signal: killed"},
		"prints no end":    {"head -c 40000000 /dev/zero", "it printed more than 33554432 bytes"},
		"keeps its output": {"sleep 4 & echo $!", "WaitDelay"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, _, err := shell(t.Context(), test.command, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
		})
	}
	_, _, _, err := juju.Exec{}.Run(t.Context(), filepath.Join(t.TempDir(), "no-such-tool"), nil, nil)
	if err == nil {
		t.Error("a tool that is not there was run")
	}
	_, _, _, err = juju.Exec{}.Run(t.Context(), "no-such-tool", nil, nil)
	if !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
}

func TestExecEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, _, _, err := shell(ctx, "exec sleep 60", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Error(took)
	}
}
