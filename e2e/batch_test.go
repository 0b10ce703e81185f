package e2e

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// dropAll drags files from outside over the window and lets them go.
func (p *page) dropAll(at point, paths []string) {
	p.t.Helper()
	for _, kind := range []input.DispatchDragEventType{
		input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop,
	} {
		call(p, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: at.X, Y: at.Y,
			Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1},
		})
	}
}

// coloured returns a JPEG of 12 megapixels, as phones make them, that differs
// with i.
func coloured(t *testing.T, i uint8) []byte {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 3000, 4000), image.YCbCrSubsampleRatio420)
	for at := range img.Y {
		img.Y[at] = uint8(at/3000/16) ^ uint8(at%3000/16)
	}
	for at := range img.Cb {
		img.Cb[at], img.Cr[at] = i, 255-i
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestABatchFromADropToTheWall drops pictures that are called after people.
func TestABatchFromADropToTheWall(t *testing.T) {
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/batches", "helpdesk")
	p.accessible("batches")
	p.query(`input[name="reason"]`).focus()
	p.press("T", "4", "7")
	p.click("button", "Create batch")
	p.waitText("Drop a folder")
	p.accessible("an empty batch")

	folder := t.TempDir()
	var paths []string
	for i, person := range s.Tenant.People() {
		if i%20 != 0 || person.UPN == "" || person.Guest {
			continue
		}
		picture := coloured(t, uint8(i))
		if len(paths) == 0 {
			picture = sample(t, "sideways.jpg") // one with a face
		}
		path := filepath.Join(folder, person.UPN+".jpg")
		if err := os.WriteFile(path, picture, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	p.dropAll(point{400, 400}, paths)
	p.waitUpTo(6*patience, "the pictures go up and the people are found", func() bool {
		return strings.Contains(p.text(), "to be changed")
	})
	p.accessible("the wall")
	p.fits("the wall")
	p.screenshot("batch-wall")
	if n := eval[int](p, `document.querySelectorAll('.batch__item').length`); n != len(paths) {
		t.Errorf("the wall has %d pictures of %d", n, len(paths))
	}
}
