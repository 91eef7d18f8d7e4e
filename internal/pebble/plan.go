package pebble

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// What the Override of an entry can be: it takes the place of the entry of the
// same name in the layers below, or adds to it.
const (
	Replace = "replace"
	Merge   = "merge"
)

// Layer is a set of entries that is added to Pebble's plan. Pebble refuses an
// entry without an override. A service that a layer no longer names stays in
// the plan: only an entry that disables it, and a stop, end it.
type Layer struct {
	Summary     string               `yaml:"summary,omitempty"`
	Description string               `yaml:"description,omitempty"`
	Services    map[string]Service   `yaml:"services,omitempty"`
	Checks      map[string]Check     `yaml:"checks,omitempty"`
	LogTargets  map[string]LogTarget `yaml:"log-targets,omitempty"`
}

// Plan is what Pebble made of its layers.
type Plan struct {
	Services   map[string]Service   `yaml:"services"`
	Checks     map[string]Check     `yaml:"checks"`
	LogTargets map[string]LogTarget `yaml:"log-targets"`
}

// Service is a program to run. Its environment is how secrets reach it; its
// command can be seen by anyone in the pod.
type Service struct {
	Summary     string `yaml:"summary,omitempty"`
	Description string `yaml:"description,omitempty"`
	Startup     string `yaml:"startup,omitempty"`
	Override    string `yaml:"override,omitempty"`
	Command     string `yaml:"command,omitempty"`

	After    []string `yaml:"after,omitempty"`
	Before   []string `yaml:"before,omitempty"`
	Requires []string `yaml:"requires,omitempty"`

	Environment map[string]string `yaml:"environment,omitempty"`
	UserID      *int              `yaml:"user-id,omitempty"`
	User        string            `yaml:"user,omitempty"`
	GroupID     *int              `yaml:"group-id,omitempty"`
	Group       string            `yaml:"group,omitempty"`
	WorkingDir  string            `yaml:"working-dir,omitempty"`

	OnSuccess      string            `yaml:"on-success,omitempty"`
	OnFailure      string            `yaml:"on-failure,omitempty"`
	OnCheckFailure map[string]string `yaml:"on-check-failure,omitempty"`
	BackoffDelay   Duration          `yaml:"backoff-delay,omitempty"`
	BackoffFactor  float64           `yaml:"backoff-factor,omitempty"`
	BackoffLimit   Duration          `yaml:"backoff-limit,omitempty"`
	KillDelay      Duration          `yaml:"kill-delay,omitempty"`
}

// Check is a question that Pebble asks again and again; exactly one of HTTP,
// TCP and Exec is set. A Pebble of Juju 3.4 refuses a layer that sets Startup.
type Check struct {
	Override  string     `yaml:"override,omitempty"`
	Level     string     `yaml:"level,omitempty"` // alive, ready or none
	Startup   string     `yaml:"startup,omitempty"`
	Period    Duration   `yaml:"period,omitempty"`
	Timeout   Duration   `yaml:"timeout,omitempty"`
	Threshold int        `yaml:"threshold,omitempty"`
	HTTP      *HTTPCheck `yaml:"http,omitempty"`
	TCP       *TCPCheck  `yaml:"tcp,omitempty"`
	Exec      *ExecCheck `yaml:"exec,omitempty"`
}

// HTTPCheck succeeds where a GET of the URL answers with a status of 200 to 299.
type HTTPCheck struct {
	URL     string            `yaml:"url,omitempty"`
	Headers map[string]string `yaml:"headers,omitempty"`
}

// TCPCheck succeeds where the port can be connected to, on localhost by default.
type TCPCheck struct {
	Port int    `yaml:"port,omitempty"`
	Host string `yaml:"host,omitempty"`
}

// ExecCheck succeeds where the command ends with exit code 0.
type ExecCheck struct {
	Command        string            `yaml:"command,omitempty"`
	ServiceContext string            `yaml:"service-context,omitempty"`
	Environment    map[string]string `yaml:"environment,omitempty"`
	UserID         *int              `yaml:"user-id,omitempty"`
	User           string            `yaml:"user,omitempty"`
	GroupID        *int              `yaml:"group-id,omitempty"`
	Group          string            `yaml:"group,omitempty"`
	WorkingDir     string            `yaml:"working-dir,omitempty"`
}

// LogTarget is where the output of services is sent.
type LogTarget struct {
	Override string            `yaml:"override,omitempty"`
	Type     string            `yaml:"type,omitempty"` // loki
	Location string            `yaml:"location,omitempty"`
	Services []string          `yaml:"services,omitempty"` // all, a name, or -name
	Labels   map[string]string `yaml:"labels,omitempty"`
}

// Duration is written as Pebble does: 1m30s. Zero is left out and means
// Pebble's default.
type Duration time.Duration

// MarshalYAML implements yaml.Marshaler.
func (d Duration) MarshalYAML() (any, error) { return time.Duration(d).String(), nil }

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := time.ParseDuration(n.Value)
	if err != nil {
		return fmt.Errorf("line %d is no duration", n.Line)
	}
	*d = Duration(parsed)
	return nil
}

// Plan gives the plan as it stands. It has the environment of the services:
// every secret among it. Keys that a newer Pebble adds are passed over.
func (c *Client) Plan(ctx context.Context) (Plan, error) {
	var text string
	var p Plan
	err := c.get(ctx, "/v1/plan", url.Values{"format": {"yaml"}}, &text)
	if err == nil && yaml.Unmarshal([]byte(text), &p) != nil {
		// The parser quotes the value that it could not read.
		err = fault.New(fault.Internal, "the plan has another shape than Pebble's")
	}
	if err != nil {
		return Plan{}, fault.Wrap(err, "cannot read Pebble's plan")
	}
	return p, nil
}

// AddLayer adds the layer to the plan, or combines it into the layer of that
// label, where there is one. It starts and stops no service: [Client.Replan]
// does. The checks that it brings start at once. Pebble keeps layers in memory:
// they are gone after a restart of the container.
func (c *Client) AddLayer(ctx context.Context, label string, l Layer) error {
	text, err := yaml.Marshal(l)
	if err != nil {
		return fault.New(fault.Internal, "cannot write the layer %q as YAML", label)
	}
	_, err = c.post(ctx, "/v1/layers", map[string]any{
		"action": "add", "combine": true, "label": label, "format": "yaml", "layer": string(text),
	})
	if err != nil {
		return fault.Wrap(hide(err), "cannot add the layer %q", label)
	}
	return nil
}
