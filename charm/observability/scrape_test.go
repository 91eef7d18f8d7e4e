package observability_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scrape is what a server says at its address of metrics: the labels of each
// time series, by the metric.
type scrape map[string][]map[string]string

var (
	sample = regexp.MustCompile(`^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? \S+$`)
	label  = regexp.MustCompile(`([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"`)
)

func readScrape(text string) (scrape, error) {
	s := scrape{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("cannot read metrics: %q is no sample", line)
		}
		labels := map[string]string{}
		for _, pair := range label.FindAllStringSubmatch(m[2], -1) {
			labels[pair[1]] = pair[2]
		}
		s[m[1]] = append(s[m[1]], labels)
	}
	return s, nil
}

// faults says what of the query the scrape does not have.
func (s scrape) faults(query string) []string {
	found, err := selectors(query)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for _, sel := range found {
		faults = append(faults, s.missing(sel)...)
	}
	return faults
}

func (s scrape) missing(sel selector) (faults []string) {
	series, ok := s[sel.Metric]
	if sel.Metric == "up" { // made by Prometheus, without labels of Kratos
		series, ok = []map[string]string{{}}, true
	}
	if !ok {
		return []string{fmt.Sprintf("there is no metric %q", sel.Metric)}
	}
	names := slices.Clone(sel.By)
	for _, m := range sel.Matchers {
		names = append(names, m.Label)
	}
	for _, n := range names {
		has := func(labels map[string]string) bool { _, ok := labels[n]; return ok }
		if !fromJuju(n) && !slices.ContainsFunc(series, has) {
			faults = append(faults, fmt.Sprintf("%s has no label %q", sel.Metric, n))
		}
	}
	if faults == nil && !slices.ContainsFunc(series, sel.takes) {
		faults = append(faults, fmt.Sprintf("no series of %s is as %v wants it", sel.Metric, sel.Matchers))
	}
	return faults
}

// fromJuju tells that Prometheus' charm puts the label on what it scrapes.
func fromJuju(label string) bool {
	return slices.Contains([]string{"juju_model", "juju_model_uuid", "juju_application", "juju_charm", "juju_unit"}, label)
}

// takes tells that the series is selected, whatever its status: a test cannot
// make a server fail in each way that is watched for.
func (sel selector) takes(labels map[string]string) bool {
	for _, m := range sel.Matchers {
		if fromJuju(m.Label) || m.Label == "code" {
			continue
		}
		pattern := m.Value
		if m.Op == "=" || m.Op == "!=" {
			pattern = regexp.QuoteMeta(pattern)
		}
		equal := regexp.MustCompile("^(?:" + pattern + ")$").MatchString(labels[m.Label])
		if equal != (m.Op == "=" || m.Op == "=~") {
			return false
		}
	}
	return true
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s, err := readScrape(`# TYPE requests_total counter
requests_total{code="200",endpoint="/login",method="post"} 1
requests_total{code="200",endpoint="/a\"{b}",method="get"} 2
seconds_bucket{le="+Inf"} 1
goroutines 7
`)
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`rate(requests_total{endpoint="/login", code=~"5.."}[5m])`: "",
		`sum by (le, juju_unit) (seconds_bucket{juju_model="m"})`:  "",
		`goroutines / up{juju_charm="kratos"}`:                     "",
		`rate(request_total[5m])`:                                  `no metric "request_total"`,
		`sum by (le) (requests_total)`:                             `requests_total has no label "le"`,
		`requests_total{status="200"}`:                             `requests_total has no label "status"`,
		`requests_total{juju_app="kratos"}`:                        `no label "juju_app"`,
		`requests_total{method="POST"}`:                            "no series",
		`requests_total{method="get", endpoint="/login"}`:          "no series",
		`requests_total{endpoint=~"/log"}`:                         "no series",
		`requests_total{endpoint!~"/.*"}`:                          "no series",
		`up{code="200"}`:                                           `up has no label "code"`,
		`sum(goroutines) / count(goroutine)`:                       `no metric "goroutine"`,
		`rte(goroutines[5m])`:                                      "cannot read",
	} {
		got := strings.Join(s.faults(query), "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}
