package jujutest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parsePort gives a port as Juju prints it. TCP is meant where nothing is said.
func parsePort(text string) (string, error) {
	number, protocol, given := strings.Cut(strings.ToLower(text), "/")
	if !given {
		protocol = "tcp"
	}
	n, err := strconv.Atoi(number)
	switch {
	case protocol != "tcp" && protocol != "udp":
		return "", fmt.Errorf(`invalid protocol %q, expected "tcp" or "udp"`, protocol)
	case strings.Contains(number, "-"):
		return "", fmt.Errorf("jujutest: a model on Kubernetes has single ports, not %s", text)
	case err != nil:
		return "", fmt.Errorf("invalid port %q: %w", number, err)
	case n < 1 || n > 65535:
		return "", fmt.Errorf("port range bounds must be between 1 and 65535, got %d-%d", n, n)
	}
	return strconv.Itoa(n) + "/" + protocol, nil
}

// changePort is what open-port and close-port have in common.
type changePort struct{ port string }

func (t *changePort) flags(*flagSet) {}

func (t *changePort) init(args []string) (err error) {
	if len(args) == 0 {
		return usagef("no port or range specified")
	}
	if t.port, err = parsePort(args[0]); err != nil {
		return usage{err}
	}
	return none(args[1:])
}

func (t *changePort) change(st *State, open bool) {
	if st.Running.Changes.Ports == nil {
		st.Running.Changes.Ports = map[string]bool{}
	}
	st.Running.Changes.Ports[t.port] = open
}

type openPort struct{ changePort }

func (t *openPort) run(_ *world, st *State) error {
	t.change(st, true)
	return nil
}

type closePort struct{ changePort }

func (t *closePort) run(_ *world, st *State) error {
	t.change(st, false)
	return nil
}

type openedPorts struct{ out output }

func (t *openedPorts) flags(f *flagSet)         { t.out.flags(f, "smart", "yaml", "json") }
func (t *openedPorts) init(args []string) error { return none(args) }

// run shows what Juju has opened; what this hook asked for is not there yet.
func (t *openedPorts) run(w *world, st *State) error {
	return t.out.write(w, append([]string{}, st.Ports...))
}

// commitPorts opens and closes ports.
func (st *State) commitPorts(changes map[string]bool) {
	for port, open := range changes {
		st.Ports = slices.DeleteFunc(st.Ports, func(p string) bool { return p == port })
		if open {
			st.Ports = append(st.Ports, port)
		}
	}
	slices.Sort(st.Ports)
}
