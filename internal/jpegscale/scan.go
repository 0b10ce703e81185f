package jpegscale

// scan is one pass over some components.
type scan struct {
	n      int // components
	comp   [4]*component
	td, ta [4]byte // their Huffman tables
	ss, se int     // the band: first and last coefficient, in zigzag order
	ah, al uint    // successive approximation: bits of before and of now
	data   []byte  // entropy-coded, up to the next marker but a restart
	skip   bool    // nothing of it is wanted
}

// scanHeader reads a SOS segment.
//
// Source: ITU-T T.81 section B.2.3.
func (d *decoder) scanHeader(b, data []byte) error {
	if d.nComp == 0 {
		return FormatError("a scan before the frame header")
	}
	if len(b) < 6 || len(b) != 4+2*int(b[0]) || int(b[0]) > d.nComp {
		return FormatError("scan header of wrong length")
	}
	if limit := d.options.MaxScans; limit > 0 && len(d.scans) == limit {
		return tooLarge("more than %d scans", limit)
	}
	s := &scan{n: int(b[0]), data: data}
	samples := 0
	for i := range s.n {
		if err := d.scanComponent(s, i, b[1+2*i], b[2+2*i]); err != nil {
			return err
		}
		samples += s.comp[i].h * s.comp[i].v
	}
	if d.nComp > 1 && samples > 10 {
		return FormatError("too many blocks in an MCU")
	}
	if err := d.scanBand(s, b[1+2*s.n:]); err != nil {
		return err
	}
	d.scans = append(d.scans, s)
	return d.remember(segment{marker: markerSOS, scan: s})
}

// scanComponent finds the i-th component of s by its name.
func (d *decoder) scanComponent(s *scan, i int, id, tables byte) error {
	for j := range d.comp[:d.nComp] {
		if d.comp[j].id == id {
			s.comp[i] = &d.comp[j]
		}
	}
	if s.comp[i] == nil {
		return FormatError("a scan of an unknown component")
	}
	for _, other := range s.comp[:i] {
		if other == s.comp[i] {
			return FormatError("a scan with a component twice")
		}
	}
	s.td[i], s.ta[i] = tables>>4, tables&15
	if most := max(s.td[i], s.ta[i]); most > 3 || d.baseline && most > 1 {
		return FormatError("number of Huffman table")
	}
	return nil
}

// scanBand reads what a scan of a progressive picture holds of each block.
//
// Unlike image/jpeg it insists that a component's DC coefficients come first
// (T.81 G.1.1.1.1): they are what proves that there is data for each block.
func (d *decoder) scanBand(s *scan, b []byte) error {
	s.se = 63
	if !d.progressive {
		return nil
	}
	s.ss, s.se, s.ah, s.al = int(b[0]), int(b[1]), uint(b[2]>>4), uint(b[2]&15)
	switch {
	case s.ss == 0 && s.se != 0, s.ss > s.se, s.se > 63, s.ss != 0 && s.n != 1:
		return FormatError("spectral selection")
	case s.ah != 0 && s.ah != s.al+1, s.al > 13:
		return FormatError("successive approximation")
	}
	for _, c := range s.comp[:s.n] {
		if s.ss == 0 && s.ah == 0 {
			c.dcSeen = true
		}
		if !c.dcSeen {
			return FormatError("no DC coefficients before others")
		}
	}
	return nil
}

// A blockDecoder decodes block (x, y) of the i-th component of a scan.
type blockDecoder func(s *scan, i, x, y int) error

// kind is how the blocks of a scan are coded.
func (d *decoder) kind(s *scan) blockDecoder {
	switch {
	case !d.progressive:
		return d.sequentialBlock
	case s.ss == 0 && s.ah == 0:
		return d.firstDC
	case s.ss == 0:
		return d.refineDC
	case s.ah == 0:
		return d.firstAC
	}
	return d.refineAC
}

// makeTables makes the Huffman tables that s uses.
func (d *decoder) makeTables(s *scan) error {
	for i := range s.n {
		if s.ss == 0 && s.ah == 0 {
			if err := d.huff[0][s.td[i]].tables(true); err != nil {
				return err
			}
		}
		if s.se > 0 {
			if err := d.huff[1][s.ta[i]].tables(false); err != nil {
				return err
			}
		}
	}
	return nil
}

// grid is how many MCUs s has in a row, and how many rows of them are wanted.
//
// In a scan of one component, an MCU is one block, and those outside of the
// picture aren't there (T.81 A.2.2).
func (d *decoder) grid(s *scan) (wide, high int) {
	if s.n > 1 {
		return d.wide, d.mcus.Max.Y
	}
	c := s.comp[0]
	return c.blocksWide, min(c.blocksHigh, c.keep.Max.Y)
}

// decodeScan decodes s down to the end of the region.
func (d *decoder) decodeScan(s *scan) error {
	if err := d.makeTables(s); err != nil {
		return err
	}
	for i, c := range s.comp[:s.n] {
		c.seen = true
		c.dequantize.set(&d.quant[c.tq], d.options.Scale)
		d.quirks = d.quirks || s.n == 1 && d.nComp > 1 && c.h*c.v > 1 && (d.restart > 0 || c.h < d.comp[0].h)
		d.dc[i] = 0
	}
	d.eobRun = 0
	d.bits.start(s.data)
	wide, high := d.grid(s)
	decode := d.kind(s)
	left, due := d.restart, byte(markerRST0)
	for my := range high {
		for mx := range wide {
			if d.restart > 0 {
				if left == 0 {
					if err := d.bits.nextRestart(due); err != nil {
						return err
					}
					left, due = d.restart, markerRST0+(due+1)&7
					d.eobRun, d.dc = 0, [4]int{}
				}
				left--
			}
			if err := d.mcu(s, decode, mx, my); err != nil {
				return err
			}
		}
	}
	if d.bits.overrun() {
		return d.bits.short()
	}
	d.quirks = d.quirks || d.eobRun > 0
	return nil
}

// mcu decodes the blocks of one MCU.
func (d *decoder) mcu(s *scan, decode blockDecoder, mx, my int) error {
	if s.n == 1 {
		return decode(s, 0, mx, my)
	}
	for i, c := range s.comp[:s.n] {
		for y := range c.v {
			for x := range c.h {
				if err := decode(s, i, mx*c.h+x, my*c.v+y); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
