package e2e

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// extraLoaded returns the addresses below /static/extra that the page has
// loaded. What a worker loads itself isn't among them.
func (p *page) extraLoaded() []string {
	p.t.Helper()
	return eval[[]string](p, `performance.getEntriesByType('resource').map(r => new URL(r.name).pathname).filter(path => path.startsWith('/static/extra/'))`)
}

// astronaut is the portrait of Eileen Collins, 512 pixels a side, and her
// features, marked by hand.
func astronaut(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../shared/corpus/faces/astronaut.png")
	if err != nil { // a clone without the corpus has the same picture
		raw = sample(t, "astronaut.png")
	}
	return raw
}

var (
	astronautEyes = point{225, 102} // the middle between them
	astronautChin = point{224, 177}
)

// in is where a point of the picture is in the square, in sides of it.
func (c crop) in(at point) point { return point{(at.X - c.x) / c.side, (at.Y - c.y) / c.side} }

// locate returns the square of picture that photo shows: the one that differs
// least, to about 1 % of its side.
func locate(photo, picture image.Image) crop {
	const cells = 24
	look := func(c crop) (cost float64) {
		for y := range cells {
			for x := range cells {
				u, v := (float64(x)+.5)/cells, (float64(y)+.5)/cells
				b := photo.Bounds()
				have := photo.At(b.Min.X+int(u*float64(b.Dx())), b.Min.Y+int(v*float64(b.Dy())))
				cost += distance(have, picture.At(int(c.x+u*c.side), int(c.y+v*c.side)))
			}
		}
		return cost
	}
	w, h := float64(picture.Bounds().Dx()), float64(picture.Bounds().Dy())
	best, least := crop{}, math.Inf(1)
	try := func(c crop) {
		if c.x < 0 || c.y < 0 || c.side < 48 || c.x+c.side > w || c.y+c.side > h {
			return
		}
		if cost := look(c); cost < least {
			best, least = c, cost
		}
	}
	const coarse = 12.
	for side := 96.; side <= min(w, h); side += coarse {
		for y := 0.; y+side <= h; y += coarse {
			for x := 0.; x+side <= w; x += coarse {
				try(crop{x: x, y: y, side: side})
			}
		}
	}
	for step := coarse / 2; step >= 1; step /= 2 {
		for from, again := best, true; again; again = best != from {
			from = best
			for _, d := range [][3]float64{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}, {-1, 0, 1}, {1, 0, -1}, {-.5, -.5, 1}, {.5, .5, -1}} {
				try(crop{x: from.x + d[0]*step, y: from.y + d[1]*step, side: from.side + d[2]*step})
			}
		}
	}
	return best
}

// distance is how much two colours differ, squared, so that a few pixels that
// are far off count more than many that are a little.
func distance(a, b color.Color) float64 {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	d := func(x, y uint32) float64 { return math.Pow((float64(x)-float64(y))/257, 2) }
	return d(ar, br) + d(ag, bg) + d(ab, bb)
}

// onAstronaut fails the test unless c frames her face: within 6 % of the side
// of the middle, her eyes 33 to 47 % from the top, her chin above 75 %, and a
// head that fills the photo.
func onAstronaut(t *testing.T, c crop, at point, scale float64) {
	t.Helper()
	of := func(p point) point { return c.in(point{at.X + p.X*scale, at.Y + p.Y*scale}) }
	eyes, chin := of(astronautEyes), of(astronautChin)
	if math.Abs(eyes.X-.5) > .06 || eyes.Y < .33 || eyes.Y > .47 || chin.Y > .75 {
		t.Errorf("her eyes are at %.2f, %.2f and her chin at %.2f, %.2f of the photo; want them in the middle, at 0.40 ± 0.07 and above 0.75", eyes.X, eyes.Y, chin.X, chin.Y)
	}
	if face := chin.Y - eyes.Y; face < .22 || face > .38 {
		t.Errorf("from her eyes to her chin is %.2f of the photo, want 0.3 ± 0.08", face)
	}
}

// TestTheFaceIsFramed drops a portrait: the first suggestion is her face, and
// so is the button's after the frame was moved. What the page needs for it is
// loaded then, and not before.
func TestTheFaceIsFramed(t *testing.T) {
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	if got := p.extraLoaded(); len(got) > 0 {
		t.Errorf("before a picture is there, the page has loaded %q", got)
	}
	p.dropPicture("astronaut.png", astronaut(t))
	suggested := p.preview(120)
	if got, want := p.extraLoaded(), []string{"/static/extra/faces/worker.js"}; !slices.Equal(got, want) {
		t.Errorf("for a PNG with a face the page has loaded %q, want %q", got, want)
	}

	p.click("button", "Reset")
	p.click("button", "Turn by 90°")
	p.click("button", "Turn by 90°")
	p.click("button", "Turn by 90°")
	p.click("button", "Turn by 90°")
	p.click("button", "Frame my face")
	p.framed()
	alike(t, "what the button frames", p.preview(120), suggested)
	p.accessible("framed on the face")
	p.save()
	picture, err := png.Decode(bytes.NewReader(astronaut(t)))
	if err != nil {
		t.Fatal(err)
	}
	onAstronaut(t, locate(s.received("employee"), picture), point{}, 1)
}

// pair is the astronaut twice: at the left as she is, at the right in three
// quarters of the size, on grey.
func pair(t *testing.T) image.Image {
	t.Helper()
	one, err := png.Decode(bytes.NewReader(astronaut(t)))
	if err != nil {
		t.Fatal(err)
	}
	both := image.NewRGBA(image.Rect(0, 0, 912, 512))
	draw.Draw(both, both.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(0, 0, 512, 512), one, image.Point{}, draw.Src)
	for i, c := range shrink(one, 384) {
		both.Set(520+i%384, 64+i/384, color.RGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 255})
	}
	return both
}

