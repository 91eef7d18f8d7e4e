package pebble

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Command is a program to run in the workload container.
type Command struct {
	// Args are the program and its arguments. There is no shell. They can be
	// seen by anyone in the pod.
	Args []string
	// Environment is added to that of Pebble and of the service context. This
	// is the place of secrets.
	Environment map[string]string
	// ServiceContext names a service whose environment, user and working
	// directory the program gets, or is empty.
	ServiceContext string
	WorkingDir     string
	User, Group    string
	// Stdin is sent to the program, and ended.
	Stdin []byte
	// Timeout must be set. When it is over, Pebble kills the program.
	Timeout time.Duration
	// Stdout and Stderr get the output as it comes, all of it; either can be
	// nil. They are written to from two goroutines. An error of theirs ends the
	// program.
	Stdout, Stderr io.Writer
	// MaxOutput is how many bytes of stdout and of stderr the output keeps; 0
	// means 1 MiB. Of longer output the end is kept.
	MaxOutput int
}

// Output is what a program left behind that ran to its end. What it printed can
// be secret.
type Output struct {
	Code           int // the exit code; 128 and the signal's number for one that was killed
	Stdout, Stderr []byte
	Truncated      bool // some of the output was dropped
}

const defaultOutput = 1 << 20

// grace is what a run may take longer than its timeout: to connect, and to hear
// of its end.
const grace = 10 * time.Second

// Exec runs a program to its end. An exit code other than 0 is no error. The
// error is of kind Precondition where there is no such program, and of kind
// Timeout where it was killed for the time it took; then, the output so far
// comes with it. A context that ends kills the program too.
func (c *Client) Exec(ctx context.Context, cmd Command) (Output, error) {
	p, err := c.Launch(ctx, cmd)
	if err != nil {
		return Output{}, err
	}
	return p.Wait()
}

// execRequest is what Pebble is asked for.
type execRequest struct {
	Command        []string          `json:"command"`
	ServiceContext string            `json:"service-context,omitempty"`
	Environment    map[string]string `json:"environment,omitempty"`
	WorkingDir     string            `json:"working-dir,omitempty"`
	Timeout        string            `json:"timeout"`
	User           string            `json:"user,omitempty"`
	Group          string            `json:"group,omitempty"`
	SplitStderr    bool              `json:"split-stderr"`
}

// Launch starts a program and returns while it runs. The caller waits for it or
// kills it; the end of the context kills it too.
func (c *Client) Launch(ctx context.Context, cmd Command) (*Process, error) {
	if len(cmd.Args) == 0 || cmd.Timeout <= 0 {
		return nil, fault.New(fault.Internal, "cannot run a command without a program or a timeout")
	}
	ctx, cancel := context.WithTimeout(ctx, cmd.Timeout+grace)
	p, err := c.launch(ctx, cancel, cmd)
	if err != nil {
		cancel()
		return nil, fault.Wrap(err, "cannot run %q in the container", cmd.Args[0])
	}
	return p, nil
}

func (c *Client) launch(ctx context.Context, cancel context.CancelFunc, cmd Command) (*Process, error) {
	started := time.Now()
	a, err := c.post(ctx, "/v1/exec", execRequest{
		Command: cmd.Args, ServiceContext: cmd.ServiceContext, Environment: cmd.Environment,
		WorkingDir: cmd.WorkingDir, Timeout: cmd.Timeout.String(),
		User: cmd.User, Group: cmd.Group, SplitStderr: true,
	})
	if err != nil {
		return nil, err
	}
	// The result has the program's whole environment too: it is not decoded.
	var result struct {
		TaskID string `json:"task-id"`
	}
	if err := decode(a.Result, &result); err != nil {
		return nil, err
	}
	p := &Process{client: c, ctx: ctx, cancel: cancel, change: a.Change, started: started, command: cmd}
	if err := p.connect(result.TaskID); err != nil {
		return nil, err
	}
	p.run()
	return p, nil
}

// exitCode reads it out of the change of an exec.
func exitCode(ch Change) (int, bool) {
	for _, t := range ch.Tasks {
		var code int
		if raw, ok := t.Data["exit-code"]; ok && json.Unmarshal(raw, &code) == nil {
			return code, true
		}
	}
	return 0, false
}
