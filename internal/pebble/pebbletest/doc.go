// Package pebbletest is a Pebble for tests: it answers on a unix socket as
// Pebble 1.32 does, and really runs the processes, asks the checks and keeps the
// files. It refuses what Pebble refuses. Package pebble's contract suite holds it
// to a real Pebble.
//
// It differs in this. The paths of files begin at [Double.Root]; so do those in
// the arguments of programs, where there is such a file. Users and groups are
// not changed for programs. Services know no requires, workload or shutdown,
// logs are not forwarded, and anyone at the socket may do anything.
package pebbletest
