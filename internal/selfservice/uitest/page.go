package uitest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// How long a page may take to show what is waited for, and how often is looked.
const (
	stepLimit = 15 * time.Second
	look      = 20 * time.Millisecond
)

// Page is one tab of a person's browser. Its methods fail the test when the
// page is not as they say.
type Page struct {
	tb       testing.TB
	rig      *Rig
	ctx      context.Context
	watch    *watch
	within   string // the name of the region to look in; "" for the page
	keyboard bool
	failed   *int // failures pictured so far
	patience time.Duration
}

// PageOption is how a person's browser differs.
type PageOption func(*pageOptions)

type pageOptions struct {
	scriptOff, keyboard bool
	languages           string
}

// Languages is a browser that asks for pages in other languages than English, as
// in the header Accept-Language.
func Languages(accept string) PageOption { return func(o *pageOptions) { o.languages = accept } }

// ScriptOff is a browser that runs no JavaScript.
func ScriptOff() PageOption { return func(o *pageOptions) { o.scriptOff = true } }

// Keyboard is a person without a mouse: what is filled in or pressed is gone to
// with the tab key, and the focus must be seen on every stop.
func Keyboard() PageOption { return func(o *pageOptions) { o.keyboard = true } }

// Page opens a window that shares nothing with others: another person's browser.
func (r *Rig) Page(tb testing.TB, options ...PageOption) *Page {
	tb.Helper()
	var o pageOptions
	for _, option := range options {
		option(&o)
	}
	r = r.For(tb)
	ctx, cancel := r.window()
	p := &Page{tb: tb, rig: r, ctx: ctx, watch: &watch{}, keyboard: o.keyboard, failed: new(int), patience: stepLimit}
	tb.Cleanup(func() {
		p.watch.report(tb, ctx)
		cancel()
	})
	p.watch.begin(tb, ctx)
	p.run("open a tab", func(ctx context.Context) error {
		if err := emulation.SetScriptExecutionDisabled(o.scriptOff).Do(ctx); err != nil {
			return err
		}
		if o.languages != "" {
			header := network.Headers{"Accept-Language": o.languages}
			if err := network.SetExtraHTTPHeaders(header).Do(ctx); err != nil {
				return err
			}
		}
		return show{scheme: light, width: wide}.apply(ctx)
	})
	return p
}

// In gives the page as far as the region with the name goes.
func (p *Page) In(region string) *Page {
	q := *p
	q.within = region
	return &q
}

// Within gives the page with another patience than 15 seconds for each step.
func (p *Page) Within(patience time.Duration) *Page {
	q := *p
	q.patience = patience
	return &q
}

// Tolerate lets the browser complain in words that hold the text.
func (p *Page) Tolerate(text string) { p.watch.tolerate(text) }

// Open goes to an address: a path is one of the server under test.
func (p *Page) Open(to string) {
	p.tb.Helper()
	if strings.HasPrefix(to, "/") {
		to = p.rig.URL + to
	}
	p.loads("open "+shown(to), func(ctx context.Context) error {
		_, _, reason, _, err := page.Navigate(to).Do(ctx)
		if err == nil && reason != "" {
			err = fmt.Errorf("%s", reason)
		}
		return err
	})
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.tb.Helper()
	p.loads("reload", func(ctx context.Context) error { return page.Reload().Do(ctx) })
}

// URL is where the page is.
func (p *Page) URL() *url.URL {
	p.tb.Helper()
	var at string
	p.run("read the address", func(ctx context.Context) error { return evaluate(ctx, "location.href", &at) })
	u, err := url.Parse(at)
	if err != nil {
		p.fatalf("the address: %v", err)
	}
	return u
}

// WantPath waits until the page is at the path. A host before it
// ("127.0.0.1:1234/authorize") is compared too.
func (p *Page) WantPath(path string) {
	p.tb.Helper()
	expression := "location.pathname"
	if !strings.HasPrefix(path, "/") {
		expression = "location.host + location.pathname"
	}
	var at string
	p.await(func() string { return fmt.Sprintf("the page is at %q, want %q", at, path) }, func(ctx context.Context) (bool, error) {
		err := evaluate(ctx, expression, &at)
		return at == path, err
	})
}

// WantText waits until the page, or the region, shows the text. White space
// counts as one blank.
func (p *Page) WantText(text string) {
	p.tb.Helper()
	p.await(func() string { return fmt.Sprintf("it does not say %q", text) }, func(ctx context.Context) (bool, error) {
		shown, err := p.text(ctx)
		return strings.Contains(shown, text), err
	})
}

