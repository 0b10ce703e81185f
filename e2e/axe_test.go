package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// finding is one rule of axe that the page breaks.
type finding struct {
	ID     string `json:"id"`
	Help   string `json:"help"`
	Impact string `json:"impact"`
	Nodes  []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	} `json:"nodes"`
}

// String is the rule, and each place with what is wrong there.
func (f finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", f.ID, f.Impact, f.Help)
	for _, n := range f.Nodes {
		fmt.Fprintf(&b, "\n\t%s\n\t\t%s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n\t\t"))
	}
	return b.String()
}

// accessible fails the test if axe finds anything on the page as it is now.
func (p *page) accessible(state string) {
	p.t.Helper()
	for _, f := range p.axe() {
		p.t.Errorf("%s: axe found %s", state, f)
	}
}

// axe runs all rules of axe, WCAG and best practice, and returns what the page
// breaks. It runs in a world of its own, where the page's policy and names
// don't reach.
func (p *page) axe() []finding {
	p.t.Helper()
	source, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		p.t.Fatalf("axe is missing: run `npm ci --ignore-scripts` (%v)", err)
	}
	p.trouble.pause(true)
	defer p.trouble.pause(false)
	frame := call(p, cdppage.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
	world := call(p, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: frame, WorldName: "axe"}).ExecutionContextID
	in := func(e *runtime.EvaluateParams) { e.ContextID = world }

	ctx, cancel := context.WithTimeout(p.ctx, 3*patience) // it reads the whole page, many times
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(source), in)); err != nil {
		p.t.Fatalf("axe does not load: %v", err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]finding](
		`axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations)`, in, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("axe does not run: %v", err)
	}
	return found
}
