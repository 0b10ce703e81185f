package demo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"sync"
	"time"

	"golang.org/x/image/draw"
)

// maxPhotoBytes is the largest body that Graph reads, in bytes (4 MB).
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update
const maxPhotoBytes = 4 << 20

// maxEntraBytes is the largest photo of a person without a mailbox, in bytes.
//
// Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/8236
const maxEntraBytes = 100_000

// maxPixels bounds what is decoded: at 4 bytes each, 50 million take 200 MB.
const maxPixels = 50_000_000

// readDelay is how long reads serve the old photo after a write, unless the
// weather says otherwise.
const readDelay = 2 * time.Second

// errNotImage says that bytes can't be decoded as a picture.
var errNotImage = errors.New("demo: not an image")

// photoSizes returns the sides in pixels, ascending, of the squares that Microsoft
// 365 keeps.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-get
func photoSizes() []int { return []int{48, 64, 96, 120, 240, 360, 432, 504, 648} }

// size is a photo's width and height in pixels.
type size struct{ w, h int }

func (s size) String() string { return fmt.Sprintf("%dx%d", s.w, s.h) }

// picture is one stored photo. It doesn't change.
type picture struct {
	etag   string // of the metadata, with its quotation marks
	kind   string // media type of what was written
	px     size
	asIs   bool // kept in its own dimensions only, as Entra ID and Outlook do
	source func() []byte
	draw   func(px int) []byte // of a drawn picture: a size of it, without scaling

	mu  sync.Mutex
	cut map[size][]byte // the other sizes, made on first use
}

// sizes returns the sizes that p can be had in, ascending: those that aren't
// larger than what was written.
func (p *picture) sizes() []size {
	var all []size
	for _, side := range photoSizes() {
		if !p.asIs && side <= min(p.px.w, p.px.h) {
			all = append(all, size{side, side})
		}
	}
	if len(all) == 0 {
		return []size{p.px}
	}
	return all
}

// largest returns the largest size of p.
func (p *picture) largest() size {
	all := p.sizes()
	return all[len(all)-1]
}

// atMost returns the size of p that is served where side is asked for: side
// itself or else the largest smaller one.
func (p *picture) atMost(side int) size {
	all := p.sizes()
	best := all[0]
	for _, s := range all {
		if s.w <= side {
			best = s
		}
	}
	return best
}

// bytes returns p in the size s, which is one of p.sizes, and its media type.
func (p *picture) bytes(s size) (body []byte, kind string) {
	if s == p.px {
		return p.source(), p.kind
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.cut[s]; ok {
		return b, "image/jpeg"
	}
	b := p.cutTo(s.w)
	if p.cut == nil {
		p.cut = map[size][]byte{}
	}
	p.cut[s] = b
	return b, "image/jpeg"
}

// cutTo returns p as a square JPEG with sides of px pixels.
func (p *picture) cutTo(px int) []byte {
	if p.draw != nil {
		return p.draw(px)
	}
	src, _, err := image.Decode(bytes.NewReader(p.source()))
	if err != nil { // can't be: it was decoded when it was written
		return nil
	}
	return encodeJPEG(cutSquare(src, px))
}

// cutSquare scales the middle square of src to sides of px pixels.
func cutSquare(src image.Image, px int) image.Image {
	b := src.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	dst := image.NewRGBA(image.Rect(0, 0, px, px))
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, from, draw.Src, nil)
	return dst
}

// readPicture checks that body is a picture and returns it.
//
// It fails with errNotImage.
func readPicture(body []byte, asIs bool) (*picture, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width*c.Height > maxPixels {
		return nil, errNotImage
	}
	if _, _, err := image.Decode(bytes.NewReader(body)); err != nil {
		return nil, errNotImage
	}
	return &picture{
		kind: "image/" + format, px: size{c.Width, c.Height}, asIs: asIs,
		source: func() []byte { return body },
	}, nil
}

// drawn returns a picture of px pixels that is drawn when it is first read.
func drawn(name string, px int, asIs bool, draw func(px int) []byte) *picture {
	return &picture{
		etag: etag([]byte(name), 0), kind: "image/jpeg", px: size{px, px}, asIs: asIs,
		source: sync.OnceValue(func() []byte { return draw(px) }), draw: draw,
	}
}

// drawnPicture returns the portrait of p.
func drawnPicture(p *person) *picture {
	px, asIs := portraitPx, false
	switch p.account {
	case withoutMailbox:
		px, asIs = 240, true
	case onPremises: // the thumbnail of the directory at home
		px, asIs = 96, true
	}
	return drawn(string(p.ID), px, asIs, func(px int) []byte { return drawPortrait(lookFrom(p.seed), px) })
}

// etag returns a mediaEtag that differs for every write n.
func etag(body []byte, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%x", n, sha256.Sum256(body)))
	return fmt.Sprintf("\"%X\"", sum[:4])
}
