package picture

import (
	"image"
	"image/color"
)

// ground is the opaque colour, as red, green and blue, on which transparent
// pictures are laid.
type ground [3]byte

// white is the ground where none was chosen.
var white = ground{255, 255, 255}

// groundOf returns c; the zero colour, which is no colour, is white.
func groundOf(c color.RGBA) ground {
	if c.A == 0 {
		return white
	}
	return ground{c.R, c.G, c.B}
}

// fill makes all pixels of row, three bytes each, g.
func (g ground) fill(row []byte) {
	for i := 0; i+3 <= len(row); i += 3 {
		row[i], row[i+1], row[i+2] = g[0], g[1], g[2]
	}
}

// under returns g with a picture of colour c laid on it, a thick.
func (g ground) under(r, green, b, a byte) [3]byte {
	return [3]byte{blend(r, g[0], a), blend(green, g[1], a), blend(b, g[2], a)}
}

// rowReader returns a function that fills to with the pixels of img from x, y
// to the right, three bytes each, on g. 16-bit samples lose their lower 8.
func rowReader(img image.Image, g ground) func(to []byte, x, y int) {
	switch img := img.(type) {
	case *image.RGBA:
		return func(to []byte, x, y int) { fromRGBA(to, img.Pix[img.PixOffset(x, y):], g) }
	case *image.NRGBA:
		return func(to []byte, x, y int) { fromNRGBA(to, img.Pix[img.PixOffset(x, y):], 1, g) }
	case *image.NRGBA64:
		return func(to []byte, x, y int) { fromNRGBA(to, img.Pix[img.PixOffset(x, y):], 2, g) }
	case *image.RGBA64:
		return func(to []byte, x, y int) { fromRGBA64(to, img.Pix[img.PixOffset(x, y):], g) }
	case *image.Gray16:
		return func(to []byte, x, y int) { fromGray16(to, img.Pix[img.PixOffset(x, y):]) }
	case *image.Paletted:
		colours := g.palette(img.Palette)
		return func(to []byte, x, y int) { fromPalette(to, img.Pix[img.PixOffset(x, y):], &colours) }
	case *image.CMYK:
		return func(to []byte, x, y int) { fromCMYK(to, img.Pix[img.PixOffset(x, y):]) }
	}
	return func(to []byte, x, y int) { // no decoder of ours returns anything else today
		for i := 0; i < len(to); i += 3 {
			c := g.laid(img.At(x+i/3, y))
			copy(to[i:], c[:])
		}
	}
}

// fromRGBA reads premultiplied pixels of 4 bytes.
func fromRGBA(to, pix []byte, g ground) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+4 {
		p := pix[j : j+4 : j+4]
		to[i], to[i+1], to[i+2] = p[0], p[1], p[2]
		if p[3] != 255 {
			rest := g.under(0, 0, 0, p[3])
			to[i], to[i+1], to[i+2] = p[0]+rest[0], p[1]+rest[1], p[2]+rest[2]
		}
	}
}

// fromNRGBA reads pixels whose four samples have size bytes each, the high one
// first.
func fromNRGBA(to, pix []byte, size int, g ground) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+4*size {
		p := pix[j : j+4*size]
		a := p[3*size]
		to[i], to[i+1], to[i+2] = p[0], p[size], p[2*size]
		if a != 255 {
			c := g.under(p[0], p[size], p[2*size], a)
			to[i], to[i+1], to[i+2] = c[0], c[1], c[2]
		}
	}
}

// fromRGBA64 reads premultiplied pixels of 8 bytes.
func fromRGBA64(to, pix []byte, g ground) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+8 {
		p := pix[j : j+8 : j+8]
		rest := g.under(0, 0, 0, p[6])
		to[i], to[i+1], to[i+2] = p[0]+rest[0], p[2]+rest[1], p[4]+rest[2]
	}
}

// fromGray16 reads grey pixels of 2 bytes.
func fromGray16(to, pix []byte) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+2 {
		to[i], to[i+1], to[i+2] = pix[j], pix[j], pix[j]
	}
}

// fromPalette reads indexes into colours.
func fromPalette(to, pix []byte, colours *[256][3]byte) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+1 {
		c := &colours[pix[j]]
		to[i], to[i+1], to[i+2] = c[0], c[1], c[2]
	}
}

// fromCMYK reads pixels of 4 bytes as if the inks were ideal; a profile, if
// there is one, isn't looked at.
func fromCMYK(to, pix []byte) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+4 {
		p := pix[j : j+4 : j+4]
		to[i], to[i+1], to[i+2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
	}
}

// palette returns the colours of p on g; indexes beyond its end are g.
func (g ground) palette(p color.Palette) [256][3]byte {
	var colours [256][3]byte
	for i := range colours {
		colours[i] = g
		if i < len(p) {
			colours[i] = g.laid(p[i])
		}
	}
	return colours
}

// laid returns c on g.
func (g ground) laid(c color.Color) [3]byte {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return g.under(n.R, n.G, n.B, n.A)
}
