package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

const actionsIntro = `The agent carries out these actions under Juju (` + "`juju run kratos/0 ACTION NAME=VALUE ...`" + `) and by hand
(` + "`kratos-agent ACTION ...`" + `), with the same parameters and the same results. What all commands share by hand (flags,
output, errors, exit codes) is in [the command line](cli.md).`

const peopleIntro = `An action on a person takes exactly one of these two. By hand the person can stand alone, without a flag.
An address that is only in traits, or only for recovery or verification, cannot be looked up.`

// actionsReference is the page about the declared actions.
func actionsReference(declared []spec.Action) (string, error) {
	p := newPage("Actions", actionsIntro)
	people := person(declared)
	p.heading("Naming a person")
	p.text(peopleIntro)
	p.parameters(people, cli.Commands([]spec.Action{people})[0])
	for i, c := range cli.Commands(declared) {
		a := declared[i]
		p.heading(a.Name)
		p.text(a.Description)
		underJuju, byHand, err := examples(a, c)
		if err != nil {
			return "", err
		}
		p.code("sh", underJuju+"\n"+byHand)
		if about(a, people) {
			p.WriteString("\nIt is about [a person](#naming-a-person).\n")
		}
		p.parameters(without(a, c, people))
		p.results(a.Results)
	}
	return p.String(), nil
}

// person gives the parameters that name a person as an action of their own.
func person(declared []spec.Action) (named spec.Action) {
	for _, a := range declared {
		id, byID := a.Param("identity-id")
		email, byEmail := a.Param("email")
		if byID && byEmail {
			named.Params = []spec.Param{id, email}
			break
		}
	}
	return named
}

// about tells whether the action takes its person as these do.
func about(a, people spec.Action) bool {
	return slices.ContainsFunc(people.Params, func(p spec.Param) bool { return same(a, p) })
}

func same(a spec.Action, p spec.Param) bool {
	have, ok := a.Param(p.Name)
	return ok && have.Description == p.Description
}

// without leaves out the parameters that are explained once for all.
func without(a spec.Action, c cli.Command, people spec.Action) (spec.Action, cli.Command) {
	var params []spec.Param
	var flags []cli.Flag
	for _, p := range a.Params {
		if !same(people, p) {
			params, flags = append(params, p), append(flags, flagFor(c, p))
		}
	}
	a.Params, c.Flags = params, flags
	return a, c
}

// flagFor gives the flag of a parameter. One that has none of its own is a flag
// of every command.
func flagFor(c cli.Command, p spec.Param) cli.Flag {
	for _, f := range c.Flags {
		if f.Param == p.Name {
			return f
		}
	}
	return cli.Flag{Name: p.Name}
}

// parameters writes the table of an action's parameters, if it has any.
func (p *page) parameters(a spec.Action, c cli.Command) {
	var rows [][]string
	for i, param := range a.Params {
		def := ""
		switch {
		case param.Required:
			def = "required"
		case param.Default != nil:
			def = code(fmt.Sprint(param.Default))
		}
		rows = append(rows, []string{
			code(param.Name), code("--" + c.Flags[i].Name), typeOf(param), def, cell(param.Description),
		})
	}
	if len(rows) > 0 {
		p.table([]string{"parameter", "by hand", "type", "default", ""}, rows)
	}
}

// results writes the table of what an action answers, if it is declared.
func (p *page) results(results []spec.Result) {
	var rows [][]string
	for _, r := range results {
		rows = append(rows, []string{code(r.Name), cell(r.Description)})
	}
	if len(rows) > 0 {
		p.table([]string{"result", ""}, rows)
	}
}

func typeOf(p spec.Param) string {
	switch {
	case len(p.Enum) > 0:
		return code(strings.Join(p.Enum, "|"))
	case p.Type() == spec.Object:
		return "JSON object"
	default:
		return string(p.Type())
	}
}

// samples are values to show parameters with. A required parameter, or the
// email, has one here or values to choose from.
func samples() map[string]string {
	return map[string]string{
		"email":         "alice@example.com",
		"username":      "alice",
		"credential-id": "google:110248495921238986420",
	}
}

// examples give the shortest command lines of an action.
func examples(a spec.Action, c cli.Command) (underJuju, byHand string, err error) {
	juju, hand := []string{"juju run kratos/0", a.Name}, []string{cli.Program, a.Name}
	for i, p := range a.Params {
		person := p.Name == "email" && c.Person != ""
		if !p.Required && !person {
			continue
		}
		value, ok := samples()[p.Name]
		if !ok && len(p.Enum) == 0 {
			return "", "", fmt.Errorf("there is no sample value for the parameter %s of %s", p.Name, a.Name)
		}
		if !ok {
			value = p.Enum[0]
		}
		juju = append(juju, p.Name+"="+value)
		if person {
			hand = slices.Insert(hand, 2, value)
		} else {
			hand = append(hand, "--"+c.Flags[i].Name, value)
		}
	}
	return strings.Join(juju, " "), strings.Join(hand, " "), nil
}
