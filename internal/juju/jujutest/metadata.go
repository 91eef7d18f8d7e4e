package jujutest

import (
	"errors"
	"fmt"

	"gopkg.in/yaml.v2" // the very parser that Juju reads charms with

	kratosagent "github.com/kratos-agent/kratos-agent"
)

// endpoint is one that the charm declares.
type endpoint struct {
	Interface string
	Limit     int
	peer      bool
}

// metadata is what the double needs of the charm's metadata.yaml.
type metadata struct {
	endpoints map[string]endpoint
	// resources are the names of the files of the resources, which an image
	// has none of.
	resources map[string]string
}

// metadata reads the charm's metadata.yaml.
func (s store) metadata() (metadata, error) {
	text, err := s.charmFile("metadata.yaml", kratosagent.Metadata)
	if err != nil {
		return metadata{}, err
	}
	return readMetadata(text)
}

func readMetadata(text []byte) (metadata, error) {
	var declared struct {
		Provides, Requires, Peers map[string]endpoint
		Resources                 map[string]struct{ Type, Filename string }
	}
	if err := yaml.Unmarshal(text, &declared); err != nil {
		return metadata{}, fmt.Errorf("jujutest: cannot read metadata.yaml: %w", err)
	}
	m := metadata{endpoints: map[string]endpoint{}, resources: map[string]string{}}
	for _, role := range []map[string]endpoint{declared.Provides, declared.Requires, declared.Peers} {
		for name, e := range role {
			_, e.peer = declared.Peers[name]
			if _, twice := m.endpoints[name]; twice {
				return metadata{}, fmt.Errorf("duplicated relation name: %q", name)
			}
			if e.Interface == "" {
				return metadata{}, errors.New("metadata: endpoint " + name + " has no interface")
			}
			m.endpoints[name] = e
		}
	}
	for name, r := range declared.Resources {
		m.resources[name] = r.Filename
	}
	return m, nil
}
