package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// newGallery runs cmd/gallery, which shows every view with made-up data, and
// returns its address.
func newGallery(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gallery")
	build := exec.Command("go", "build", "-o", path, "./cmd/gallery")
	build.Dir = ".."
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the gallery does not build: %v\n%s", err, said)
	}
	cmd := exec.Command(path, "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to put away
		_ = cmd.Wait()         // "signal: killed"
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the gallery does not say where it is: %v", err)
	}
	return regexp.MustCompile(`http://[\w.:]+`).FindString(line)
}

// galleryPaths returns the addresses of all views, as the gallery lists them.
func galleryPaths(t *testing.T, gallery string) []string {
	t.Helper()
	res, err := http.Get(gallery + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	index, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, m := range regexp.MustCompile(`href="(/[^"]+)"`).FindAllStringSubmatch(string(index), -1) {
		paths = append(paths, m[1])
	}
	if len(paths) == 0 {
		t.Fatalf("the gallery lists nothing: %s", index)
	}
	return paths
}

// keep is whether what is seen is kept as pictures, for somebody to look at.
var keep = os.Getenv("E2E_SCREENSHOTS") != ""

// isLeftOut is whether the view waits until pictures are wanted. Every run looks
// at each in English and light, and in Chinese and dark: colours don't depend on
// the language nor words on the theme, so the two have what the others have.
func isLeftOut(path string) bool {
	return !keep && (strings.HasPrefix(path, "/en/dark/") || strings.HasPrefix(path, "/zh-Hans/light/"))
}

// TestGallery looks at every view in every state, language and theme: axe finds
// nothing, no width needs a horizontal scroll bar, no button's words are cut, and
// everything is large enough to hit. In the language that nobody speaks, whose
// texts are 40 % longer, the layouts alone are looked at. With E2E_SCREENSHOTS it
// keeps what it sees, for somebody to look at.
func TestGallery(t *testing.T) {
	t.Parallel()
	gallery := newGallery(t)
	const windows = 3
	var shares [windows][]string
	for i, path := range slices.DeleteFunc(galleryPaths(t, gallery), isLeftOut) {
		shares[i%windows] = append(shares[i%windows], path)
	}
	for i, paths := range shares {
		t.Run(fmt.Sprintf("window %d", i+1), func(t *testing.T) {
			t.Parallel()
			p := newPage(t, look{})
			for _, path := range paths {
				p.lookAtView(gallery, path)
			}
		})
	}
}

// lookAtView opens one view of the gallery and looks at it in every width.
func (p *page) lookAtView(gallery, path string) {
	p.t.Helper()
	name := strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")
	for i, width := range []struct {
		name string
		look look
	}{
		{"320", look{Width: 320, Height: 640}}, // WCAG 1.4.10; also 1280 at 400 %
		{"360", look{Width: 360, Height: 740, Touch: true}},
		{"768", look{Width: 768, Height: 1024}},
		{"1280", look{Width: 1280, Height: 800}},
	} {
		p.emulate(width.look, shared.browser.userAgent)
		if i == 0 || keep { // as somebody turns a phone; pictures are of a page that was opened so
			p.open(gallery + path)
		}
		p.fits(name + " at " + width.name)
		p.uncut(name + " at " + width.name)
		p.hittable(name + " at " + width.name)
		p.screenshot("gallery-" + name + "-" + width.name)
	}
	if strings.HasPrefix(path, "/pseudo/") {
		return
	}
	p.accessible(name)
}
