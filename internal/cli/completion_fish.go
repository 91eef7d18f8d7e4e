package cli

import (
	"fmt"
	"strings"
)

func fish(commands []Command) string {
	var b strings.Builder
	b.WriteString("# fish completion for kratos-agent; print it with: kratos-agent completion fish\n\ncomplete -c kratos-agent -f\n")
	for _, c := range commands {
		fishCommand(&b, c.Name, c.Summary())
	}
	for _, c := range Builtins() {
		fishCommand(&b, c.Name, c.Summary)
	}
	b.WriteString("complete -c kratos-agent -l help -s h -d 'Show help'\n")
	b.WriteString("complete -c kratos-agent -n __fish_use_subcommand -l version -d 'Print the version'\n")
	fishFlags(&b, common(), CommonFlags())
	for _, c := range commands {
		fishFlags(&b, seen(c.Name), c.Flags)
	}
	for _, w := range Builtins() {
		fishFlags(&b, seen(w.Name), w.Flags)
	}
	fmt.Fprintf(&b, "complete -c kratos-agent%s -a %s\n", seen("help"), single(strings.Join(commandNames(commands), " ")))
	for _, w := range Builtins() {
		if w.words != nil {
			fmt.Fprintf(&b, "complete -c kratos-agent%s -a %s\n", seen(w.Name), single(strings.Join(w.words, " ")))
		}
	}
	return b.String()
}

func seen(command string) string {
	return " -n " + single("__fish_seen_subcommand_from "+command)
}

// common is the condition that common flags can stand here.
func common() string {
	var not []string
	for _, w := range Builtins() {
		if len(w.Flags) > 0 {
			not = append(not, w.Name)
		}
	}
	return " -n " + single("not __fish_seen_subcommand_from "+strings.Join(not, " "))
}

func fishCommand(b *strings.Builder, name, summary string) {
	fmt.Fprintf(b, "complete -c kratos-agent -n __fish_use_subcommand -a %s -d %s\n", name, fishQuote(summary))
}

func fishFlags(b *strings.Builder, condition string, flags []Flag) {
	for _, f := range flags {
		fmt.Fprintf(b, "complete -c kratos-agent%s -l %s", condition, f.Name)
		switch {
		case f.File:
			b.WriteString(" -r -F")
		case len(f.Enum) > 0:
			b.WriteString(" -x -a " + single(strings.Join(f.Enum, " ")))
		case !f.Boolean():
			b.WriteString(" -x")
		}
		fmt.Fprintf(b, " -d %s\n", fishQuote(f.brief()))
	}
}

// fishQuote quotes a text as fish does, where a backslash counts inside quotes.
func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
