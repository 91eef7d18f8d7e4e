package main

import (
	"strconv"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

const cliIntro = "`kratos-agent COMMAND [flags] [IDENTITY-ID|EMAIL]`" + ` carries out one operator action on an Ory Kratos server,
through its admin API. Every command answers ` + "`--help`" + `. The manual page and the completion scripts for bash, zsh and fish are
in ` + "`contrib`" + `, and the program prints them itself.`

// cliReference is the page about what all commands have in common.
func cliReference(declared []spec.Action) (string, error) {
	p := newPage("The command line", cliIntro)
	p.heading("Commands")
	p.table([]string{"command", ""}, commands(declared))
	p.heading("Common flags")
	var rows [][]string
	for _, f := range cli.CommonFlags() {
		rows = append(rows, []string{code(f.Head()), cell(f.Default), cell(f.Usage)})
	}
	p.table([]string{"flag", "default", ""}, rows)
	for _, t := range cli.Topics() {
		p.heading(t.Title)
		p.text(t.Text)
		p.code("sh", t.Example)
	}
	p.heading("Environment")
	rows = nil
	for _, v := range cli.Variables() {
		rows = append(rows, []string{code(v.Name), cell(v.Meaning)})
	}
	p.table([]string{"variable", ""}, rows)
	p.heading("Exit status")
	rows = nil
	for _, s := range cli.Statuses() {
		rows = append(rows, []string{strconv.Itoa(s.Code), cell(s.Meaning)})
	}
	p.table([]string{"code", ""}, rows)
	return p.String(), nil
}

func commands(declared []spec.Action) (rows [][]string) {
	for _, c := range cli.Commands(declared) {
		rows = append(rows, []string{"[" + c.Name + "](actions.md#" + strings.ToLower(c.Name) + ")", cell(c.Summary() + ".")})
	}
	for _, b := range cli.Builtins() {
		head := code(b.Synopsis)
		if len(b.Flags) > 0 {
			head = "[" + b.Name + "](" + b.Name + ".md)"
		}
		rows = append(rows, []string{head, cell(b.Summary + ".")})
	}
	return rows
}
