package jujutest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// world is what a program of the double sees of its surroundings. Programs are
// given one, so that they also run inside of a test.
type world struct {
	args           []string // without the program's name
	env            []string
	dir            string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// exit runs a program in the real world and ends the process.
func exit(program func(*world) int) {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ERROR", err)
		os.Exit(1)
	}
	os.Exit(program(&world{
		args: os.Args[1:], env: os.Environ(), dir: dir,
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}))
}

// getenv gives the last value of a variable, as a shell would.
func (w *world) getenv(name string) string {
	value, _ := w.lookup(name)
	return value
}

func (w *world) lookup(name string) (value string, found bool) {
	for _, kv := range w.env {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			value, found = v, true
		}
	}
	return value, found
}

// path makes a path that the program was given absolute.
func (w *world) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.dir, name)
}

// store gives the place where the state is kept.
func (w *world) store() (store, error) {
	path := w.getenv(EnvState)
	if path == "" {
		return store{}, errors.New("jujutest: " + EnvState + " is not set")
	}
	return store{path: w.path(path), unit: w.getenv(EnvUnit)}, nil
}

// fail prints an error as Juju's programs do and gives the exit code: 2 for a
// command line that cannot be, 1 for one that was carried out and failed.
func (w *world) fail(err error) int {
	fmt.Fprintf(w.stderr, "ERROR %s\n", err)
	var u usage
	if errors.As(err, &u) {
		return 2
	}
	return 1
}

// usage is a command line that cannot be.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }
