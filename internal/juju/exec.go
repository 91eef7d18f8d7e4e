package juju

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// What a tool may print. Juju caps a relation's databag at 16 MiB and a secret
// at 1 MB; JSON needs some more for its escapes.
const (
	maxStdout = 32 << 20
	maxStderr = 64 << 10
)

// drain is how long a tool that was killed may keep its output open.
const drain = 2 * time.Second

// Exec runs the hook tools found on the PATH, with this process' environment,
// by which they find the unit's agent.
type Exec struct{}

var _ Runner = Exec{}

// Run implements [Runner]. A tool that prints more than 32 MiB is an error; of
// its stderr the first 64 KiB are kept.
func (Exec) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.WaitDelay = drain
	stdout, stderr := &limited{max: maxStdout}, &limited{max: maxStderr}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case err != nil && ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &ended) && ended.Exited():
		err = nil
	case err == nil && stdout.cut:
		err = fmt.Errorf("it printed more than %d bytes", maxStdout)
	}
	if err != nil {
		return nil, nil, -1, err
	}
	return stdout.kept, stderr.kept, cmd.ProcessState.ExitCode(), nil
}

// limited keeps the beginning of what is written to it. It takes all of it, so
// that the writer is not stopped halfway.
type limited struct {
	kept []byte
	max  int
	cut  bool
}

func (l *limited) Write(p []byte) (int, error) {
	keep := min(len(p), l.max-len(l.kept))
	l.cut = l.cut || keep < len(p)
	l.kept = append(l.kept, p[:keep]...)
	return len(p), nil
}
