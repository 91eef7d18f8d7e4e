package cli

import (
	"fmt"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// Manual gives the manual page, kratos-agent(1), in roff's man macros.
func Manual(declared []spec.Action) string {
	var b strings.Builder
	b.WriteString(".\\\" Made from the declared actions: kratos-agent man prints it.\n")
	b.WriteString(".TH KRATOS\\-AGENT 1 \"\" \"kratos\\-agent\" \"User Commands\"\n")
	fmt.Fprintf(&b, ".SH NAME\nkratos\\-agent \\- %s\n", roff(strings.ToLower(About[:1])+About[1:]))
	b.WriteString(".SH SYNOPSIS\n.B kratos\\-agent\n.I COMMAND\n[flags] [\\fIIDENTITY\\-ID\\fR|\\fIEMAIL\\fR]\n")
	b.WriteString(".SH DESCRIPTION\n" + paragraphs("The agent carries out operator actions on an Ory Kratos server, through its admin API. "+
		"The same actions are the charm's under Juju."))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range Commands(declared) {
		fmt.Fprintf(&b, ".SS %s\n.B %s\n.PP\n%s", roff(c.Name), roff(c.Synopsis()), paragraphs(c.Description))
		manFlags(&b, c.Flags)
		manResults(&b, c.Results)
	}
	for _, c := range Builtins() {
		fmt.Fprintf(&b, ".SS %s\n.B %s\n.PP\n%s", roff(c.Name), roff(c.Synopsis), paragraphs(c.text()))
		manFlags(&b, c.Flags)
	}
	b.WriteString(".SH COMMON FLAGS\n")
	manFlags(&b, CommonFlags())
	for _, t := range Topics() {
		fmt.Fprintf(&b, ".SH %s\n%s%s", roff(strings.ToUpper(t.Title)), paragraphs(t.Text), manExample(t.Example))
	}
	b.WriteString(".SH ENVIRONMENT\n")
	for _, v := range Variables() {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(v.Name), roff(v.Meaning))
	}
	b.WriteString(".SH EXIT STATUS\n")
	for _, s := range Statuses() {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", s.Code, roff(s.Meaning))
	}
	return b.String()
}

func manFlags(b *strings.Builder, flags []Flag) {
	for _, f := range flags {
		fmt.Fprintf(b, ".TP\n.B %s\n%s", roff(f.Head()), strings.ReplaceAll(paragraphs(f.Explanation()), ".PP\n", ".br\n"))
	}
}

func manResults(b *strings.Builder, results []spec.Result) {
	if len(results) > 0 {
		b.WriteString(".PP\nResults:\n")
	}
	for _, r := range results {
		fmt.Fprintf(b, ".TP\n.I %s\n%s", roff(r.Name), lines(r.Description))
	}
}

func manExample(text string) string {
	if text == "" {
		return ""
	}
	return ".PP\n.EX\n" + lines(text) + ".EE\n"
}

// paragraphs makes a paragraph of each line.
func paragraphs(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(lines(text), "\n"), "\n", "\n.PP\n") + "\n"
}

func lines(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(roff(line) + "\n")
	}
	return b.String()
}

// roff escapes a line: what begins with a dot or an apostrophe is a request.
func roff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}
