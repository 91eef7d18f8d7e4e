package uitest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
)

// axNode is an element as a screen reader has it. It is read by hand: the
// protocol's own types refuse what a newer browser adds.
type axNode struct {
	ID       string   `json:"nodeId"`
	Ignored  bool     `json:"ignored"`
	Role     axValue  `json:"role"`
	Name     axValue  `json:"name"`
	ParentID string   `json:"parentId"`
	ChildIDs []string `json:"childIds"`
	Backend  int64    `json:"backendDOMNodeId"`
}

type axValue struct {
	Value any `json:"value"`
}

func (v axValue) is(text string) bool {
	s, _ := v.Value.(string)
	return oneBlank(s) == text
}

// axTree is the page as a screen reader has it.
type axTree []axNode

func readTree(ctx context.Context) (axTree, error) {
	var got struct {
		Nodes axTree `json:"nodes"`
	}
	err := cdp.Execute(ctx, "Accessibility.getFullAXTree", nil, &got)
	return got.Nodes, err
}

// regions gives the parts of a page that have a name of their own.
func (t axTree) regions(name string) []axNode {
	return t.named(name, []string{"region", "form", "group", "main", "navigation", "Details"})
}

func (t axTree) named(name string, roles []string) []axNode {
	var found []axNode
	for _, n := range t {
		if !n.Ignored && n.Name.is(name) && slices.ContainsFunc(roles, n.Role.is) {
			found = append(found, n)
		}
	}
	return found
}

// find gives the elements with the role and the name, in the region unless that
// is "".
func (t axTree) find(region, name string, roles []string) []axNode {
	found := t.named(name, roles)
	if region == "" {
		return found
	}
	inside := map[string]bool{}
	for _, n := range t.regions(region) {
		t.mark(n, inside)
	}
	return slices.DeleteFunc(found, func(n axNode) bool { return !inside[n.ID] })
}

// mark adds a node and all below it.
func (t axTree) mark(n axNode, inside map[string]bool) {
	inside[n.ID] = true
	for _, below := range t {
		if below.ParentID == n.ID && !inside[below.ID] {
			t.mark(below, inside)
		}
	}
}

// names gives what of the roles there is, for the message that something is not.
func (t axTree) names(roles []string) []string {
	var all []string
	for _, n := range t {
		if s, ok := n.Name.Value.(string); ok && !n.Ignored && slices.ContainsFunc(roles, n.Role.is) {
			all = append(all, s)
		}
	}
	return all
}

// evaluate runs an expression in the page, which works with scripts off too.
func evaluate(ctx context.Context, expression string, into any) error {
	result, thrown, err := runtime.Evaluate(expression).WithReturnByValue(true).Do(ctx)
	if err != nil {
		return err
	}
	return value(result, thrown, into)
}

// callOn runs a function on an element.
func callOn(ctx context.Context, backend int64, function string, into any) error {
	var resolved struct {
		Object struct {
			ObjectID string `json:"objectId"`
		} `json:"object"`
	}
	if err := cdp.Execute(ctx, "DOM.resolveNode", element{backend}, &resolved); err != nil {
		return err
	}
	id := runtime.RemoteObjectID(resolved.Object.ObjectID)
	result, thrown, err := runtime.CallFunctionOn(function).WithObjectID(id).WithReturnByValue(true).Do(ctx)
	if err != nil {
		return err
	}
	return value(result, thrown, into)
}

func value(result *runtime.RemoteObject, thrown *runtime.ExceptionDetails, into any) error {
	if thrown != nil {
		return thrown
	}
	if into == nil {
		return nil
	}
	if len(result.Value) == 0 {
		return errors.New("the expression has no value")
	}
	return json.Unmarshal(result.Value, into)
}

// element names an element in requests of the protocol.
type element struct {
	Backend int64 `json:"backendNodeId"`
}
