package e2e

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// element is one element of the page, named for messages.
type element struct {
	p    *page
	id   runtime.RemoteObjectID
	name string
}

// find waits for the one element with the role and the accessible name, as a
// screen reader says them: find("button", "Save photo"). It fails the test if
// there are several.
func (p *page) find(role, name string) element {
	p.t.Helper()
	var found []element
	p.wait(fmt.Sprintf("there is a %s named %q", role, name), func() bool {
		found = p.all(role, name)
		return len(found) > 0
	})
	if len(found) > 1 {
		p.t.Fatalf("there are %d of %s %q, want one", len(found), role, name)
	}
	return found[0]
}

// has reports whether there is such an element now.
func (p *page) has(role, name string) bool {
	p.t.Helper()
	return len(p.all(role, name)) > 0
}

// gone waits until there is no such element.
func (p *page) gone(role, name string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("the %s named %q is gone", role, name), func() bool { return !p.has(role, name) })
}

// all returns the elements with the role and name that a screen reader would
// come to. A page that is going away has none.
func (p *page) all(role, name string) []element {
	p.t.Helper()
	document, err := try(p, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil {
		return nil
	}
	tree, err := try(p, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		ObjectID: document.Result.ObjectID, Role: role, AccessibleName: name,
	})
	if err != nil {
		return nil
	}
	var found []element
	for _, node := range tree.Nodes {
		if node.Ignored || node.BackendDOMNodeID == 0 {
			continue
		}
		if e, ok := p.resolve(node.BackendDOMNodeID, fmt.Sprintf("%s %q", role, name)); ok {
			found = append(found, e)
		}
	}
	return found
}

// resolve returns the element with the browser's id, false if it is gone.
func (p *page) resolve(id cdp.BackendNodeID, name string) (element, bool) {
	node, err := try(p, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: id})
	if err != nil {
		return element{}, false
	}
	return element{p, node.Object.ObjectID, name}, true
}

// query waits for the first element that the CSS selector matches: for what has
// no role of its own, such as a drawing.
func (p *page) query(selector string) element {
	p.t.Helper()
	var e element
	p.wait("there is "+selector, func() bool {
		r, err := try(p, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf("document.querySelector(%q)", selector)})
		if err != nil || r.Result.ObjectID == "" {
			return false
		}
		e = element{p, r.Result.ObjectID, selector}
		return true
	})
	return e
}

// waitText waits until the page says text, anywhere.
func (p *page) waitText(text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("the page says %q", text), func() bool { return strings.Contains(p.text(), text) })
}

// on returns what a JavaScript function returns that is called with the element
// as this.
func on[T any](e element, function string, args ...any) T {
	e.p.t.Helper()
	v, err := chromedp.Run(e.p.ctx, chromedp.CallFunctionOn[T](function, func(c *runtime.CallFunctionOnParams) { c.ObjectID = e.id }, args...))
	if err != nil {
		e.p.t.Fatalf("%s: %v", e.name, err)
	}
	return v
}

// text returns what the element says.
func (e element) text() string {
	e.p.t.Helper()
	return on[string](e, `function() { return this.innerText ?? this.textContent }`)
}

// attribute returns the value of an attribute, "" if it isn't there.
func (e element) attribute(name string) string {
	e.p.t.Helper()
	return on[string](e, `function(name) { return this.getAttribute(name) ?? "" }`, name)
}

// value returns what a field or a slider has.
func (e element) value() string {
	e.p.t.Helper()
	return on[string](e, `function() { return String(this.value) }`)
}

// focus puts the keyboard there.
func (e element) focus() {
	e.p.t.Helper()
	on[chromedp.Void](e, `function() { this.focus() }`)
}

// focused reports whether the keyboard is there.
func (e element) focused() bool {
	e.p.t.Helper()
	return on[bool](e, `function() { return document.activeElement === this }`)
}

// box is where something is in the window, in CSS pixels.
type box struct{ X, Y, Width, Height float64 }

// center is the point in the middle of b.
func (b box) center() point { return point{b.X + b.Width/2, b.Y + b.Height/2} }

// box scrolls the element into the window and returns where it is.
func (e element) box() box {
	e.p.t.Helper()
	return on[box](e, `function() {
		this.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
		const r = this.getBoundingClientRect();
		return { X: r.x, Y: r.y, Width: r.width, Height: r.height };
	}`)
}
