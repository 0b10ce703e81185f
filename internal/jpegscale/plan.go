package jpegscale

import "image"

// lastUsed is, by scale, the last coefficient in zigzag order that the inverse
// transform uses: of 8×8, 4×4, 2×2 or 1×1.
var lastUsed = [9]int{1: 63, 2: 24, 4: 4, 8: 0}

// plan decides after the first walk what to decode, whether there can be enough
// data for it, and allocates the result.
func (d *decoder) plan() error {
	switch {
	case d.nComp == 0:
		return errTruncated
	case d.nComp == 4:
		return UnsupportedError("four components")
	case d.isRGB():
		return UnsupportedError("components that are red, green and blue")
	}
	if err := d.planRegion(); err != nil {
		return err
	}
	switch {
	case !d.ended && (d.progressive || !d.partial):
		return errTruncated
	case len(d.scans) == 0 && !d.ended:
		return errTruncated
	case len(d.scans) == 0:
		return FormatError("no scan")
	}
	d.planScans()
	if err := d.weigh(); err != nil {
		return err
	}
	d.allocate()
	return nil
}

// planRegion finds the MCUs and blocks that the region needs.
func (d *decoder) planRegion() error {
	all := image.Rect(0, 0, d.width, d.height)
	region := d.options.Region
	if region.Empty() {
		region = all
	}
	if region = region.Intersect(all); region.Empty() {
		return errOutside
	}
	w, h := 8*d.comp[0].h, 8*d.comp[0].v
	d.wide = ceil(d.width, w)
	d.mcus = image.Rect(region.Min.X/w, region.Min.Y/h, ceil(region.Max.X, w), ceil(region.Max.Y, h))
	d.partial = d.mcus.Max.Y < ceil(d.height, h)
	for i := range d.comp[:d.nComp] {
		c := &d.comp[i]
		c.keep = image.Rect(d.mcus.Min.X*c.h, d.mcus.Min.Y*c.v, d.mcus.Max.X*c.h, d.mcus.Max.Y*c.v)
		c.blocksWide = ceil(ceil(d.width*c.h, d.comp[0].h), 8)
		c.blocksHigh = ceil(ceil(d.height*c.v, d.comp[0].v), 8)
	}
	return nil
}

// planScans marks the scans of a progressive picture that can't change a
// coefficient in use: their bands are too high, and no refinement that is in
// use needs to know which of their coefficients are zero.
func (d *decoder) planScans() {
	if !d.progressive {
		return
	}
	last := lastUsed[d.options.Scale]
	known := map[*component]int{} // the last coefficient that a later scan needs to know
	for i := len(d.scans) - 1; i >= 0; i-- {
		s := d.scans[i]
		if s.ss == 0 {
			continue
		}
		c := s.comp[0]
		s.skip = s.ss > max(last, known[c])
		if !s.skip && s.ah > 0 {
			known[c] = max(known[c], s.se)
		}
		if last == 0 {
			s.skip = true
		}
	}
}

// weigh makes sure that each scan has data for all its blocks.
//
// A block takes two Huffman codes of at least one bit, for DC and for the end;
// of a progressive picture, one bit in each scan of DC coefficients. Blocks
// without AC coefficients take next to nothing in the others.
func (d *decoder) weigh() error {
	for _, s := range d.scans {
		wide, high := d.grid(s)
		blocks := wide * high
		if s.n > 1 {
			blocks = 0
			for _, c := range s.comp[:s.n] {
				blocks += wide * high * c.h * c.v
			}
		}
		bits := 2 * blocks
		if d.progressive {
			bits = blocks
		}
		if s.ss == 0 && bits > 8*len(s.data) {
			return errTruncated
		}
	}
	return nil
}

// allocate makes the result and what is kept between scans.
func (d *decoder) allocate() {
	scale := d.options.Scale
	w, h := 8*d.comp[0].h/scale, 8*d.comp[0].v/scale
	r := image.Rect(d.mcus.Min.X*w, d.mcus.Min.Y*h, d.mcus.Max.X*w, d.mcus.Max.Y*h)
	if d.nComp == 1 {
		m := image.NewGray(r)
		d.out = m
		d.comp[0].plane, d.comp[0].stride = m.Pix, m.Stride
	} else {
		m := image.NewYCbCr(r, d.subsampling())
		d.out = m
		for i, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			d.comp[i].plane, d.comp[i].stride = plane, m.CStride
		}
		d.comp[0].stride = m.YStride
	}
	if d.progressive {
		d.allocateCoefficients()
	}
}

// picture is the result without what is outside of the picture.
func (d *decoder) picture() (image.Image, error) {
	r := image.Rect(0, 0, ceil(d.width, d.options.Scale), ceil(d.height, d.options.Scale))
	switch m := d.out.(type) {
	case *image.Gray:
		return m.SubImage(r), nil
	case *image.YCbCr:
		return m.SubImage(r), nil
	}
	return nil, FormatError("no scan")
}

// ceil is a divided by b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }
