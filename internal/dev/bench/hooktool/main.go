// Command hooktool stands in for Juju's hook tools in the benchmark: a small
// program that, like theirs, is started by its tool's name. It answers at once,
// so that what is measured beside it is the caller.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	switch filepath.Base(os.Args[0]) {
	case "action-get":
	case "action-fail":
		fmt.Fprintln(os.Stderr, os.Args[1:])
		os.Exit(1) // so that a failed action is not measured as a fast one
	default:
		return
	}
	id := os.Getenv("BENCH_IDENTITY")
	if len(os.Args) > 1 && os.Args[1] == "identity-id" {
		fmt.Println(id)
		return
	}
	fmt.Printf("{\"identity-id\": %q}\n", id)
}
