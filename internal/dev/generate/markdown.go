package main

import (
	"fmt"
	"regexp"
	"strings"
)

// generated stands at the head of every page.
const generated = "<!-- Made from the declarations by make generate. Change those, not this. -->\n\n"

// page collects a Markdown page.
type page struct{ strings.Builder }

// newPage begins a page. The introduction is Markdown.
func newPage(title, intro string) *page {
	p := &page{}
	p.WriteString(generated + "# " + title + "\n\n" + intro + "\n")
	return p
}

func (p *page) heading(text string) { fmt.Fprintf(p, "\n## %s\n", text) }

// text writes a paragraph for each line.
func (p *page) text(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.WriteString("\n" + prose(line) + "\n")
	}
}

func (p *page) code(language, text string) {
	if text != "" {
		fmt.Fprintf(p, "\n```%s\n%s\n```\n", language, text)
	}
}

// table writes a table; cells are Markdown.
func (p *page) table(head []string, rows [][]string) {
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	p.WriteString("\n")
	for _, row := range append([][]string{head, rule}, rows...) {
		fmt.Fprintf(p, "| %s |\n", strings.Join(row, " | "))
	}
}

// cell makes a text one that a table's cell can hold.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(prose(text))
}

// prose escapes what Markdown takes for markup in plain sentences, and marks
// flags up as code.
func prose(text string) string {
	text = strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "[", `\[`).Replace(text)
	return flagPattern().ReplaceAllString(text, "`$0`")
}

func flagPattern() *regexp.Regexp { return regexp.MustCompile(`--[a-z][a-z-]*(=[a-z]+)?`) }

// code marks a text up as code, in a cell or outside.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}
