package uitest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch keeps what the browser complains of in a tab.
type watch struct {
	mu        sync.Mutex
	faults    []string
	tolerated []string
	documents map[string]bool // addresses that were pages
	status    int64           // of the last page
	at        string          // the last page's address
}

// begin opens the tab, watched from its first page on.
func (w *watch) begin(tb testing.TB, ctx context.Context) {
	tb.Helper()
	w.documents = map[string]bool{}
	chromedp.ListenTarget(ctx, w.event)
	if err := chromedp.Run(ctx, audits.Enable()); err != nil {
		tb.Fatalf("cannot open a tab: %v", err)
	}
}

// event runs while the browser waits: it may not ask it anything.
func (w *watch) event(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			w.status, w.at = e.Response.Status, e.Response.URL
			w.documents[e.Response.URL] = true
		}
	case *runtime.EventExceptionThrown:
		w.add("script error", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if slices.Contains([]runtime.APIType{runtime.APITypeError, runtime.APITypeWarning, runtime.APITypeAssert}, e.Type) {
			w.add("console", said(e.Args))
		}
	case *log.EventEntryAdded:
		w.entry(e.Entry)
	case *audits.EventIssueAdded:
		w.issue(e.Issue)
	}
}

// entry is a message of the browser's own. That a page came with an error
// status is none: it is for the test to expect.
func (w *watch) entry(e *log.Entry) {
	if e.Level != log.LevelError && e.Level != log.LevelWarning {
		return
	}
	if e.Source == log.SourceNetwork && w.documents[e.URL] {
		return
	}
	w.add(string(e.Source), e.Text+" ("+shown(e.URL)+")")
}

// issue is what the browser's audits find: of the security policy, and of forms.
func (w *watch) issue(i *audits.InspectorIssue) {
	switch i.Code {
	case audits.InspectorIssueCodeContentSecurityPolicyIssue:
		d := i.Details.ContentSecurityPolicyIssueDetails
		w.add("security policy", fmt.Sprintf("%s is violated: %s %s", d.ViolatedDirective, d.ContentSecurityPolicyViolationType, shown(d.BlockedURL)))
	case audits.InspectorIssueCodeGenericIssue:
		d := i.Details.GenericIssueDetails
		w.add("audit", string(d.ErrorType)+" "+d.ViolatingNodeAttribute)
	default:
		w.add("audit", string(i.Code))
	}
}

// add keeps a complaint, once for each page.
func (w *watch) add(kind, text string) {
	fault := fmt.Sprintf("%s: %s (at %s)", kind, text, shown(w.at))
	if !slices.Contains(w.faults, fault) {
		w.faults = append(w.faults, fault)
	}
}

func said(args []*runtime.RemoteObject) string {
	var all []string
	for _, a := range args {
		if len(a.Value) > 0 {
			all = append(all, string(a.Value))
		} else {
			all = append(all, a.Description)
		}
	}
	return strings.Join(all, " ")
}

func (w *watch) tolerate(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tolerated = append(w.tolerated, text)
}

func (w *watch) lastStatus() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.status)
}

// found gives the complaints that the test does not tolerate.
func (w *watch) found() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.faults), func(fault string) bool {
		return slices.ContainsFunc(w.tolerated, func(text string) bool { return strings.Contains(fault, text) })
	})
}

// report fails the test for each complaint. The page is asked something first:
// what it had to say before comes before its answer.
func (w *watch) report(tb testing.TB, ctx context.Context) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Evaluate("0", nil)); err != nil {
		tb.Errorf("cannot ask the page: %v", err)
	}
	for _, fault := range w.found() {
		tb.Errorf("the browser complains: %s", fault)
	}
}
