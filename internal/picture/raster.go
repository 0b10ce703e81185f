package picture

import (
	"image"
	"image/color"
	"math"
)

// raster hands out the rows of a square part of a decoded picture as luma and
// chroma, converting them one by one where the decoder has something else. The
// slices it returns hold until the next call.
type raster struct {
	area
	rect   image.Rectangle             // the luma samples that cover the area
	hs, vs int                         // luma samples per chroma sample across and down; 0 = grey, no chroma
	luma   func(y int) []byte          // row y of the picture, from rect.Min.X to rect.Max.X
	chroma func(y int) (cb, cr []byte) // the chroma that covers luma row y; called after luma(y)
}

// area is a square part of a picture, in its pixels. Of a picture that was
// decoded smaller than it is, the edges may lie within a pixel.
type area struct{ x, y, side float64 }

// area returns q in the pixels of a picture that was decoded scale times smaller.
func (q square) area(scale int) area {
	by := float64(scale)
	return area{float64(q.x) / by, float64(q.y) / by, float64(q.side) / by}
}

// rect returns the pixels that cover a, in part or as a whole.
func (a area) rect() image.Rectangle {
	return image.Rect(int(math.Floor(a.x)), int(math.Floor(a.y)), int(math.Ceil(a.x+a.side)), int(math.Ceil(a.y+a.side)))
}

// chromaColumns returns the chroma columns [from, to) that cover the square.
func (r raster) chromaColumns() (from, to int) {
	return r.rect.Min.X / r.hs, (r.rect.Max.X + r.hs - 1) / r.hs
}

// chromaRows returns the chroma rows [from, to) that cover the square.
func (r raster) chromaRows() (from, to int) {
	return r.rect.Min.Y / r.vs, (r.rect.Max.Y + r.vs - 1) / r.vs
}

// newRaster returns the part a of img, which lies on ground where it is
// transparent. limited says that img holds the Y, Cb and Cr of a lossy WebP, see
// limitedRange.
func newRaster(img image.Image, a area, limited bool, ground ground) raster {
	r := raster{area: a, rect: a.rect()}
	switch img := img.(type) {
	case *image.Gray:
		r.luma = func(y int) []byte { return img.Pix[img.PixOffset(r.rect.Min.X, y):][:r.rect.Dx()] }
		return r
	case *image.YCbCr:
		r = r.planar(img)
		if limited {
			r = limitedRange(r)
		}
		return r
	case *image.NYCbCrA:
		r = r.planar(&img.YCbCr)
		if limited {
			r = limitedRange(r)
		}
		return onGround(r, img, ground)
	}
	return r.packed(img, ground)
}

// planar hands out views of the planes as the decoder left them.
func (r raster) planar(img *image.YCbCr) raster {
	r.hs, r.vs = subsampling(img.SubsampleRatio)
	from, to := r.chromaColumns()
	left, width := r.rect.Min.X, r.rect.Dx()
	r.luma = func(y int) []byte { return img.Y[img.YOffset(left, y):][:width] }
	r.chroma = func(y int) (cb, cr []byte) {
		at := img.COffset(left, y)
		return img.Cb[at:][:to-from], img.Cr[at:][:to-from]
	}
	return r
}

