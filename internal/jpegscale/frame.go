package jpegscale

import "image"

// decoder is what is known of a picture while it is decoded.
type decoder struct {
	options Options

	width, height int
	nComp         int
	comp          [4]component
	baseline      bool // SOF0: fewer tables
	progressive   bool
	jfif, adobe   bool
	// adobeTransform is 0 for RGB or CMYK, if adobe.
	adobeTransform byte

	segments []segment // tables and scans, in the order of the file
	scans    []*scan
	ended    bool // EOI was there
	partial  bool // there are rows below the region

	restart int             // MCUs from one restart marker to the next, or 0
	quant   [4][64]uint16   // in zigzag order
	huff    [2][4]huffman   // DC, AC
	mcus    image.Rectangle // the region, in MCUs
	wide    int             // MCUs of a row of the picture
	out     image.Image     // a *image.YCbCr or *image.Gray, as yet of whole MCUs
	bits    bitReader
	block   block        // the block at hand; zero between blocks
	eobRun  int          // blocks that follow without a coefficient in this band
	dc      [4]int       // the latest DC coefficient of each component of the scan
	quirks  bool         // there was something that image/jpeg sees otherwise; see FuzzDecode
	inspect func(*block) // if not nil, gets each block before its transform; see FuzzDecode
}

// component is one of the planes of a picture.
type component struct {
	id     byte
	h, v   int // sampling factors
	tq     byte
	dcSeen bool // a scan held its DC coefficients: of the first walk
	seen   bool // a scan held it: of the second

	blocksWide, blocksHigh int             // that hold pixels of the picture
	keep                   image.Rectangle // the blocks within the region
	plane                  []byte          // its part of the result, from keep.Min on
	stride                 int             // of plane
	dequantize             dequantizer

	coefs   []int16  // of the blocks of keep, if progressive; see progressive.go
	nonzero []uint64 // of all blocks down to keep.Max.Y
}

// frameHeader reads a SOF segment.
//
// Source: ITU-T T.81 section B.2.2.
func (d *decoder) frameHeader(b []byte) error {
	if d.nComp != 0 {
		return FormatError("two frame headers")
	}
	if len(b) < 6 {
		return FormatError("frame header of wrong length")
	}
	n := int(b[5])
	if b[0] != 8 {
		return UnsupportedError("bits a sample")
	}
	if n != 1 && n != 3 && n != 4 {
		return UnsupportedError("number of components")
	}
	if len(b) != 6+3*n {
		return FormatError("frame header of wrong length")
	}
	d.height = int(b[1])<<8 | int(b[2])
	d.width = int(b[3])<<8 | int(b[4])
	if d.width == 0 || d.height == 0 {
		return FormatError("a side of zero pixels")
	}
	if limit := d.options.MaxPixels; limit > 0 && d.width*d.height > limit {
		return tooLarge("%d × %d pixels", d.width, d.height)
	}
	for i := range n {
		if err := d.addComponent(i, n, b[6+3*i:]); err != nil {
			return err
		}
	}
	d.nComp = n
	return nil
}

// addComponent reads the i-th of n components. It wants what image/jpeg wants:
// 4:4:4, 4:4:0, 4:2:2, 4:2:0, 4:1:1 or 4:1:0, with both chroma planes alike.
func (d *decoder) addComponent(i, n int, b []byte) error {
	c := component{id: b[0], h: int(b[1] >> 4), v: int(b[1] & 15), tq: b[2]}
	for _, other := range d.comp[:i] {
		if other.id == c.id {
			return FormatError("two components of one name")
		}
	}
	if c.tq > 3 {
		return FormatError("number of quantization table")
	}
	if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
		return FormatError("sampling factor")
	}
	first := &d.comp[0]
	switch {
	case c.h == 3 || c.v == 3:
		return UnsupportedError("sampling factor")
	case n == 1:
		// A scan of one component is never interleaved (T.81 A.2.2).
		c.h, c.v = 1, 1
	case n == 4: // for image/jpeg to judge
	case i == 0 && c.v == 4,
		i == 1 && (first.h%c.h != 0 || first.v%c.v != 0),
		i == 2 && (c.h != d.comp[1].h || c.v != d.comp[1].v):
		return UnsupportedError("subsampling ratio")
	}
	d.comp[i] = c
	return nil
}

// config is what DecodeConfig says.
func (d *decoder) config() Config {
	c := Config{Width: d.width, Height: d.height, Components: d.nComp, Progressive: d.progressive, RGB: d.isRGB()}
	if d.nComp == 3 {
		c.Subsampling = d.subsampling()
	}
	return c
}

// isRGB says whether three components are R, G and B. Encoders say so with
// Adobe's segment or the names of the components, and JFIF forbids it.
//
// Source: libjpeg's jdapimin.c, default_decompress_parms.
func (d *decoder) isRGB() bool {
	if d.nComp != 3 || d.jfif {
		return false
	}
	return d.adobe && d.adobeTransform == 0 || d.comp[0].id == 'R' && d.comp[1].id == 'G' && d.comp[2].id == 'B'
}

func (d *decoder) subsampling() image.YCbCrSubsampleRatio {
	switch [2]int{d.comp[0].h / d.comp[1].h, d.comp[0].v / d.comp[1].v} {
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411
	case [2]int{4, 2}:
		return image.YCbCrSubsampleRatio410
	}
	return image.YCbCrSubsampleRatio444
}

// readQuantization reads a DQT segment.
//
// Source: ITU-T T.81 section B.2.4.1.
func (d *decoder) readQuantization(b []byte) error {
	for len(b) > 0 {
		wide, at := b[0]>>4, b[0]&15
		if at > 3 || wide > 1 {
			return FormatError("number of quantization table")
		}
		b = b[1:]
		n := 64 << wide
		if len(b) < n {
			return FormatError("quantization table of wrong length")
		}
		for i := range 64 {
			if wide == 1 {
				d.quant[at][i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
				d.quirks = d.quirks || b[2*i] != 0
			} else {
				d.quant[at][i] = uint16(b[i])
			}
		}
		b = b[n:]
	}
	return nil
}
