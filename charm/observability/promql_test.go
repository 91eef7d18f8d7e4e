package observability_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// selector is one place of a query that takes time series.
type selector struct {
	Metric   string
	Matchers []matcher
	// By are the labels by which the aggregations around it group.
	By []string
}

type matcher struct{ Label, Op, Value string }

// selectors reads a query. It knows the part of PromQL that the queries here
// are written in, and refuses everything else: what it does not understand it
// could not hold to a scrape.
func selectors(query string) ([]selector, error) {
	words, err := split(query)
	if err != nil {
		return nil, err
	}
	p := &parser{words: words}
	p.expression()
	if p.err == nil && p.peek() != "" {
		p.fail("the end")
	}
	if p.err != nil {
		return nil, fmt.Errorf("cannot read %q: %w", query, p.err)
	}
	return p.found, nil
}

var (
	word   = regexp.MustCompile(`^\s*([A-Za-z_:][A-Za-z0-9_:]*|[0-9.]+|"(?:[^"\\]|\\.)*"|\[(?:[0-9]+[smhd]|\$__\w+)\]|[<>=!]=|=~|!~|[-+*/<>=(){},])`)
	name   = regexp.MustCompile(`^[A-Za-z_:]`)
	number = regexp.MustCompile(`^[0-9.]`)
)

func split(query string) ([]string, error) {
	var words []string
	for rest := strings.TrimSpace(query); rest != ""; {
		m := word.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("cannot read %q: no word begins at %q", query, rest)
		}
		words = append(words, m[1])
		rest = strings.TrimSpace(rest[len(m[0]):])
	}
	return words, nil
}

type parser struct {
	words []string
	at    int
	found []selector
	err   error
}

// peek gives the next word; nothing at the end, and after an error.
func (p *parser) peek() string {
	if p.err != nil || p.at >= len(p.words) {
		return ""
	}
	return p.words[p.at]
}

func (p *parser) next() string {
	w := p.peek()
	p.at++
	return w
}

func (p *parser) fail(want string) {
	if p.err == nil {
		p.err = errors.New("want " + want + " at " + strings.Join(p.words[min(p.at, len(p.words)):], " "))
	}
}

func (p *parser) expect(w string) {
	if p.peek() != w {
		p.fail(w)
	}
	p.next()
}

// expression takes no note of which operator binds closer: it makes no
// difference to what the query selects.
func (p *parser) expression() {
	operators := []string{"+", "-", "*", "/", "<", ">", "<=", ">=", "==", "!=", "and", "or", "unless"}
	p.operand()
	for slices.Contains(operators, p.peek()) {
		p.next()
		p.operand()
	}
}

func (p *parser) operand() {
	aggregations := []string{"sum", "count", "min", "max", "avg", "topk"}
	functions := []string{"rate", "changes", "histogram_quantile", "time", "vector"}
	switch w := p.peek(); {
	case number.MatchString(w):
		p.next()
	case w == "(":
		p.arguments()
	case slices.Contains(aggregations, w):
		p.next()
		p.aggregation()
	case slices.Contains(functions, w):
		p.next()
		p.arguments()
	case name.MatchString(w):
		p.series()
	default:
		p.fail("a metric, a function or a number")
	}
}

func (p *parser) aggregation() {
	var by []string
	if p.peek() == "by" {
		p.next()
		by = p.names()
	}
	first := len(p.found)
	p.arguments()
	for i := range p.found[first:] {
		p.found[first+i].By = append(p.found[first+i].By, by...)
	}
}

func (p *parser) arguments() {
	p.expect("(")
	for more := p.peek() != ")"; more; more = p.comma() {
		p.expression()
	}
	p.expect(")")
}

// comma takes a comma if there is one.
func (p *parser) comma() bool {
	is := p.peek() == ","
	if is {
		p.next()
	}
	return is
}

func (p *parser) names() (names []string) {
	p.expect("(")
	for more := true; more; more = p.comma() {
		names = append(names, p.name())
	}
	p.expect(")")
	return names
}

func (p *parser) name() string {
	if !name.MatchString(p.peek()) {
		p.fail("a name")
	}
	return p.next()
}

func (p *parser) series() {
	s := selector{Metric: p.name()}
	if p.peek() == "{" {
		p.next()
		for more := true; more; more = p.comma() {
			s.Matchers = append(s.Matchers, p.matcher())
		}
		p.expect("}")
	}
	if strings.HasPrefix(p.peek(), "[") {
		p.next()
	}
	p.found = append(p.found, s)
}

func (p *parser) matcher() matcher {
	m := matcher{Label: p.name()}
	if !slices.Contains([]string{"=", "!=", "=~", "!~"}, p.peek()) {
		p.fail("a comparison")
	}
	m.Op = p.next()
	if !strings.HasPrefix(p.peek(), `"`) {
		p.fail("a string")
	}
	m.Value = strings.Trim(p.next(), `"`)
	return m
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	a := selector{Metric: "a"}
	for query, want := range map[string][]selector{
		"a":                         {a},
		"a / b > 0.5":               {a, {Metric: "b"}},
		"(sum(a) or vector(0)) / b": {a, {Metric: "b"}},
		"time() - a":                {a},
		"rate(a[5m])":               {a},
		"changes(a[$__range])":      {a},
		`a{x="1", y!~"b|c"}[5m]`:    {{Metric: "a", Matchers: []matcher{{"x", "=", "1"}, {"y", "!~", "b|c"}}}},
		"histogram_quantile(0.9, sum by (le, x) (rate(a[5m]))) and b": {
			{Metric: "a", By: []string{"le", "x"}}, {Metric: "b"},
		},
		"topk(3, sum by (x) (a))": {{Metric: "a", By: []string{"x"}}},
	} {
		got, err := selectors(query)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", query, err, diff)
		}
	}
}

func TestSelectorsRefuses(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"", "a b", "sum(a", "a{", "a{x}", "a{x=1}", `a{x="1"`, "a[5 m]", "a[x]", "rte(a[5m])", "sum by x (a)", "a %", "a / ", "sum(a) by (x)",
		"%%juju_topology%%", "a offset 5m", "sum without (x) (a)", "(a))", "sum by () (a)",
	} {
		if got, err := selectors(query); err == nil {
			t.Errorf("%q is taken: %v", query, got)
		}
	}
}