// TestSeveralFacesAndNone looks at what else there is in pictures.
func TestSeveralFacesAndNone(t *testing.T) {
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")

	both := pair(t)
	var file bytes.Buffer
	if err := png.Encode(&file, both); err != nil {
		t.Fatal(err)
	}
	p.dropPicture("both.png", file.Bytes())
	p.waitText("Several faces were found; one of them is framed.")
	onAstronaut(t, locate(p.preview(120), both), point{}, 1)
	p.click("button", "Cancel")

	p.dropSample("two.jpg")
	p.waitText("Several faces were found")
	p.click("button", "Reset")
	p.waitText("There are several faces in the frame.")
	p.accessible("several faces")
	p.click("button", "Cancel")

	p.dropSample("tiles.png")
	p.waitText("No face was found")
	tiles, err := png.Decode(bytes.NewReader(sample(t, "tiles.png")))
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "the frame without a face", p.preview(120), crop{Image: tiles, x: 200, side: 1200})
}

// TestAPersonIsFaster holds that a suggestion that comes late changes nothing.
func TestAPersonIsFaster(t *testing.T) {
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	// The key comes in the moment in which the looking begins.
	eval[bool](p, `(() => {
		const editor = document.querySelector('[data-editor]');
		new MutationObserver((_, observer) => {
			if (!editor.hasAttribute('data-looking')) return;
			observer.disconnect();
			document.querySelector('[data-part="stage"]').dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }));
			editor.dataset.moved = '';
		}).observe(editor, { attributes: true });
		return true;
	})()`)
	raw := astronaut(t)
	p.dropPicture("astronaut.png", raw)
	p.query(`[data-editor][data-moved]`)
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "the frame of the person", p.preview(120), crop{Image: picture, side: 512, turns: 1})
	p.click("button", "Frame my face") // she lies on her side: whatever is found, the picture stays turned
	p.framed()
}

// TestNoFacesForLogos holds that nothing is loaded for a group's picture until
// somebody asks for a face.
func TestNoFacesForLogos(t *testing.T) {
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/groups", "owner")
	s.allow(p, "owner")
	p.query(".list__row").click()
	p.find("button", "Choose a picture")
	p.dropSample("logo.webp")
	if got := p.extraLoaded(); len(got) > 0 {
		t.Errorf("for a logo the page has loaded %q", got)
	}
	p.click("button", "Frame the face")
	p.framed()
	p.waitText("No face was found")
}

// programAlone builds the program as Go alone would, without static/extra.
func programAlone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	hidden := map[string]string{} // "" stands for no file
	err := filepath.WalkDir("../static/extra", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "README.txt" {
			absolute, err := filepath.Abs(path)
			if err != nil {
				return err
			}
			hidden[absolute] = ""
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": hidden})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "portrait")
	build := exec.Command("go", "build", "-overlay", list, "-o", path, "./cmd/portrait")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, said)
	}
	return path
}

// TestBuiltWithGoAlone works without the detector and the converter, and says
// what it can't do.
func TestBuiltWithGoAlone(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, programAlone(t))
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.drop(p.middle(), p.file("IMG_0001.HEIC", sample(t, "lakeside.heic")))
	p.waitText("This is a HEIC picture, and it can't be converted here.")
	p.dropPicture("astronaut.png", astronaut(t))
	p.waitText("This installation can't find faces; please frame it by hand.")
	if p.has("button", "Frame my face") {
		t.Error("the page has a button that can't work")
	}
	picture, err := png.Decode(bytes.NewReader(astronaut(t)))
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "the first suggestion", p.preview(120), picture)
	p.accessible("built with Go alone")
	if got := p.extraLoaded(); len(got) > 0 {
		t.Errorf("the page has asked for %q", got)
	}
	p.save()
}

// TestWorkersArePinned holds that a page with the editor can start our two
// workers and make scripts of nothing else, and that other pages can't even that.
func TestWorkersArePinned(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	p.expect(`[Cc]ontent [Ss]ecurity [Pp]olicy|Trusted`)
	s.signIn(p, "/me/photo", "employee")
	const refused = "refused"
	attempt := func(code string) string {
		return eval[string](p, `new Promise(done => {
			try { (`+code+`)(done); } catch (error) { done("refused"); }
		})`)
	}
	for name, code := range map[string]string{
		"a worker from a string":      `done => { new Worker('/static/extra/faces/worker.js'); done('started'); }`,
		"a policy of another name":    `done => { trustedTypes.createPolicy('mine', {}); done('made'); }`,
		"a second policy of our name": `done => { trustedTypes.createPolicy('portrait-worker', {}); done('made'); }`,
		"a default policy":            `done => { trustedTypes.createPolicy('default', {}); done('made'); }`,
		"a worker from a blob":        `done => { new Worker(URL.createObjectURL(new Blob([''])))  ; done('started'); }`,
		"a string of HTML":            `done => { document.createElement('p').innerHTML = '<b>'; done('made'); }`,
	} {
		if got := attempt(code); got != refused {
			t.Errorf("%s was %s, want %s", name, got, refused)
		}
	}
	p.open(s.URL + "/")
	if got := attempt(`done => { trustedTypes.createPolicy('portrait-worker', {}); done('made'); }`); !strings.HasPrefix(got, refused) {
		t.Errorf("on a page without the editor our policy was %s, want %s", got, refused)
	}
}
