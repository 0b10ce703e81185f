package picture

import (
	"image"
	"image/color"
)

// rowReader returns a function that fills to with the pixels of img from x, y
// to the right, three bytes each, on white. 16-bit samples lose their lower 8.
func rowReader(img image.Image) func(to []byte, x, y int) {
	switch img := img.(type) {
	case *image.RGBA:
		return func(to []byte, x, y int) { fromRGBA(to, img.Pix[img.PixOffset(x, y):]) }
	case *image.NRGBA:
		return func(to []byte, x, y int) { fromNRGBA(to, img.Pix[img.PixOffset(x, y):], 1) }
	case *image.NRGBA64:
		return func(to []byte, x, y int) { fromNRGBA(to, img.Pix[img.PixOffset(x, y):], 2) }
	case *image.RGBA64:
		return func(to []byte, x, y int) { fromRGBA64(to, img.Pix[img.PixOffset(x, y):]) }
	case *image.Gray16:
		return func(to []byte, x, y int) { fromGray16(to, img.Pix[img.PixOffset(x, y):]) }
	case *image.Paletted:
		colours := onWhitePalette(img.Palette)
		return func(to []byte, x, y int) { fromPalette(to, img.Pix[img.PixOffset(x, y):], &colours) }
	case *image.CMYK:
		return func(to []byte, x, y int) { fromCMYK(to, img.Pix[img.PixOffset(x, y):]) }
	}
	return func(to []byte, x, y int) { // no decoder of ours returns anything else today
		for i := 0; i < len(to); i += 3 {
			c := whitened(img.At(x+i/3, y))
			copy(to[i:], c[:])
		}
	}
}

// fromRGBA reads premultiplied pixels of 4 bytes.
func fromRGBA(to, pix []byte) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+4 {
		p := pix[j : j+4 : j+4]
		white := 255 - p[3]
		to[i], to[i+1], to[i+2] = p[0]+white, p[1]+white, p[2]+white
	}
}

// fromNRGBA reads pixels whose four samples have size bytes each, the high one
// first.
func fromNRGBA(to, pix []byte, size int) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+4*size {
		p := pix[j : j+4*size]
		a := p[3*size]
		to[i], to[i+1], to[i+2] = p[0], p[size], p[2*size]
		if a != 255 {
			to[i], to[i+1], to[i+2] = blend(p[0], 255, a), blend(p[size], 255, a), blend(p[2*size], 255, a)
		}
	}
}

// fromRGBA64 reads premultiplied pixels of 8 bytes.
func fromRGBA64(to, pix []byte) {
	for i, j := 0, 0; i < len(to); i, j = i+3, j+8 {
		p := pix[j : j+8 : j+8]
		white := 255 - p[6]
		to[i], to[i+1], to[i+2] = p[0]+white, p[2]+white, p[4]+white
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

// onWhitePalette returns the colours of palette on white; indexes beyond its
// end are white.
func onWhitePalette(palette color.Palette) [256][3]byte {
	var colours [256][3]byte
	for i := range colours {
		colours[i] = [3]byte{255, 255, 255}
		if i < len(palette) {
			colours[i] = whitened(palette[i])
		}
	}
	return colours
}

// whitened returns c on white.
func whitened(c color.Color) [3]byte {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]byte{blend(n.R, 255, n.A), blend(n.G, 255, n.A), blend(n.B, 255, n.A)}
}
