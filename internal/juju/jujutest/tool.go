package jujutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// A tool is one hook tool. Juju parses its command line (all that is wrong
// there ends with exit code 2) and then runs it (1).
type tool interface {
	// flags declares the tool's options.
	flags(f *flagSet)
	// init takes the arguments that are no options.
	init(args []string) error
	// run does what the tool does. What it changes of the state is kept only
	// if it gives no error.
	run(w *world, st *State) error
}

// situated is a tool whose command line is parsed with a look at the state.
type situated interface{ situate(w *world, st *State) }

// tools gives the hook tools by name. A new family of them is a file with its
// types, and its lines here.
func tools() map[string]func() tool {
	return map[string]func() tool{
		"action-get":              func() tool { return &actionGet{} },
		"action-set":              func() tool { return &actionSet{} },
		"action-log":              func() tool { return &actionLog{} },
		"action-fail":             func() tool { return &actionFail{} },
		"application-version-set": func() tool { return &versionSet{} },
		"close-port":              func() tool { return &closePort{} },
		"config-get":              func() tool { return &configGet{} },
		"is-leader":               func() tool { return &isLeader{} },
		"juju-log":                func() tool { return &jujuLog{} },
		"network-get":             func() tool { return &networkGet{} },
		"open-port":               func() tool { return &openPort{} },
		"opened-ports":            func() tool { return &openedPorts{} },
		"relation-get":            func() tool { return &relationGet{} },
		"relation-ids":            func() tool { return &relationIDs{} },
		"relation-list":           func() tool { return &relationList{} },
		"relation-set":            func() tool { return &relationSet{} },
		"resource-get":            func() tool { return &resourceGet{} },
		"secret-add":              func() tool { return &secretAdd{} },
		"secret-get":              func() tool { return &secretGet{} },
		"secret-grant":            func() tool { return &secretGrant{} },
		"secret-ids":              func() tool { return &secretIDs{} },
		"secret-info-get":         func() tool { return &secretInfoGet{} },
		"secret-remove":           func() tool { return &secretRemove{} },
		"secret-set":              func() tool { return &secretSet{} },
		"state-delete":            func() tool { return &stateDelete{} },
		"state-get":               func() tool { return &stateGet{} },
		"state-set":               func() tool { return &stateSet{} },
		"status-get":              func() tool { return &statusGet{} },
		"status-set":              func() tool { return &statusSet{} },
	}
}

// runTool runs a hook tool and gives its exit code.
func runTool(w *world, name string) int {
	if err := journal(w, name); err != nil {
		return w.fail(err)
	}
	for _, variable := range []string{"JUJU_CONTEXT_ID", "JUJU_AGENT_SOCKET_ADDRESS", "JUJU_AGENT_SOCKET_NETWORK"} {
		if w.getenv(variable) == "" {
			return w.fail(fmt.Errorf("%s not set", variable))
		}
	}
	s, err := w.store()
	if err != nil {
		return w.fail(err)
	}
	err = s.update(func(st *State) error { return callTool(w, st, tools()[name]()) })
	if errors.Is(err, errHelp) {
		fmt.Fprintf(w.stdout, "Usage: %s\n", name)
		return 0
	}
	if err != nil {
		return w.fail(err)
	}
	return 0
}

func callTool(w *world, st *State, t tool) error {
	switch id := w.getenv("JUJU_CONTEXT_ID"); {
	case st.Running == nil:
		return errors.New("dial unix " + w.getenv("JUJU_AGENT_SOCKET_ADDRESS") + ": connect: no such file or directory")
	case id != st.Running.ContextID:
		return fmt.Errorf("bad request: wrong context ID; got %q", id)
	}
	var f flagSet
	if s, ok := t.(situated); ok {
		s.situate(w, st)
	}
	t.flags(&f)
	args, err := f.parse(w.args)
	if err != nil {
		return err
	}
	if err := t.init(args); err != nil {
		return err
	}
	return t.run(w, st)
}

// maxArgument is how much Linux passes as one argument, without its NUL. The
// double holds to it where tools run inside of the test.
const maxArgument = 131071

// journal notes the call, whatever comes of it.
func journal(w *world, name string) error {
	for _, arg := range w.args {
		if len(arg) > maxArgument {
			return fmt.Errorf("fork/exec %s: argument list too long", name)
		}
	}
	path := w.getenv(EnvJournal)
	if path == "" {
		return nil
	}
	line, err := json.Marshal(append([]string{name}, w.args...))
	if err != nil {
		return err
	}
	return appendTo(w.path(path), append(line, '\n'))
}

// readCalls reads lines of the journal.
func readCalls(lines []byte) (calls [][]string, err error) {
	for line := range bytes.Lines(lines) {
		var call []string
		if err := json.Unmarshal(line, &call); err != nil {
			return nil, err
		}
		calls = append(calls, call)
	}
	return calls, nil
}

// appendTo adds to a file in one write, which Linux keeps whole beside others.
func appendTo(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
