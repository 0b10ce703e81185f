package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for what a test waits for. It is long
// because the machine may be busy; nothing waits longer than it has to.
const patience = 45 * time.Second

// browser is one Chromium process, started when first needed.
type browser struct {
	once      sync.Once
	ctx       context.Context
	cancel    context.CancelFunc
	userAgent string
	err       error
}

// close ends the process, if there is one, and waits until it is gone.
func (b *browser) close() {
	if b.cancel == nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_ = chromedp.Cancel(ctx) // it ends with this process in any case
	b.cancel()
}

// chromium returns the path of the browser, or "" if there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// start starts the process: no sandbox, because CI runs as root, and nothing
// that asks the outside world for anything.
func (b *browser) start() {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium()),
		chromedp.Flag("headless", "new"),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("use-fake-device-for-media-stream", true),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	b.ctx, b.cancel = ctx, func() { cancel(); end() }
	version, err := chromedp.CallBrowser(ctx, cdpbrowser.GetVersion, cdp.Empty{})
	b.userAgent, b.err = version.UserAgent, err
}

// look is how a person sees a page. The zero value is a laptop, light, English.
type look struct {
	Width, Height int64  // CSS pixels; 0 means 1280 by 800
	Dark          bool   // what the system prefers
	Language      string // value of Accept-Language; "" means "en"
	Touch         bool   // a phone: fingers, and a viewport that scales
	NoScript      bool   // without JavaScript
	Still         bool   // prefers reduced motion
	Contrast      bool   // forced colours
}

// page is one window of the browser, with cookies of its own. Its methods fail
// the test if the page doesn't do what they say.
type page struct {
	t       *testing.T
	ctx     context.Context
	look    look
	trouble *trouble
}

// newPage opens a window. When the test ends it is closed, and the test fails
// if the page reported anything that it didn't expect (see page.expect).
func newPage(t *testing.T, l look) *page {
	t.Helper()
	if chromium() == "" {
		if os.Getenv("CI") == "" {
			t.Skip("Chromium is not installed; `make test` installs it")
		}
		t.Fatal("Chromium is not installed")
	}
	b := &shared.browser
	b.once.Do(b.start)
	if b.err != nil {
		t.Fatalf("the browser does not start: %v", b.err)
	}
	p := &page{t: t, look: l, trouble: &trouble{}}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.trouble.listen))
	t.Cleanup(cancel)
	t.Cleanup(func() {
		for _, line := range p.trouble.unexpected() {
			t.Errorf("the page reported: %s", line)
		}
	})
	p.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // without a deadline: it would be the window's
		t.Fatalf("no window opens: %v", err)
	}
	call(p, audits.Enable, cdp.Empty{})
	p.emulate(l, b.userAgent)
	return p
}

// emulate makes the window show pages as l says.
func (p *page) emulate(l look, userAgent string) {
	p.t.Helper()
	if l.Width == 0 {
		l.Width, l.Height = 1280, 800
	}
	if l.Language == "" {
		l.Language = "en"
	}
	p.look = l
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: l.Width, Height: l.Height, DeviceScaleFactor: 1, Mobile: l.Touch,
	})
	// Several windows are used at once: each believes that it is the one in front.
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	call(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: l.Touch, MaxTouchPoints: 5})
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: userAgent, AcceptLanguage: l.Language})
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.NoScript})
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: pick(l.Dark, "dark", "light")},
		{Name: "prefers-reduced-motion", Value: pick(l.Still, "reduce", "no-preference")},
		{Name: "forced-colors", Value: pick(l.Contrast, "active", "none")},
	}})
}

// pick returns yes or no.
func pick(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// try sends one command of the protocol and returns its result, or why there
// is none: a page that is going away has no answers.
func try[P, R any](p *page, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}

// call is try for what must not fail.
func call[P, R any](p *page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	result, err := try(p, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// do runs steps in the page; what says what they are.
func (p *page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// open goes to the address and waits until the page is loaded.
func (p *page) open(url string) {
	p.t.Helper()
	p.do("opening "+url, chromedp.Navigate(url))
}

// reload loads the page again.
func (p *page) reload() {
	p.t.Helper()
	p.do("loading again", chromedp.Reload())
}

// idle waits until the page has done what it puts off until it has nothing better
// to do (static/js/idle.ts), and a little longer, for that may ask the browser.
func (p *page) idle() {
	p.t.Helper()
	eval[bool](p, `new Promise(done => requestIdleCallback(() => setTimeout(() => requestIdleCallback(() => done(true)), 100)))`)
}

// url returns the address of the page.
func (p *page) url() string {
	p.t.Helper()
	return eval[string](p, `location.href`)
}

// eval returns the value of a JavaScript expression in the page; a promise is
// waited for. It works also where the page runs no scripts of its own.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	for err != nil && strings.Contains(err.Error(), "Inspected target navigated or closed") && ctx.Err() == nil {
		v, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)) // the next page is asked
	}
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait returns as soon as done is true, and fails the test if it never is.
func (p *page) wait(what string, done func() bool) {
	p.t.Helper()
	p.waitUpTo(patience, what, done)
}

// waitUpTo is wait for what takes its time.
func (p *page) waitUpTo(limit time.Duration, what string, done func() bool) {
	p.t.Helper()
	for end := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("it did not happen in %v: %s; the page says:\n%s", limit, what, p.text())
		}
	}
}

// text returns what the page says, as a person sees it.
func (p *page) text() string {
	p.t.Helper()
	return eval[string](p, `document.body ? document.body.innerText : ""`)
}
