package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// columns is how wide a help text is.
const columns = 80

// About says in a sentence what the program is.
const About = "Operate Ory Kratos identities from the command line"

// Help is the help text of the program.
func Help(declared []spec.Action) string {
	var b strings.Builder
	b.WriteString(wrap("", About+"."))
	section(&b, "USAGE", "  "+Program+" COMMAND [flags] [IDENTITY-ID|EMAIL]\n")
	var list strings.Builder
	for _, c := range Commands(declared) {
		list.WriteString(entry(c.Name, c.Summary()+"."))
	}
	section(&b, "COMMANDS", list.String())
	list.Reset()
	for _, c := range Builtins() {
		list.WriteString(entry(c.Name, c.Summary+"."))
	}
	section(&b, "OTHER COMMANDS", list.String())
	section(&b, "COMMON FLAGS", flagList(CommonFlags()))
	list.Reset()
	for _, v := range Variables() {
		list.WriteString(entry(v.Name, v.Meaning))
	}
	section(&b, "ENVIRONMENT", list.String())
	section(&b, "EXIT STATUS", statusList())
	section(&b, "MORE", "  "+Program+" COMMAND --help shows the flags of a command.\n")
	return b.String()
}

// Help is the help text of the command.
func (c Command) Help() string {
	var b strings.Builder
	b.WriteString(wrap("", c.Description))
	section(&b, "USAGE", "  "+c.Synopsis()+"\n")
	if len(c.Flags) > 0 {
		section(&b, "FLAGS", flagList(c.Flags))
	}
	section(&b, "COMMON FLAGS", flagList(CommonFlags()))
	if len(c.Results) > 0 {
		section(&b, "RESULTS", resultList(c.Results))
	}
	section(&b, "EXIT STATUS", statusList())
	return b.String()
}

// Help is the help text of the command.
func (c Builtin) Help() string {
	var b strings.Builder
	b.WriteString(wrap("", c.text()))
	section(&b, "USAGE", "  "+c.Synopsis+"\n")
	if len(c.Flags) > 0 {
		section(&b, "FLAGS", flagList(c.Flags))
	}
	section(&b, "EXIT STATUS", statusList())
	return b.String()
}

// text is all that is said about the command.
func (c Builtin) text() string { return strings.TrimSpace(c.Summary + ".\n" + c.Description) }

func section(b *strings.Builder, title, body string) {
	fmt.Fprintf(b, "\n%s\n%s", title, body)
}

func flagList(flags []Flag) string {
	var b strings.Builder
	for _, f := range flags {
		b.WriteString(entry(f.Head(), f.Explanation()))
	}
	return b.String()
}

func resultList(results []spec.Result) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteString(entry(r.Name, r.Description))
	}
	return b.String()
}

// Head is the flag as it is typed, with what its value is called.
func (f Flag) Head() string { return strings.TrimSpace("--" + f.Name + " " + f.Value) }

// Explanation is the flag's usage with whether it is required, its default and
// its variable.
func (f Flag) Explanation() string {
	text := f.Usage
	switch {
	case f.Required:
		text += "\nRequired."
	case f.Default != "":
		text += "\nDefault: " + f.Default + "."
	}
	if f.Variable != "" {
		text += "\nEnvironment: " + f.Variable + "."
	}
	return text
}

func entry(head, body string) string {
	return "  " + head + "\n" + wrap("      ", body)
}

func statusList() string {
	var b strings.Builder
	for _, s := range Statuses() {
		head := fmt.Sprintf("  %-3d  ", s.Code)
		body := wrap(strings.Repeat(" ", len(head)), s.Meaning)
		b.WriteString(head + strings.TrimLeft(body, " "))
	}
	return b.String()
}

// wrap breaks each line of a text so that it fits, behind an indent.
func wrap(indent, text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		at := 0
		for word := range strings.FieldsSeq(line) {
			width := utf8.RuneCountInString(word)
			switch {
			case at == 0:
				b.WriteString(indent)
				at = len(indent)
			case at+1+width > columns:
				b.WriteString("\n" + indent)
				at = len(indent)
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += width
		}
		b.WriteByte('\n')
	}
	return b.String()
}
