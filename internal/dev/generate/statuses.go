package main

import (
	"strings"

	"github.com/kratos-agent/kratos-agent/charm"
)

const statusesIntro = `What a unit says of itself in ` + "`juju status`" + `: the worst that was found, and of the same kind what was found first.
An active unit says all that it does without. Words in capitals stand for what differs.

` + "`error`" + ` is not among them: that is Juju's own word for a hook that exits with another code than 0. The charm does so where
Juju's own tools fail, and Juju runs the hook again; ` + "`juju debug-log`" + ` has the reason.

Where the example names another application than yours, or another charm on the other side, take yours.`

// statusesReference is the page about the statuses.
func statusesReference(notes []charm.StatusNote) string {
	p := newPage("Statuses", statusesIntro)
	var rows [][]string
	for _, n := range notes {
		rows = append(rows, []string{string(n.Status), literal(n.Text), cell(n.When), marked(n.Next)})
	}
	p.table([]string{"status", "text", "when", "what to do"}, rows)
	return p.String()
}

// literal marks a text up as code, whatever stands in it.
func literal(text string) string {
	switch {
	case text == "":
		return "(no text)"
	case strings.Contains(text, "`"):
		return "`` " + strings.ReplaceAll(text, "|", `\|`) + " ``"
	}
	return code(text)
}

// marked gives a text in which code stands between backticks as a cell.
func marked(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			b.WriteString(code(part))
		} else {
			b.WriteString(cell(part))
		}
	}
	return b.String()
}
