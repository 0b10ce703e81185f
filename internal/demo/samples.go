package demo

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	_ "golang.org/x/image/webp"
)

// Drawn pictures that Go can't encode, and one photo; see samples/README.md.
//
//go:embed samples/astronaut.png samples/lakeside.heic samples/logo.webp
var sampleFiles embed.FS

// sample is a picture to try.
type sample struct {
	name    string
	px      size          // as a browser shows it
	whole   func() []byte // the file
	preview func() []byte // a small JPEG or PNG of it
}

// Sizes of the large samples in pixels, as they are stored.
const (
	phoneW, phoneH = 4032, 3024 // 12 megapixels, as phones take them
	largeW, largeH = 6000, 4000
	tilesW, tilesH = 1600, 1200
	tilePx         = 200
	heicW, heicH   = 1512, 2016
	twoW, twoH     = 1500, 1000
)

// samples returns the pictures to try. Each is made anew at every call of its
// functions.
func samples() []sample {
	phone, large := lakeside(lookFrom(22), 75), lakeside(lookFrom(17), 150)
	mosaic := tiles(tilesW/tilePx, tilesH/tilePx, tilePx)
	return []sample{
		{"sideways.jpg", size{phoneH, phoneW}, sidewaysJPEG, func() []byte { return encodeJPEG(paint(300, 400, scaled(4), phone)) }},
		{"large.jpg", size{largeW, largeH},
			func() []byte { return encodeJPEG(paintLarge(largeW, largeH, scaled(largeH/100), large)) },
			func() []byte { return encodeJPEG(paint(480, 320, scaled(3.2), large)) }},
		{"lakeside.heic", size{heicW, heicH}, embedded("lakeside.heic"), func() []byte { return encodeJPEG(paint(300, 400, scaled(4), heicScene())) }},
		{"two.jpg", size{twoW, twoH},
			func() []byte { return encodeJPEG(paint(twoW, twoH, scaled(twoH/100), two)) },
			func() []byte { return encodeJPEG(paint(480, 320, scaled(3.2), two)) }},
		{"tiny.jpg", size{64, 64}, tinyJPEG, tinyJPEG},
		{"transparent.png", size{800, 800}, func() []byte { return cutOut(800) }, func() []byte { return cutOut(320) }},
		{"logo.webp", size{512, 512}, embedded("logo.webp"), embedded("logo.webp")},
		{"astronaut.png", size{512, 512}, embedded("astronaut.png"), func() []byte {
			img, _, err := image.Decode(bytes.NewReader(embedded("astronaut.png")()))
			if err != nil { // can't be: a test decodes it
				return nil
			}
			return encodeJPEG(cutSquare(img, 320))
		}},
		{"tiles.png", size{tilesW, tilesH},
			func() []byte { return encodePNG(paint(tilesW, tilesH, scaled(1), mosaic)) },
			func() []byte { return encodeJPEG(paint(400, 300, scaled(0.25), mosaic)) }},
	}
}

// Sample returns the picture with the name that the samples page offers it
// under: sideways.jpg, large.jpg, lakeside.heic, two.jpg, tiny.jpg,
// transparent.png, logo.webp, astronaut.png or tiles.png. The large ones take about half a second to draw.
//
// It fails with fs.ErrNotExist.
func Sample(name string) ([]byte, error) {
	for _, s := range samples() {
		if s.name == name {
			return s.whole(), nil
		}
	}
	return nil, fmt.Errorf("demo.Sample %q: %w", name, fs.ErrNotExist)
}

// sidewaysJPEG is what a phone stores that was held upright: a landscape
// picture that says that it is to be turned, and where it was taken.
func sidewaysJPEG() []byte {
	// Shown, the picture is phoneH wide and phoneW high; a point (x, y) of it is
	// stored at (y, phoneH - x).
	m := scaled(phoneW / 100.0).then(affine{b: 1, d: -1, f: phoneH})
	return withEXIF(encodeJPEG(paintLarge(phoneW, phoneH, m, lakeside(lookFrom(22), 75))), 6)
}

// heicScene is what lakeside.heic shows, 75 units wide and 100 high.
func heicScene() func(canvas) { return lakeside(lookFrom(30), 75) }

// two draws two people side by side, 150 units wide and 100 high.
func two(c canvas) {
	c.fill(rect(0, 0, 150, 100), rgb(0xdfe8ee))
	c.fill(rect(0, 62, 150, 38), rgb(0xb9c7cf))
	c.within(affine{a: 0.8, e: 0.8, c: 2, f: 20}).figure(lookFrom(1))
	c.within(affine{a: 0.8, e: 0.8, c: 68, f: 20}).figure(lookFrom(5))
}

