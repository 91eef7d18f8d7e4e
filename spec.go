// Package kratosagent embeds the charm's three declarations, which only the
// module's root can do. Package spec parses them.
package kratosagent

import _ "embed"

// Actions is actions.yaml.
//
//go:embed actions.yaml
var Actions []byte

// Metadata is metadata.yaml.
//
//go:embed metadata.yaml
var Metadata []byte

// Config is config.yaml.
//
//go:embed config.yaml
var Config []byte
