package uitest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
)

// The roles of what is filled in, and of what is pressed.
var (
	fillable  = []string{"textbox", "searchbox", "spinbutton", "combobox"}
	pressable = []string{"button", "link", "checkbox", "radio"}
)

// find waits for the one element of the page, or of the region, with the name.
func (p *Page) find(name string, roles []string) axNode {
	p.tb.Helper()
	var found []axNode
	var there []string
	otherwise := func() string {
		where := ""
		if p.within != "" {
			where = fmt.Sprintf(" in %q", p.within)
		}
		return fmt.Sprintf("%d elements are called %q%s, want 1; there are %q", len(found), name, where, there)
	}
	p.await(otherwise, func(ctx context.Context) (bool, error) {
		t, err := readTree(ctx)
		if err != nil {
			return false, err
		}
		found, there = t.find(p.within, name, roles), t.names(roles)
		return len(found) == 1, nil
	})
	return found[0]
}

// Has tells whether the page, or the region, has something to fill in or to
// press with the name now.
func (p *Page) Has(name string) bool {
	p.tb.Helper()
	var has bool
	p.run("look for "+name, func(ctx context.Context) error {
		t, err := readTree(ctx)
		has = len(t.find(p.within, name, slices.Concat(fillable, pressable))) > 0
		return err
	})
	return has
}

// Fill types a value into the field with the label, in place of what is there.
func (p *Page) Fill(label, value string) {
	p.tb.Helper()
	field := p.find(label, fillable)
	var typed string
	p.run("fill in "+label, func(ctx context.Context) error {
		if err := p.goTo(ctx, field); err != nil {
			return err
		}
		if err := selectAll(ctx); err != nil {
			return err
		}
		if err := input.InsertText(value).Do(ctx); err != nil {
			return err
		}
		return callOn(ctx, field.Backend, "function() { return this.value }", &typed)
	})
	if typed != value {
		p.fatalf("the field %q does not take all that is typed", label)
	}
}

// Press presses the button or follows the link with the name, and waits for the
// page that comes of it where one does.
func (p *Page) Press(name string) {
	p.tb.Helper()
	target := p.find(name, pressable)
	var leads bool
	p.run("look at "+name, func(ctx context.Context) (err error) {
		leads, err = leadsOn(ctx, target)
		return err
	})
	if leads {
		p.loads("press "+name, func(ctx context.Context) error { return p.press(ctx, target) })
		return
	}
	p.run("press "+name, func(ctx context.Context) error { return p.press(ctx, target) })
}

// PressAndLeave presses a button whose script leads to another page.
func (p *Page) PressAndLeave(name string) {
	p.tb.Helper()
	target := p.find(name, pressable)
	p.loads("press "+name, func(ctx context.Context) error { return p.press(ctx, target) })
}

// Unfold opens what is folded away behind the words.
func (p *Page) Unfold(name string) {
	p.tb.Helper()
	target := p.find(name, []string{"DisclosureTriangle"})
	p.run("unfold "+name, func(ctx context.Context) error { return p.press(ctx, target) })
}

func (p *Page) press(ctx context.Context, target axNode) error {
	if !p.keyboard {
		return click(ctx, target)
	}
	if err := p.goTo(ctx, target); err != nil {
		return err
	}
	return key(ctx, "Enter", "\r", 13)
}

// leadsOn tells whether pressing the element leads to another document by
// itself, without a script.
func leadsOn(ctx context.Context, target axNode) (bool, error) {
	var leads bool
	err := callOn(ctx, target.Backend, `function() {
		const e = this.closest('a, button, input, summary') || this
		if (e.tagName === 'A') return e.hasAttribute('href') && !e.getAttribute('href').startsWith('#')
		return (e.tagName === 'BUTTON' || e.tagName === 'INPUT') && e.type === 'submit' && e.form !== null
	}`, &leads)
	return leads, err
}

// goTo puts the focus on the element: with the tab key where the person has no
// mouse, else by a click.
func (p *Page) goTo(ctx context.Context, target axNode) error {
	if !p.keyboard {
		return click(ctx, target)
	}
	return tabTo(ctx, target)
}

// click presses the mouse in the middle of the element, once that is in view.
func click(ctx context.Context, target axNode) error {
	if err := cdp.Execute(ctx, "DOM.scrollIntoViewIfNeeded", element{target.Backend}, nil); err != nil {
		return err
	}
	var got struct {
		Quads [][]float64 `json:"quads"`
	}
	if err := cdp.Execute(ctx, "DOM.getContentQuads", element{target.Backend}, &got); err != nil {
		return err
	}
	if len(got.Quads) == 0 || len(got.Quads[0]) != 8 {
		return errors.New("it takes no place on the page")
	}
	q := got.Quads[0]
	x, y := (q[0]+q[2]+q[4]+q[6])/4, (q[1]+q[3]+q[5]+q[7])/4
	for _, kind := range []input.MouseType{input.MouseMoved, input.MousePressed, input.MouseReleased} {
		event := input.DispatchMouseEvent(kind, x, y)
		if kind != input.MouseMoved {
			event = event.WithButton(input.Left).WithClickCount(1)
		}
		if err := event.Do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// selectAll selects what the focused field holds.
func selectAll(ctx context.Context) error {
	return input.DispatchKeyEvent(input.KeyRawDown).WithCommands([]string{"selectAll"}).Do(ctx)
}

// key presses a key and lets it go.
func key(ctx context.Context, name, text string, code int64) error {
	down := input.DispatchKeyEvent(input.KeyDown).WithKey(name).WithCode(name).WithText(text).WithWindowsVirtualKeyCode(code)
	if err := down.Do(ctx); err != nil {
		return err
	}
	return input.DispatchKeyEvent(input.KeyUp).WithKey(name).WithCode(name).WithWindowsVirtualKeyCode(code).Do(ctx)
}

// tabLimit is how many stops a page may have.
const tabLimit = 80

// tabTo presses the tab key until the focus is on the element.
func tabTo(ctx context.Context, target axNode) error {
	for range tabLimit {
		if err := key(ctx, "Tab", "", 9); err != nil {
			return err
		}
		at, err := focused(ctx)
		if err != nil {
			return err
		}
		if at.Backend == target.Backend {
			return at.seen()
		}
	}
	return errors.New("the tab key does not lead there")
}

// stop is where the focus is.
type stop struct {
	element
	outline string
}

func (s stop) seen() error {
	if s.outline == "" || strings.HasPrefix(s.outline, "none") || strings.HasSuffix(s.outline, " 0px") {
		return fmt.Errorf("the focus on it cannot be seen (outline %q)", s.outline)
	}
	return nil
}

func focused(ctx context.Context) (stop, error) {
	var got struct {
		Result struct {
			ObjectID string `json:"objectId"`
		} `json:"result"`
	}
	if err := cdp.Execute(ctx, "Runtime.evaluate", map[string]any{"expression": "document.activeElement"}, &got); err != nil {
		return stop{}, err
	}
	var described struct {
		Node element `json:"node"`
	}
	if err := cdp.Execute(ctx, "DOM.describeNode", map[string]any{"objectId": got.Result.ObjectID}, &described); err != nil {
		return stop{}, err
	}
	var outline string
	err := evaluate(ctx, "(s => s.outlineStyle + ' ' + s.outlineWidth)(getComputedStyle(document.activeElement))", &outline)
	return stop{described.Node, outline}, err
}
