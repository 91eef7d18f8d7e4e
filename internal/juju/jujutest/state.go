package jujutest

import (
	"strconv"
	"strings"
)

// State is all that Juju knows about a unit, its application and its model. It
// is a YAML file; what a script leaves out of it has the defaults of a new
// deployment. Maps of any texts are of YAML's flow style, since the package does
// not read all back that it writes in blocks.
type State struct {
	// Member is the unit. Others are the other units of the application, of
	// which there are none by default.
	Member `yaml:",inline"`
	Others []*Member `yaml:"others,omitempty"`
	// Model is the model the unit is in, and how its Juju behaves.
	Model Model `yaml:"model"`
	// Config holds the options that were set; the charm's config.yaml has
	// the defaults.
	Config map[string]any `yaml:"config,omitempty,flow"`
	// ApplicationStatus is what the charm set.
	ApplicationStatus Status `yaml:"application-status,omitempty"`
	// Relations are those of the application. The ones with its peers need not
	// be written down.
	Relations []*Relation `yaml:"relations,omitempty"`
	// Resources are the contents of the files that were attached, by the
	// resource's name.
	Resources map[string]string `yaml:"resources,omitempty,flow"`
	// Secrets are the secrets of the model.
	Secrets []*Secret `yaml:"secrets,omitempty"`
	// Tasks are the actions that were run, oldest first.
	Tasks []*Task `yaml:"tasks,omitempty"`
	// DebugLog is what juju debug-log would show of the unit, a line each.
	DebugLog []string `yaml:"debug-log,omitempty"`
	// LastID is the last id given to an operation or a task.
	LastID int `yaml:"last-id,omitempty"`
}

// Model is the model that the unit is in, and how its Juju behaves.
type Model struct {
	Name            string `yaml:"name"`
	UUID            string `yaml:"uuid"`
	JujuVersion     string `yaml:"juju-version"`
	CloudAPIVersion string `yaml:"cloud-api-version"`
	// HTTPProxy and the others are the model's http-proxy settings, which
	// reach hooks and actions as HTTP_PROXY and http_proxy.
	HTTPProxy  string `yaml:"http-proxy,omitempty"`
	HTTPSProxy string `yaml:"https-proxy,omitempty"`
	FTPProxy   string `yaml:"ftp-proxy,omitempty"`
	NoProxy    string `yaml:"no-proxy,omitempty"`
	// JujuHTTPProxy and the others are the model's juju-http-proxy settings,
	// which reach hooks and actions as JUJU_CHARM_HTTP_PROXY only.
	JujuHTTPProxy  string `yaml:"juju-http-proxy,omitempty"`
	JujuHTTPSProxy string `yaml:"juju-https-proxy,omitempty"`
	JujuFTPProxy   string `yaml:"juju-ftp-proxy,omitempty"`
	JujuNoProxy    string `yaml:"juju-no-proxy,omitempty"`
	// InsertDefaults makes the controller add the declared defaults to an
	// action's parameters, as Juju 3 does and 4 does not.
	InsertDefaults bool `yaml:"insert-defaults,omitempty"`
	// AgentValidates leaves the check of parameters to the unit's agent, as
	// Juju 4 does: a bad one is then a failed task and no refused operation.
	AgentValidates bool `yaml:"agent-validates,omitempty"`
	// CommitError makes the commit of what a hook or an action asked for fail
	// with this text.
	CommitError string `yaml:"commit-error,omitempty"`
}

// Status is a status with its message.
type Status struct {
	Status  string `yaml:"status"`
	Message string `yaml:"message,omitempty"`
}

// Running is the hook, action or juju exec that runs.
type Running struct {
	// ContextID is what JUJU_CONTEXT_ID has to be.
	ContextID string `yaml:"context-id"`
	// Hook is the hook's name; empty for actions.
	Hook string `yaml:"hook,omitempty"`
	// Task is the id of the action's task; empty for hooks.
	Task string `yaml:"task,omitempty"`
	// Failed and Message are what action-fail said.
	Failed  bool   `yaml:"failed,omitempty"`
	Message string `yaml:"message,omitempty"`
	// Changes wait for the process to end with 0.
	Changes Changes `yaml:"changes,omitempty"`
}

// Changes are what the tools were asked to change and Juju commits only when
// the process ends with 0, each tool family's in a field of its own.
type Changes struct {
	// CharmState are keys set, or with nil deleted.
	CharmState map[string]*string `yaml:"charm-state,omitempty,flow"`
	// Databags are by the relation's id.
	Databags map[string]*DatabagChanges `yaml:"databags,omitempty"`
	// Ports are opened, or with false closed.
	Ports map[string]bool `yaml:"ports,omitempty"`
	// Secrets are in the order in which they were asked for.
	Secrets []*SecretChange `yaml:"secrets,omitempty"`
}

// commit carries out the changes.
func (c Changes) commit(st *State) {
	if len(c.CharmState) > 0 {
		st.CharmState = changed(st.CharmState, c.CharmState)
	}
	st.commitDatabags(c.Databags)
	st.commitPorts(c.Ports)
	st.commitSecrets(c.Secrets)
}

// fresh is the state of a new deployment.
func fresh() *State {
	return &State{
		Member: Member{Unit: "kratos/0", Leader: true},
		Model: Model{
			Name:            "iam",
			UUID:            "3c0b7a52-2f4e-4d3f-8a53-1b6b3f6a7d10",
			JujuVersion:     "3.6.8",
			CloudAPIVersion: "1.31",
		},
	}
}

// fill makes the maps that are not there, so that a test can write to them.
func (st *State) fill() {
	if st.Config == nil {
		st.Config = map[string]any{}
	}
	if st.Resources == nil {
		st.Resources = map[string]string{}
	}
}

// application is the name of the unit's application.
func (st *State) application() string {
	app, _, _ := strings.Cut(st.Unit, "/")
	return app
}

// newID counts operations and tasks, as Juju does with one counter for both.
func (st *State) newID() string {
	st.LastID++
	return strconv.Itoa(st.LastID)
}

// task gives the task of that id, or nil.
func (st *State) task(id string) *Task {
	for _, t := range st.Tasks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// action gives the task of the action that runs, or nil outside of one.
func (st *State) action() *Task {
	if st.Running == nil || st.Running.Task == "" {
		return nil
	}
	return st.task(st.Running.Task)
}

// logf adds a line to the debug-log.
func (st *State) logf(level, module, text string) {
	st.DebugLog = append(st.DebugLog, level+" unit."+st.Unit+"."+module+" "+text)
}
