// Package kratos speaks to Kratos' admin API: the agent's own verbs and errors
// over github.com/ory/client-go, which it alone imports. client-go builds and
// sends the requests; answers are decoded here, since its models lose what
// Kratos can hold (metadata that is no object, big numbers).
package kratos
