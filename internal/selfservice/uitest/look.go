package uitest

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// The ways in which a page is looked at.
const (
	light, dark  = "light", "dark"
	wide, narrow = 1280, 320 // CSS pixels
	height       = 800
)

type show struct {
	scheme string
	width  int64
}

func (s show) apply(ctx context.Context) error {
	if err := emulation.SetDeviceMetricsOverride(s.width, height, 1, false).Do(ctx); err != nil {
		return err
	}
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}}
	return emulation.SetEmulatedMedia().WithFeatures(features).Do(ctx)
}

// rest brings whatever moves or fades to where it ends.
const rest = "document.getAnimations().forEach(a => { try { a.finish() } catch { a.cancel() } })"

// measure looks over the page as it is shown and gives what is wrong with it.
//
//go:embed measure.js
var measure string

// Screenshot keeps a picture of the page, light or dark, 1280 or 320 pixels
// wide, and fails the test where the page, shown so, breaks a rule that can be
// measured: no sideways scroll, contrast, the size of targets, labels, headings,
// language, title.
func (p *Page) Screenshot(name, scheme string, width int64) {
	p.tb.Helper()
	file := filepath.Join(p.rig.dir, fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
	var faults []string
	p.run("picture "+name, func(ctx context.Context) error {
		if err := (show{scheme, width}).apply(ctx); err != nil {
			return err
		}
		if err := evaluate(ctx, rest, nil); err != nil {
			return err
		}
		picture, err := capture(ctx)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, picture, 0o644); err != nil {
			return err
		}
		return evaluate(ctx, measure, &faults)
	})
	if len(faults) > 0 {
		p.tb.Errorf("the page %s (%s, %d pixels wide):\n  %s", name, scheme, width, strings.Join(faults, "\n  "))
	}
}

// Look is [Page.Screenshot] in light and dark, wide and narrow.
func (p *Page) Look(name string) {
	p.tb.Helper()
	for _, scheme := range []string{light, dark} {
		for _, width := range []int64{narrow, wide} {
			p.Screenshot(name, scheme, width)
		}
	}
	p.run("show the page as before", show{light, wide}.apply)
}

// margins gives where headings and the brand begin, each place once.
const margins = `[...new Set([...document.querySelectorAll("h1, h2, .brand")].filter(e => e.checkVisibility()).map(e => Math.round(e.getBoundingClientRect().left)))]`

// Print keeps a picture of the page as a printer would have it, and gives the
// text that it then shows. It fails the test where the brand and the headings
// are out of line.
func (p *Page) Print(name string) string {
	p.tb.Helper()
	var text string
	var left []int
	p.run("print "+name, func(ctx context.Context) error {
		if err := emulation.SetEmulatedMedia().WithMedia("print").Do(ctx); err != nil {
			return err
		}
		if err := evaluate(ctx, rest, nil); err != nil {
			return err
		}
		picture, err := capture(ctx)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(p.rig.dir, name+"-print.png"), picture, 0o644); err != nil {
			return err
		}
		if err := evaluate(ctx, margins, &left); err != nil {
			return err
		}
		return evaluate(ctx, "document.body.innerText", &text)
	})
	if len(left) > 1 {
		p.tb.Errorf("printed, the page %s begins at %d pixels from the left", name, left)
	}
	p.run("show the page as before", show{light, wide}.apply)
	return oneBlank(text)
}

// capture pictures the whole page, not only what fits into the window.
func capture(ctx context.Context) ([]byte, error) {
	return page.CaptureScreenshot().WithCaptureBeyondViewport(true).Do(ctx)
}
