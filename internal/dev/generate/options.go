package main

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

const optionsIntro = `The options of the charm: ` + "`juju config kratos NAME=VALUE`" + ` sets one, ` + "`juju config kratos --reset NAME`" + `
gives it back its default, ` + "`juju config kratos`" + ` shows them all.

Options are checked before anything is touched. One that cannot be used makes the unit blocked, with the
option's name and the reason, and the Kratos that runs is left as it is.`

// option is one of config.yaml.
type option struct {
	name                       string
	Type, Description, Default string
}

// parseOptions reads the text of a config.yaml, in its order.
func parseOptions(doc []byte) (options []option, err error) {
	var declared struct{ Options yaml.Node }
	if err := yaml.Unmarshal(doc, &declared); err != nil {
		return nil, fmt.Errorf("cannot parse the options: %w", err)
	}
	err = eachKey(&declared.Options, func(name string, value *yaml.Node) error {
		o := option{name: name}
		err := value.Decode(&o)
		options = append(options, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot parse the options: %w", err)
	}
	return options, nil
}

// eachKey calls do for each key of a map, in the order of the file.
func eachKey(n *yaml.Node, do func(key string, value *yaml.Node) error) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if err := do(n.Content[i].Value, n.Content[i+1]); err != nil {
			return fmt.Errorf("%s: %w", n.Content[i].Value, err)
		}
	}
	return nil
}

// optionsReference is the page about the options. Of a description, what begins
// with a brace at the begin of a line is an example in JSON.
func optionsReference(options []option) string {
	p := newPage("Options", optionsIntro)
	for _, o := range options {
		p.heading(o.name)
		p.WriteString("\n" + o.Type + ", " + o.byDefault() + "\n")
		text, example, _ := strings.Cut(strings.TrimSpace(o.Description), "\n{")
		p.text(text)
		if example != "" {
			p.code("json", "{"+example)
		}
	}
	return p.String()
}

func (o option) byDefault() string {
	switch {
	case o.Default == "" && o.Type == "string":
		return "empty by default"
	case o.Default == "":
		return "unset by default"
	}
	return "by default " + code(o.Default)
}
