package jpegscale

import "math/bits"

// coder writes one scan of a sketch: once to count the symbols, once with the
// codes that fit them best.
type coder struct {
	sketch *sketch
	pass   pass
	grids  []coefGrid

	count  [2][2][256]int // of symbols, by class and table
	code   [2][2][256]codeword
	write  bool // the second time
	out    []byte
	acc, n uint

	table     int // 0 for luma, 1 for chroma
	dc        [4]int
	eobRun    int
	eobBits   []int // corrections within the run
	sinceMark int
	due       byte
}

type codeword struct{ bits, length uint }

// scan appends tables, header and data to out.
func (c *coder) scan(out []byte) []byte {
	c.run()
	for class := range 2 {
		for table := range 2 {
			out = c.define(out, class, table)
		}
	}
	p := c.pass
	header := []byte{byte(len(p.comps))}
	for _, i := range p.comps {
		header = append(header, byte(i+1), byte(min(i, 1)*0x11))
	}
	out = appendSegment(out, markerSOS, append(header, byte(p.ss), byte(p.se), byte(p.ah<<4|p.al)))
	c.write, c.out = true, out
	c.run()
	return c.out
}

// run goes over all blocks.
func (c *coder) run() {
	c.dc, c.sinceMark, c.due = [4]int{}, 0, markerRST0
	p := c.pass
	if len(p.comps) == 1 {
		g := &c.grids[p.comps[0]]
		for y := range g.high {
			for x := range g.wide {
				c.mark()
				c.block(p.comps[0], &g.blocks[y*g.stride+x])
			}
		}
	} else {
		w, h := c.sketch.size()
		mh, mv := c.sketch.most()
		for my := range ceil(h, 8*mv) {
			for mx := range ceil(w, 8*mh) {
				c.mark()
				for _, i := range p.comps {
					g, f := &c.grids[i], c.sketch.factors[i]
					for j := range f[0] * f[1] {
						c.block(i, &g.blocks[(my*f[1]+j/f[0])*g.stride+mx*f[0]+j%f[0]])
					}
				}
			}
		}
	}
	c.flush()
}

// mark writes the restart marker that is due before the next MCU, if one is.
func (c *coder) mark() {
	if c.sketch.restart > 0 && c.sinceMark == c.sketch.restart {
		c.flush()
		if c.write {
			c.out = append(c.out, 0xff, c.due)
		}
		c.due = markerRST0 + (c.due+1)&7
		c.sinceMark, c.dc = 0, [4]int{}
	}
	c.sinceMark++
}

// flush ends the run of blocks and fills the last byte with ones.
func (c *coder) flush() {
	c.endRun()
	if c.n > 0 {
		c.put(1<<(8-c.n)-1, 8-c.n)
	}
}

func (c *coder) put(v, n uint) {
	if !c.write {
		return
	}
	for ; n > 0; n-- {
		c.acc = c.acc<<1 | v>>(n-1)&1
		if c.n++; c.n == 8 {
			c.out = append(c.out, byte(c.acc))
			if c.acc == 0xff {
				c.out = append(c.out, 0)
			}
			c.acc, c.n = 0, 0
		}
	}
}

func (c *coder) symbol(class int, s int) {
	c.count[class][c.table][s]++
	if w := c.code[class][c.table][s]; c.write {
		c.put(w.bits, w.length)
	}
}

// value writes v in the size bits it takes, after a symbol with run and size.
func (c *coder) value(class, run, v int) {
	size := uint(bits.Len(uint(max(v, -v))))
	c.symbol(class, run<<4|int(size))
	if v < 0 {
		v += 1<<size - 1
	}
	c.put(uint(v), size)
}

// block writes what this scan has of a block.
func (c *coder) block(comp int, b *[64]int) {
	c.table = min(comp, 1)
	p := c.pass
	switch {
	case p.ss == 0 && p.ah > 0:
		c.put(uint(b[0]>>p.al)&1, 1)
		return
	case p.ss == 0:
		dc := b[0] >> p.al
		c.value(0, 0, dc-c.dc[comp])
		c.dc[comp] = dc
		if p.se == 0 {
			return
		}
	case p.ah > 0:
		c.refine(b)
		return
	}
	run := 0
	for k := max(1, p.ss); k <= p.se; k++ {
		v := shifted(b[k], p.al)
		if v == 0 {
			run++
			continue
		}
		c.endRun()
		for ; run > 15; run -= 16 {
			c.symbol(1, 0xf0)
		}
		c.value(1, run, v)
		run = 0
	}
	if run > 0 {
		c.eobRun++
		if p.ss == 0 || c.eobRun == 1<<15-1 {
			c.endRun()
		}
	}
}

// shifted divides v by a power of two, towards zero.
func shifted(v, al int) int {
	if v < 0 {
		return -(-v >> al)
	}
	return v >> al
}

// endRun writes the run of blocks that end here.
func (c *coder) endRun() {
	if c.eobRun == 0 {
		return
	}
	size := bits.Len(uint(c.eobRun)) - 1
	c.symbol(1, size<<4)
	c.put(uint(c.eobRun), uint(size))
	c.corrections(c.eobBits)
	c.eobRun, c.eobBits = 0, nil
}

func (c *coder) corrections(b []int) {
	for _, v := range b {
		c.put(uint(v), 1)
	}
}

// refine writes one more bit of a band.
func (c *coder) refine(b *[64]int) {
	p := c.pass
	end := 0 // the last that becomes 1
	for k := p.ss; k <= p.se; k++ {
		if v := shifted(b[k], p.al); v == 1 || v == -1 {
			end = k
		}
	}
	run := 0
	var pending []int
	for k := p.ss; k <= p.se; k++ {
		v := shifted(b[k], p.al)
		if v == 0 {
			run++
			continue
		}
		for ; run > 15 && k <= end; run -= 16 {
			c.endRun()
			c.symbol(1, 0xf0)
			c.corrections(pending)
			pending = nil
		}
		if v > 1 || v < -1 {
			pending = append(pending, max(v, -v)&1)
			continue
		}
		c.endRun()
		c.value(1, run, v)
		c.corrections(pending)
		pending, run = nil, 0
	}
	if run > 0 || len(pending) > 0 {
		c.eobRun++
		c.eobBits = append(c.eobBits, pending...)
		if c.eobRun == 1<<15-1 {
			c.endRun()
		}
	}
}
