package main

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const relationsIntro = `The endpoints of the charm: ` + "`juju integrate kratos:ENDPOINT APPLICATION:ENDPOINT`" + ` relates one,
` + "`juju remove-relation`" + ` with the same names ends it. What each brings and takes is in
[how to integrate](../how-to/integrate.md).

What a removed relation had contributed to Kratos' configuration goes with it.`

// endpoint is one of metadata.yaml.
type endpoint struct {
	name, role             string
	Interface, Description string
	Limit                  int
	Optional               *bool
}

// parseEndpoints reads the endpoints of a metadata.yaml: what it requires, what
// it provides, and those of the peers, each in the order of the file.
func parseEndpoints(doc []byte) (endpoints []endpoint, err error) {
	var declared struct{ Requires, Provides, Peers yaml.Node }
	if err := yaml.Unmarshal(doc, &declared); err != nil {
		return nil, fmt.Errorf("cannot parse the endpoints: %w", err)
	}
	for _, role := range []struct {
		name string
		node yaml.Node
	}{{"requires", declared.Requires}, {"provides", declared.Provides}, {"peers", declared.Peers}} {
		err := eachKey(&role.node, func(name string, value *yaml.Node) error {
			e := endpoint{name: name, role: role.name}
			err := value.Decode(&e)
			endpoints = append(endpoints, e)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot parse the endpoints: %w", err)
		}
	}
	return endpoints, nil
}

// relationsReference is the page about the endpoints.
func relationsReference(endpoints []endpoint) string {
	p := newPage("Relations", relationsIntro)
	var rows [][]string
	for _, e := range endpoints {
		rows = append(rows, []string{code(e.name), e.role, code(e.Interface), e.limit(), e.purpose()})
	}
	p.table([]string{"endpoint", "role", "interface", "limit", ""}, rows)
	return p.String()
}

// limit tells how many relations the endpoint can have.
func (e endpoint) limit() string {
	if e.Limit == 0 {
		return "none"
	}
	return strconv.Itoa(e.Limit)
}

func (e endpoint) purpose() string {
	switch {
	case e.role == "peers":
		return cell("The units among themselves: who leads, which version of Kratos migrated the database, how far a rotation of the secrets is. Juju makes it.")
	case e.Optional != nil && !*e.Optional:
		return "**Needed.** " + cell(strings.TrimSpace(e.Description))
	}
	return cell(strings.TrimSpace(e.Description))
}