func tinyJPEG() []byte { return drawPortrait(lookFrom(13), 64) }

// cutOut is a drawn person without a ground, with sides of px pixels.
func cutOut(px int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, px, px))
	canvas{img: img, m: scaled(float64(px) / 100)}.figure(lookFrom(9))
	return encodePNG(img)
}

// encodePNG can't fail, see encodeJPEG.
func encodePNG(img image.Image) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, img) // see above
	return b.Bytes()
}

func embedded(name string) func() []byte {
	return func() []byte {
		b, _ := sampleFiles.ReadFile("samples/" + name) // is embedded: can't fail
		return b
	}
}

// withEXIF puts EXIF data into a JPEG: the camera, the orientation and the
// place.
//
// Source: https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf (Exif 2.3)
func withEXIF(jpg []byte, orientation uint16) []byte {
	app1 := append([]byte("Exif\x00\x00"), exif(orientation)...)
	out := append([]byte{}, jpg[:2]...) // SOI
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(app1)+2))
	out = append(out, app1...)
	return append(out, jpg[2:]...)
}

// exif returns a TIFF block of two directories of four entries each, and after
// them the values that are longer than four bytes. The place is 67° 51' N
// 20° 13' E.
func exif(orientation uint16) []byte {
	const ascii, short, long, rational = 2, 3, 4, 5
	const directory = 2 + 4*12 + 4 // bytes
	const main, gps, data = 8, 8 + directory, 8 + 2*directory
	le := binary.LittleEndian
	var tiff, values []byte
	keep := func(b []byte) uint32 {
		at := uint32(data + len(values))
		values = append(values, b...)
		return at
	}
	degrees := func(d, m, s uint32) uint32 {
		var b []byte
		for _, v := range []uint32{d, 1, m, 1, s, 1} {
			b = le.AppendUint32(b, v)
		}
		return keep(b)
	}
	entry := func(tag, kind uint16, count, value uint32) {
		tiff = le.AppendUint16(tiff, tag)
		tiff = le.AppendUint16(tiff, kind)
		tiff = le.AppendUint32(tiff, count)
		tiff = le.AppendUint32(tiff, value)
	}
	tiff = le.AppendUint32(append(tiff, "II*\x00"...), main)
	tiff = le.AppendUint16(tiff, 4)
	entry(0x010f, ascii, 8, keep([]byte("Skylark\x00")))
	entry(0x0110, ascii, 8, keep([]byte("Phone 9\x00")))
	entry(0x0112, short, 1, uint32(orientation))
	entry(0x8825, long, 1, gps)
	tiff = le.AppendUint32(tiff, 0) // no directory follows
	tiff = le.AppendUint16(tiff, 4)
	entry(1, ascii, 2, 'N')
	entry(2, rational, 3, degrees(67, 51, 20))
	entry(3, ascii, 2, 'E')
	entry(4, rational, 3, degrees(20, 13, 31))
	tiff = le.AppendUint32(tiff, 0)
	return append(tiff, values...)
}

// shelf keeps the samples that were asked for.
type shelf struct{ of map[string]sample }

func newShelf() *shelf {
	s := &shelf{of: map[string]sample{}}
	for _, one := range samples() {
		one.whole, one.preview = sync.OnceValue(one.whole), sync.OnceValue(one.preview)
		s.of[one.name] = one
	}
	return s
}

func (t *Tenant) showSamples(w http.ResponseWriter, r *http.Request) {
	d := pageData{AppURL: t.registered().appURL}
	for _, s := range samples() {
		d.Samples = append(d.Samples, sampleTile{s.name, "/samples/" + s.name + "/preview", fmt.Sprintf("%d × %d", s.px.w, s.px.h)})
	}
	t.page(w, r, http.StatusOK, "samples", d)
}

func (t *Tenant) sendSample(w http.ResponseWriter, r *http.Request) {
	s, ok := t.shelf.of[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	body := s.whole()
	w.Header().Set("Content-Disposition", `attachment; filename="`+s.name+`"`)
	kind := http.DetectContentType(body)
	if strings.HasSuffix(s.name, ".heic") {
		kind = "image/heic" // which Go doesn't know
	}
	sendPicture(w, r, kind, body)
}

func (t *Tenant) sendPreview(w http.ResponseWriter, r *http.Request) {
	s, ok := t.shelf.of[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	body := s.preview()
	sendPicture(w, r, http.DetectContentType(body), body)
}
