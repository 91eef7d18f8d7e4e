package page

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// today is the pages' clock in tests: fifteen minutes before what the recorded
// flows end at.
var today = time.Date(2029, 12, 31, 23, 45, 0, 0, time.UTC)

func renderer(t testing.TB, b Brand) *Renderer {
	t.Helper()
	r, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	r.now = func() time.Time { return today }
	return r
}

func parse(t testing.TB, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// elements gives the elements of the names within n, in order.
func elements(n *html.Node, names ...string) []*html.Node {
	var all []*html.Node
	for d := range n.Descendants() {
		for _, name := range names {
			if d.Type == html.ElementNode && d.Data == name {
				all = append(all, d)
			}
		}
	}
	return all
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// textOf gives the text within n.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.TrimSpace(b.String())
}