// WantNoText fails where the page, or the region, shows the text now.
func (p *Page) WantNoText(text string) {
	p.tb.Helper()
	if strings.Contains(p.Text(), text) {
		p.fatalf("it says %q", text)
	}
}

// WantStatus fails unless the page came with the HTTP status.
func (p *Page) WantStatus(status int) {
	p.tb.Helper()
	if got := p.watch.lastStatus(); got != status {
		p.fatalf("the page came with status %d, want %d", got, status)
	}
}

// Text gives what the page, or the region, shows.
func (p *Page) Text() string {
	p.tb.Helper()
	var text string
	p.run("read the page", func(ctx context.Context) (err error) {
		text, err = p.text(ctx)
		return err
	})
	return text
}

func (p *Page) text(ctx context.Context) (string, error) {
	var text string
	if p.within == "" {
		err := evaluate(ctx, "document.body ? document.body.innerText : ''", &text)
		return oneBlank(text), err
	}
	t, err := readTree(ctx)
	if err != nil {
		return "", err
	}
	regions := t.regions(p.within)
	if len(regions) != 1 {
		return "", nil
	}
	err = callOn(ctx, regions[0].Backend, "function() { return this.innerText }", &text)
	return oneBlank(text), err
}

// Texts gives what the elements show that a CSS selector finds.
func (p *Page) Texts(selector string) []string {
	p.tb.Helper()
	quoted, err := json.Marshal(selector)
	if err != nil {
		p.tb.Fatal(err)
	}
	var all []string
	p.run("read "+selector, func(ctx context.Context) error {
		return evaluate(ctx, "Array.from(document.querySelectorAll("+string(quoted)+"), e => e.innerText.trim())", &all)
	})
	return all
}

func oneBlank(text string) string { return strings.Join(strings.Fields(text), " ") }

// run does something in the browser, within the limit of a step.
func (p *Page) run(doing string, do func(context.Context) error) {
	p.tb.Helper()
	if err := p.try(do); err != nil {
		p.fatalf("cannot %s: %v", doing, err)
	}
}

func (p *Page) try(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(p.ctx, p.patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.ActionFunc(do))
}

// await looks until it is so. An error is no answer: the page may be on its way
// to another.
func (p *Page) await(otherwise func() string, so func(context.Context) (bool, error)) {
	p.tb.Helper()
	if err := p.try(func(ctx context.Context) error { return poll(ctx, so) }); err != nil {
		p.fatalf("%s (%v)", otherwise(), err)
	}
}

func poll(ctx context.Context, so func(context.Context) (bool, error)) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		ok, err := so(ctx)
		if ok && err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = ctx.Err()
			}
			return err
		case <-tick.C:
		}
	}
}

// loads does what leads to another document, and waits until it is there.
func (p *Page) loads(doing string, do func(context.Context) error) {
	p.tb.Helper()
	p.run(doing, func(ctx context.Context) error {
		before, err := document(ctx)
		if err != nil {
			return err
		}
		if err := do(ctx); err != nil {
			return err
		}
		err = poll(ctx, func(ctx context.Context) (bool, error) {
			now, err := document(ctx)
			if err != nil || now == before {
				return false, err
			}
			var state string
			err = evaluate(ctx, "document.readyState", &state)
			return state == "complete", err
		})
		if err != nil {
			return fmt.Errorf("no other page came of it: %w", err)
		}
		return nil
	})
}

// document names the document that the tab shows.
func document(ctx context.Context) (string, error) {
	var got struct {
		FrameTree struct {
			Frame struct {
				LoaderID string `json:"loaderId"`
			} `json:"frame"`
		} `json:"frameTree"`
	}
	err := cdp.Execute(ctx, "Page.getFrameTree", nil, &got)
	return got.FrameTree.Frame.LoaderID, err
}

// fatalf ends the test with what the page shows, and a picture of it.
func (p *Page) fatalf(format string, args ...any) {
	p.tb.Helper()
	*p.failed++
	name := fmt.Sprintf("failure-%d", *p.failed)
	var at, text string
	p.try(func(ctx context.Context) error {
		evaluate(ctx, "location.origin + location.pathname", &at)
		evaluate(ctx, "document.body.innerText", &text)
		if picture, err := capture(ctx); err == nil {
			os.WriteFile(filepath.Join(p.rig.dir, name+".png"), picture, 0o644)
		}
		return nil
	})
	message := fmt.Sprintf(format, args...)
	p.tb.Fatalf("%s\nat %s (picture %s.png in %s), which says:\n%s", message, at, name, p.rig.dir, indent(text))
}

func indent(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	return "  | " + strings.Join(lines, "\n  | ")
}

// shown leaves out what may be a token.
func shown(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}
