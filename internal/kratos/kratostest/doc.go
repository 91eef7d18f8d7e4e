// Package kratostest runs a real Kratos for the tests and for the demo, and
// looks at it on ways of its own: plain HTTP against the admin API and the
// self-service flows, never through package kratos, so that it can tell when
// that package is wrong. Nothing here but the functions that take a testing.TB
// needs a test.
package kratostest
