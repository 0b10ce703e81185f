package e2e

import (
	"os"
	"path/filepath"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
)

// TestGuidePictures writes the pictures of the guides, docs/photo-page*.png, as
// the pages are now, for `make screenshots`. Somebody looks at them before they
// are committed.
func TestGuidePictures(t *testing.T) {
	if os.Getenv("E2E_GUIDE") == "" {
		t.Skip("it writes files: E2E_GUIDE=1 asks for them")
	}
	s := newSite(t)
	for name, language := range map[string]string{"photo-page.png": "en", "photo-page.zh-Hans.png": "zh-Hans"} {
		p := newPage(t, look{Width: 1280, Height: 920, Language: language, Still: true})
		s.signIn(p, "/me/photo", "no-photo")
		p.dropPicture("me.jpg", sample(t, "sideways.jpg"))
		p.settled()
		shot := call(p, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{})
		if err := os.WriteFile(filepath.Join("..", "docs", name), shot.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
