package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// event is one line of "go test -json", as "go doc test2json" and, for the
// build, "go help buildjson" describe it.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// readEvents hands each event to handle, and each line that is none to other.
func readEvents(r io.Reader, handle func(event), other func(line []byte)) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				handle(e)
			} else {
				other(line)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