// subsampling returns how many luma samples share a chroma sample.
func subsampling(ratio image.YCbCrSubsampleRatio) (across, down int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// limitedRange stretches the samples of r from the range of video to that of
// JPEG: Y from 16–235, Cb and Cr from 16–240. Lossy WebP is coded in the former,
// Go reads it as the latter, and pictures come out grey.
//
// Source: RFC 6386 section 9.2; https://go.dev/issue/40173
func limitedRange(r raster) raster {
	var lumaOf, chromaOf [256]byte
	for v := range 256 {
		lumaOf[v] = clamp((2*(v-16)*255 + 219) / (2 * 219))
		chromaOf[v] = clamp(128 + floorDiv(2*(v-128)*255+224, 2*224))
	}
	luma, chroma := r.luma, r.chroma
	from, to := r.chromaColumns()
	y8, cb8, cr8 := make([]byte, r.rect.Dx()), make([]byte, to-from), make([]byte, to-from)
	r.luma = func(y int) []byte { return look(lumaOf[:], y8, luma(y)) }
	r.chroma = func(y int) ([]byte, []byte) {
		cb, cr := chroma(y)
		return look(chromaOf[:], cb8, cb), look(chromaOf[:], cr8, cr)
	}
	return r
}

// look fills to with what table has for the samples from, and returns it.
func look(table, to, from []byte) []byte {
	for i, v := range from {
		to[i] = table[v]
	}
	return to
}

// onGround lays r, whose alpha is img's, on g. Alpha has a value for each luma
// sample; a chroma sample takes the mean of those that it covers.
func onGround(r raster, img *image.NYCbCrA, g ground) raster {
	luma, chroma := r.luma, r.chroma
	from, to := r.chromaColumns()
	y8, cb8, cr8 := make([]byte, r.rect.Dx()), make([]byte, to-from), make([]byte, to-from)
	groundY, groundCb, groundCr := color.RGBToYCbCr(g[0], g[1], g[2])
	r.luma = func(y int) []byte {
		alpha := img.A[img.AOffset(r.rect.Min.X, y):]
		for i, v := range luma(y) {
			y8[i] = blend(v, groundY, alpha[i])
		}
		return y8
	}
	r.chroma = func(y int) ([]byte, []byte) {
		cb, cr := chroma(y)
		for i := range cb8 {
			a := meanAlpha(img, (from+i)*r.hs, y/r.vs*r.vs, r)
			cb8[i], cr8[i] = blend(cb[i], groundCb, a), blend(cr[i], groundCr, a)
		}
		return cb8, cr8
	}
	return r
}

// meanAlpha returns the mean alpha of the hs × vs pixels at x, y, as far as
// they are within the picture.
func meanAlpha(img *image.NYCbCrA, x, y int, r raster) byte {
	sum, n := 0, 0
	for py := y; py < min(y+r.vs, img.Rect.Max.Y); py++ {
		for px := x; px < min(x+r.hs, img.Rect.Max.X); px++ {
			sum += int(img.A[img.AOffset(px, py)])
			n++
		}
	}
	return byte(sum / n)
}

// blend lays v on under, alpha thick.
func blend(v, under, alpha byte) byte {
	a := uint32(alpha)
	return byte((uint32(v)*a + uint32(under)*(255-a) + 127) / 255)
}

// packed converts the rows of a picture whose pixels are RGB, CMYK or indexes,
// on g. What the picture doesn't cover, as a GIF's first frame may not cover its
// canvas, is the ground too.
func (r raster) packed(img image.Image, g ground) raster {
	rgb := rowReader(img, g)
	width := r.rect.Dx()
	row := make([]byte, 3*width)
	y8, cb8, cr8 := make([]byte, width), make([]byte, width), make([]byte, width)
	covered := r.rect.Intersect(img.Bounds())
	r.hs, r.vs = 1, 1
	r.luma = func(y int) []byte {
		if covered.Dx() < width || y < covered.Min.Y || y >= covered.Max.Y {
			g.fill(row)
		}
		if covered.Min.Y <= y && y < covered.Max.Y {
			rgb(row[3*(covered.Min.X-r.rect.Min.X):3*(covered.Max.X-r.rect.Min.X)], covered.Min.X, y)
		}
		toYCbCr(row, y8, cb8, cr8)
		return y8
	}
	r.chroma = func(int) ([]byte, []byte) { return cb8, cr8 }
	return r
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// toYCbCr converts pixels of three bytes, as JFIF has it.
func toYCbCr(rgb, y, cb, cr []byte) {
	for i := range y {
		p := rgb[3*i : 3*i+3 : 3*i+3]
		y[i], cb[i], cr[i] = color.RGBToYCbCr(p[0], p[1], p[2])
	}
}

// clamp returns v within 0–255.
func clamp(v int) byte { return byte(max(0, min(255, v))) }

// floorDiv returns a/b rounded down, b > 0.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
