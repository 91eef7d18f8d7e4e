package jujutest

import (
	"errors"
	"fmt"
)

// client is the juju command, as far as the double has it.
func client(w *world) int {
	commands := map[string]func(*world, store) error{
		"run":           runAction,
		"exec":          runExec,
		"add-secret":    addSecret,
		"update-secret": updateSecret,
		"remove-secret": removeSecret,
		"grant-secret":  grantSecret,
		"revoke-secret": revokeSecret,
		"show-secret":   showSecret,
	}
	if len(w.args) == 0 {
		return w.fail(usagef("jujutest: juju needs a command"))
	}
	command, known := commands[w.args[0]]
	if !known {
		return w.fail(usagef("jujutest: juju %s is not part of the double", w.args[0]))
	}
	s, err := w.store()
	if err != nil {
		return w.fail(err)
	}
	w.args = w.args[1:]
	err = command(w, s)
	if errors.Is(err, errHelp) {
		fmt.Fprintln(w.stdout, "Usage: juju")
		return 0
	}
	if err != nil {
		return w.fail(err)
	}
	return 0
}
