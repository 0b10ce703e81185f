package demo

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

// TestHEICSource draws what samples/lakeside.heic was made from. With -artifacts
// it is kept, to be converted again as samples/README.md says.
func TestHEICSource(t *testing.T) {
	jpg := withEXIF(encodeJPEG(paintLarge(heicW, heicH, scaled(heicH/100.0), heicScene())), 1)
	if c, err := jpeg.DecodeConfig(bytes.NewReader(jpg)); err != nil || c.Width != heicW || c.Height != heicH {
		t.Errorf("the source is %d × %d (%v), want %d × %d", c.Width, c.Height, err, heicW, heicH)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "lakeside.jpg"), jpg, 0o644); err != nil {
		t.Fatal(err)
	}
}
