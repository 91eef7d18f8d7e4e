package main

import "strings"

const (
	passed  = "pass"
	failed  = "fail"
	skipped = "skip"
)

// test is one run of one test or subtest. Its outcome is empty while it runs,
// and stays so when the process ended first.
type test struct {
	name    string
	outcome string
	output  []string
	parent  bool
}

// pack is one package's run.
type pack struct {
	name        string
	outcome     string
	elapsed     float64
	cached      bool
	failedBuild string
	output      []string
	tests       []*test
	byName      map[string]*test
}

// count is what the closing line says.
type count struct{ passed, failed, skipped int }

func (c *count) add(other count) {
	c.passed += other.passed
	c.failed += other.failed
	c.skipped += other.skipped
}

func (p *pack) add(e event) {
	if e.Test == "" {
		p.addOwn(e)
		return
	}
	t := p.byName[e.Test]
	if t == nil || e.Action == "run" && t.outcome != "" {
		t = p.begin(e.Test)
	}
	switch e.Action {
	case "output":
		t.output = append(t.output, e.Output)
	case passed:
		t.outcome, t.output = passed, nil
	case failed, skipped:
		t.outcome = e.Action
	}
}

// begin notes a run. With -count a name runs again, and each run counts.
func (p *pack) begin(name string) *test {
	t := &test{name: name}
	p.tests = append(p.tests, t)
	p.byName[name] = t
	for at, c := range name {
		if above := p.byName[name[:at]]; c == '/' && above != nil {
			above.parent = true
		}
	}
	return t
}

func (p *pack) addOwn(e event) {
	switch e.Action {
	case "output":
		p.output = append(p.output, e.Output)
		p.cached = p.cached || strings.Contains(e.Output, "\t(cached)")
	case passed, failed, skipped:
		p.outcome, p.elapsed, p.failedBuild = e.Action, e.Elapsed, e.FailedBuild
	}
}

// count counts the leaves: a test with subtests is counted by them, and for
// itself only when it ended in a way in which none of them did. A test that
// did not end failed. So did a package that failed without a failing test.
func (p *pack) count() count {
	var c count
	for _, t := range p.tests {
		switch {
		case t.ended() == passed && !t.parent:
			c.passed++
		case t.ended() == failed && p.counts(t):
			c.failed++
		case t.ended() == skipped && p.counts(t):
			c.skipped++
		}
	}
	if p.outcome == failed && c.failed == 0 {
		c.failed++
	}
	return c
}

// counts says whether t is a leaf, or a parent whose outcome is its own.
func (p *pack) counts(t *test) bool {
	if !t.parent {
		return true
	}
	for _, other := range p.tests {
		if other.ended() == t.ended() && strings.HasPrefix(other.name, t.name+"/") {
			return false
		}
	}
	return true
}

// listed are the tests that count with this outcome.
func (p *pack) listed(outcome string) []*test {
	var out []*test
	for _, t := range p.tests {
		if t.ended() == outcome && p.counts(t) {
			out = append(out, t)
		}
	}
	return out
}

// ended is the outcome, asked when the package has ended.
func (t *test) ended() string {
	if t.outcome == "" {
		return failed
	}
	return t.outcome
}
