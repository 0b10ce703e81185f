package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"slices"
	"testing"

	"golang.org/x/image/bmp"
)

// drawn returns what lakeside.heic shows, drawn by the tenant for its page of
// samples: 300 × 400 pixels, without any HEIC in between.
func (s *site) drawn() image.Image {
	s.t.Helper()
	res, err := http.Get(s.Tenant.GraphURL() + "/samples/lakeside.heic/preview")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		s.t.Fatalf("the sample's preview isn't a picture: %v", err)
	}
	return img
}

// TestAHEICIsSaved drops what an iPhone takes: it is converted on the page,
// with colours and place right, its traces are told, and it arrives.
func TestAHEICIsSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.drop(p.middle(), p.file("IMG_0001.HEIC", sample(t, "lakeside.heic")))
	p.waitText("Opening the picture.")
	p.framed()
	p.waitText("Location data removed.")
	if got, want := p.extraLoaded(), "/static/extra/heic/worker.js"; !slices.Contains(got, want) {
		t.Errorf("the page has loaded %q, want %q among them", got, want)
	}
	p.click("button", "Reset")
	alike(t, "the converted picture", p.preview(120), crop{Image: s.drawn(), y: 100. / 3, side: 300})
	p.click("button", "Frame my face")
	framed := p.preview(120)
	p.save()
	alike(t, "the saved HEIC", s.received("employee"), framed)
}

// TestABMPIsSaved saves what only browsers read.
func TestABMPIsSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	tiles, err := png.Decode(bytes.NewReader(sample(t, "tiles.png")))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := bmp.Encode(&file, opaque{tiles}); err != nil {
		t.Fatal(err)
	}
	p.dropPicture("tiles.bmp", file.Bytes())
	p.save()
	alike(t, "the saved BMP", s.received("employee"), crop{Image: tiles, x: 200, side: 1200})
}

// opaque is a picture of which the BMP encoder makes the plain kind.
type opaque struct{ image.Image }

func (opaque) Opaque() bool            { return true }
func (opaque) ColorModel() color.Model { return color.RGBAModel }
