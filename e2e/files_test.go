package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// file writes content to a file of the test and returns its path, for what
// takes files as a person has them.
func (p *page) file(name string, content []byte) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// drop drags a file from outside over the window and lets it go at a place.
func (p *page) drop(at point, path string) {
	p.t.Helper()
	p.hover(at, path)
	p.dragEvent(input.DispatchDragEventTypeDrop, at, path)
}

// hover drags a file from outside over the window and stays there.
func (p *page) hover(at point, path string) {
	p.t.Helper()
	p.dragEvent(input.DispatchDragEventTypeDragEnter, at, path)
	p.dragEvent(input.DispatchDragEventTypeDragOver, at, path)
}

// dragEvent sends one event of a drag from outside.
func (p *page) dragEvent(kind input.DispatchDragEventType, at point, path string) {
	p.t.Helper()
	call(p, input.DispatchDragEvent, input.DispatchDragEventParams{
		Type: kind, X: at.X, Y: at.Y,
		Data: &input.DragData{Items: []*input.DragDataItem{}, Files: []string{path}, DragOperationsMask: 1},
	})
}

// choose clicks what opens the browser's window for files, and chooses one.
func (p *page) choose(opener element, path string) {
	p.t.Helper()
	p.chooseBy(opener.click, path)
}

// chooseBy is choose for what opens the window otherwise, as a key does.
func (p *page) chooseBy(open func(), path string) {
	p.t.Helper()
	call(p, cdppage.SetInterceptFileChooserDialog, cdppage.SetInterceptFileChooserDialogParams{Enabled: true})
	defer call(p, cdppage.SetInterceptFileChooserDialog, cdppage.SetInterceptFileChooserDialogParams{})
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	click := chromedp.Func(func(context.Context, *chromedp.Target) error {
		open()
		return nil
	})
	asked, err := chromedp.Run(ctx, chromedp.WaitEvent(cdppage.FileChooserOpened, nil, click))
	if err != nil {
		p.t.Fatalf("nothing asks for a file: %v", err)
	}
	call(p, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, BackendNodeID: asked.BackendNodeID})
}

// fill puts a file into a file field, as a browser without scripts does.
func (p *page) fill(field element, path string) {
	p.t.Helper()
	call(p, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, ObjectID: field.id})
}

// paste pastes a file, as Ctrl+V does after copying it elsewhere.
func (p *page) paste(name, mediaType string, content []byte) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%q), c => c.charCodeAt(0));
		const data = new DataTransfer();
		data.items.add(new File([bytes], %q, { type: %q }));
		const target = document.activeElement ?? document.body;
		return target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
	})()`, base64.StdEncoding.EncodeToString(content), name, mediaType))
}

// screenshot keeps what the window shows as screenshots/NAME.png, if the
// environment has E2E_SCREENSHOTS.
func (p *page) screenshot(name string) {
	p.t.Helper()
	if !keep {
		return
	}
	png := call(p, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{})
	if err := os.MkdirAll("screenshots", 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("screenshots", name+".png"), png.Data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
