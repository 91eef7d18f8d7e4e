// Package pebble talks to Pebble, the service manager of a workload container,
// over its unix socket: the layer, the services, the checks, the files and the
// commands run inside. It adds no policy to what Pebble does.
//
// What Pebble answers can hold secrets: a plan has every environment value of
// the services, the log of a change has their output. None of this becomes part
// of an error's text; [Detail] gives it to a caller who masks it.
package pebble

// DefaultSocket is where Juju puts the socket of the container kratos in the
// charm's own container.
const DefaultSocket = "/charm/containers/kratos/pebble.socket"

// SocketVariable is the environment variable that names another socket.
const SocketVariable = "PEBBLE_SOCKET"
