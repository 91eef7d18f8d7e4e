package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// report follows a stream of events, and says at its end what came of it.
type report struct {
	out    io.Writer
	module string // cut from the front of package names

	packs    map[string]*pack
	ended    []*pack
	building map[string][]string // output of each build, by import path
	shown    map[string]bool     // builds whose output was printed
}

func newReport(out io.Writer, module string) *report {
	return &report{
		out: out, module: module,
		packs: map[string]*pack{}, building: map[string][]string{}, shown: map[string]bool{},
	}
}

func (r *report) handle(e event) {
	switch {
	case e.Action == "build-output":
		r.building[e.ImportPath] = append(r.building[e.ImportPath], e.Output)
	case e.Package != "":
		p := r.packs[e.Package]
		if p == nil {
			p = &pack{name: e.Package, byName: map[string]*test{}}
			r.packs[e.Package] = p
		}
		p.add(e)
		if p.outcome != "" {
			r.end(p)
		}
	}
}

// end prints what is known of a package that has ended.
func (r *report) end(p *pack) {
	delete(r.packs, p.name)
	r.ended = append(r.ended, p)
	if p.outcome == failed {
		r.failures(p)
	}
	fmt.Fprintln(r.out, r.line(p))
}

func (r *report) line(p *pack) string {
	mark := map[string]string{passed: "ok   ", failed: "FAIL ", skipped: "?    "}[p.outcome]
	c, notes := p.count(), []string{}
	switch {
	case p.failedBuild != "":
		notes = append(notes, "does not build")
	case len(p.tests) == 0:
		notes = append(notes, "no tests")
	default:
		notes = append(notes, fmt.Sprintf("%d passed", c.passed))
	}
	if c.failed > 0 && p.failedBuild == "" {
		notes = append(notes, fmt.Sprintf("%d failed", c.failed))
	}
	if c.skipped > 0 {
		notes = append(notes, fmt.Sprintf("%d skipped", c.skipped))
	}
	took := fmt.Sprintf("%.1fs", p.elapsed)
	if p.cached {
		took = "cached"
	}
	return fmt.Sprintf("%s %-7s %s (%s)", mark, took, r.short(p.name), strings.Join(notes, ", "))
}

func (r *report) failures(p *pack) {
	if p.failedBuild != "" && !r.shown[p.failedBuild] {
		r.shown[p.failedBuild] = true
		r.print(r.building[p.failedBuild])
	}
	for _, t := range p.tests {
		if t.ended() == failed {
			r.print(t.output)
		}
		if t.outcome == "" {
			fmt.Fprintf(r.out, "--- FAIL: %s (did not end)\n", t.name)
		}
	}
	r.print(p.output)
}

// noise are the lines that only frame the output of others.
var noise = regexp.MustCompile(`^(=== (RUN|PAUSE|CONT|NAME)\s|(PASS|FAIL|ok)(\s|$)|\?\s)`)

func (r *report) print(lines []string) {
	for _, line := range lines {
		if !noise.MatchString(line) {
			fmt.Fprint(r.out, line)
		}
	}
}

// finish prints the summary and says whether all is well: every test that ran
// passed, and at least one ran. status is the exit status of the command that
// the events came from.
func (r *report) finish(status int) bool {
	r.abandon()
	r.listFailed()
	r.listSkipped()
	var total count
	for _, p := range r.ended {
		total.add(p.count())
	}
	switch {
	case status != 0 && total.failed == 0:
		fmt.Fprintf(r.out, "\nThe command ended with status %d although no test failed.\n", status)
		total.failed++
	case total.passed+total.failed == 0:
		fmt.Fprintln(r.out, "\nNo test ran.")
	}
	fmt.Fprintf(r.out, "\n%d passed, %d failed, %d skipped\n", total.passed, total.failed, total.skipped)
	return total.failed == 0 && total.passed > 0
}

// abandon ends the packages that the stream left open, as failed.
func (r *report) abandon() {
	var open []string
	for name := range r.packs {
		open = append(open, name)
	}
	slices.Sort(open)
	for _, name := range open {
		p := r.packs[name]
		p.outcome = failed
		r.end(p)
	}
}

func (r *report) listFailed() {
	title := "\nFailed:\n"
	for _, p := range r.ended {
		if p.outcome != failed {
			continue
		}
		fmt.Fprint(r.out, title)
		title = ""
		tests := p.listed(failed)
		if len(tests) == 0 {
			fmt.Fprintf(r.out, "  %s\n", r.short(p.name))
		}
		for _, t := range tests {
			fmt.Fprintf(r.out, "  %s %s\n", r.short(p.name), t.name)
		}
	}
}

// listSkipped prints each reason once, with the tests that gave it.
func (r *report) listSkipped() {
	var reasons []string
	tests := map[string][]string{}
	for _, p := range r.ended {
		for _, t := range p.listed(skipped) {
			why := reason(t.output)
			if tests[why] == nil {
				reasons = append(reasons, why)
			}
			tests[why] = append(tests[why], r.short(p.name)+" "+t.name)
		}
	}
	for i, why := range reasons {
		if i == 0 {
			fmt.Fprintln(r.out, "\nSkipped:")
		}
		fmt.Fprintf(r.out, "  %s\n", strings.ReplaceAll(why, "; to enable: ", "\n    To enable: "))
		for _, name := range tests[why] {
			fmt.Fprintf(r.out, "    - %s\n", name)
		}
	}
}

var position = regexp.MustCompile(`^[\w.-]+\.go:\d+: `)

// reason is what a skipped test said last, without the place where it said it.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || noise.MatchString(line) || strings.HasPrefix(line, "--- ") {
			continue
		}
		if at := position.FindString(line); at != "" {
			said, line = nil, strings.TrimPrefix(line, at)
		}
		said = append(said, line)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

func (r *report) short(name string) string {
	if name == r.module {
		return "."
	}
	return strings.TrimPrefix(name, r.module+"/")
}
