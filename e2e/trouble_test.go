package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// trouble collects what a page reports and shouldn't have to.
type trouble struct {
	mu       sync.Mutex
	lines    []string
	expected []*regexp.Regexp
	paused   bool
}

// expect says that the page will report something that matches the pattern,
// because the test makes it: a request that fails is an error on the console.
func (p *page) expect(pattern string) {
	p.trouble.mu.Lock()
	defer p.trouble.mu.Unlock()
	p.trouble.expected = append(p.trouble.expected, regexp.MustCompile(pattern))
}

// pause stops the collecting, or goes on with it.
func (t *trouble) pause(paused bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.paused = paused
}

// unexpected returns what was reported and not expected.
func (t *trouble) unexpected() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var left []string
	for _, line := range t.lines {
		if !matchesAny(line, t.expected) {
			left = append(left, line)
		}
	}
	return left
}

func matchesAny(line string, patterns []*regexp.Regexp) bool {
	for _, e := range patterns {
		if e.MatchString(line) {
			return true
		}
	}
	return false
}

// listen is called with every event of the page.
func (t *trouble) listen(ev any) {
	line := report(ev)
	if line == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.paused {
		t.lines = append(t.lines, line)
	}
}

// report returns the trouble in an event, "" if it is none: warnings count, and
// so does what the policy of the page blocked or would have blocked.
func report(ev any) string {
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		switch ev.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			return fmt.Sprintf("console.%s: %s", ev.Type, arguments(ev.Args))
		}
	case *runtime.EventExceptionThrown:
		return "exception: " + exception(ev.ExceptionDetails)
	case *log.EventEntryAdded:
		if e := ev.Entry; e.Level == log.EntryLevelError || e.Level == log.EntryLevelWarning {
			return strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", e.Source, e.Level, e.Text, e.URL))
		}
	case *audits.EventIssueAdded:
		if d := ev.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			return fmt.Sprintf("content security policy: %s blocked %q", d.ViolatedDirective, d.BlockedURL)
		}
	}
	return ""
}

// arguments returns what a call of the console was given, as text.
func arguments(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		text := a.Description // of objects
		if text == "" {
			text = strings.Trim(string(a.Value), `"`)
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// exception returns what was thrown, with its stack.
func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", d.Text, d.URL, d.LineNumber+1)
}
