package cli

import (
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// wording spells next steps as they are typed to a shell.
type wording struct {
	settings
	declared []spec.Action
}

// Param gives the flag of a parameter.
func (w wording) Param(name, value string) string {
	f := w.flag(name)
	switch {
	case f.File:
		return "--" + f.Name + " " + f.Value
	case f.Boolean() && value == "true":
		return "--" + f.Name
	case f.Boolean():
		return "--" + f.Name + "=" + quote(value)
	case strings.HasPrefix(value, "-"):
		return quote("--" + f.Name + "=" + value)
	default:
		return "--" + f.Name + " " + quote(value)
	}
}

// SetPassword names a file, which is the way to give a password by hand.
func (w wording) SetPassword(id string) string {
	return w.Command("reset-password", identityID, id, "password", "")
}

// Command gives the command line of an action, for the server of this one.
func (w wording) Command(action string, params ...string) string {
	words := []string{Program, action}
	for i := 0; i+1 < len(params); i += 2 {
		name, value := params[i], params[i+1]
		if (name == identityID || name == email) && !strings.HasPrefix(value, "-") {
			words = append(words, quote(value))
		} else {
			words = append(words, w.Param(name, value))
		}
	}
	switch {
	case w.endpointGiven && strings.Contains(w.endpoint, "@"):
		words = append(words, "--endpoint URL") // it may hold a password
	case w.endpointGiven:
		words = append(words, "--endpoint", quote(w.endpoint))
	}
	if w.caFile != "" {
		words = append(words, "--ca-file", quote(w.caFile))
	}
	return strings.Join(words, " ")
}

// flag gives the flag that any of the commands has for a parameter.
func (w wording) flag(param string) Flag {
	for _, a := range w.declared {
		if p, ok := a.Param(param); ok {
			return flagOf(p)
		}
	}
	return Flag{Name: param, Value: "VALUE"}
}

// plain are the characters that no shell gives a meaning to.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+:,./-="

// quote gives a word as a POSIX shell reads it back.
func quote(word string) string {
	special := func(r rune) bool { return !strings.ContainsRune(plain, r) }
	if word != "" && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
