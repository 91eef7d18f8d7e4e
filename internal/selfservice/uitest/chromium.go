package uitest

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// chromium finds the browser, or skips the test.
func chromium(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testneed.Skip(tb, "no Chromium", "the pages are tested in a real browser", "apt-get install chromium")
	return ""
}

// flags are those that the rig needs beside chromedp's own.
func (r *Rig) flags() map[string]any {
	flags := map[string]any{
		"no-proxy-server": true,
		// The superuser's Chromium does not start within its sandbox.
		"no-sandbox":          os.Geteuid() == 0,
		"force-color-profile": "srgb",
		"lang":                "en-US",
	}
	if r.options.Siblings {
		flags["host-resolver-rules"] = "MAP *." + siblingDomain + " 127.0.0.1"
	}
	return flags
}

// startChromium starts a browser that ends with the test.
func startChromium(tb testing.TB, path string, flags map[string]any) context.Context {
	tb.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	for name, value := range flags {
		options = append(options, chromedp.Flag(name, value))
	}
	// The test's own context ends before its cleanup, which still asks the
	// browser.
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(tb.Context()), options...)
	browser, end := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	tb.Cleanup(func() {
		if err := chromedp.Cancel(browser); err != nil {
			tb.Errorf("cannot end Chromium: %v", err)
		}
		end()
		stop()
	})
	if err := chromedp.Run(browser); err != nil {
		tb.Fatalf("cannot start Chromium: %v", err)
	}
	return browser
}

// window opens a tab in a window that shares nothing with others.
func (r *Rig) window() (context.Context, context.CancelFunc) {
	r.tb.Helper()
	browser := cdp.WithExecutor(r.browser, chromedp.FromContext(r.browser).Browser)
	apart, err := target.CreateBrowserContext().Do(browser)
	if err != nil {
		r.tb.Fatalf("cannot open a window: %v", err)
	}
	// Chromium opens no tab where there is no window yet.
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(apart).WithNewWindow(true).Do(browser)
	if err != nil {
		r.tb.Fatalf("cannot open a window: %v", err)
	}
	ctx, cancel := chromedp.NewContext(r.browser, chromedp.WithTargetID(id))
	return ctx, func() {
		cancel()
		target.DisposeBrowserContext(apart).Do(browser)
	}
}
