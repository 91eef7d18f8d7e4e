package jujutest

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"
)

// Task is an action that was run, or is running.
type Task struct {
	ID     string `yaml:"id"`
	Action string `yaml:"action"`
	// Params are the parameters as JSON, which keeps numbers as they came.
	Params string `yaml:"params"`
	// Status is running, completed or failed.
	Status  string         `yaml:"status"`
	Message string         `yaml:"message,omitempty"`
	Results map[string]any `yaml:"results"`
	Log     []Message      `yaml:"log,omitempty"`
	// Enqueued, Started and Completed are in UTC, to the second.
	Enqueued  time.Time `yaml:"enqueued"`
	Started   time.Time `yaml:"started"`
	Completed time.Time `yaml:"completed"`
}

// Message is a line that action-log wrote.
type Message struct {
	Time time.Time `yaml:"time"`
	Text string    `yaml:"text"`
}

// ended is how a process ended.
type ended struct {
	code           int // -1 when killed or never started
	stdout, stderr []byte
	// failure is what Juju says of a process that did not start, was killed
	// or ended with another code than 0.
	failure string
	// missing tells that there was nothing to start.
	missing bool
}

// finish ends the action that runs: what it set is delivered, however it ended;
// what else it asked for is committed only if it ended with 0.
func (st *State) finish(e ended) {
	task, running := st.action(), st.Running
	st.Running = nil
	if !e.missing {
		task.output(e)
	}
	task.Status, task.Message = "completed", running.Message
	if running.Failed {
		task.Status = "failed"
	}
	switch {
	case e.failure != "":
		task.Status, task.Message = "failed", e.failure
	case st.Model.CommitError != "":
		task.uncommitted(st.Model.CommitError)
	default:
		running.Changes.commit(st)
	}
	task.Completed = now()
}

// output puts what the process printed into the results.
func (t *Task) output(e ended) {
	t.Results["return-code"] = e.code
	for key, out := range map[string][]byte{"stdout": e.stdout, "stderr": e.stderr} {
		switch {
		case !utf8.Valid(out):
			t.Results[key] = base64.StdEncoding.EncodeToString(out)
			t.Results[key+"-encoding"] = "base64"
		case len(out) > 0:
			t.Results[key] = string(out)
		}
	}
}

// uncommitted is what becomes of a task whose changes Juju would not take.
func (t *Task) uncommitted(text string) {
	t.Status = "failed"
	if t.Message == "" {
		t.Message = "committing requested changes failed"
	}
	said, _ := t.Results["stderr"].(string)
	t.Results["stderr"] = strings.TrimPrefix(said+"\n"+text, "\n")
}
