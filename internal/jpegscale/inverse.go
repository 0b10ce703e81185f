package jpegscale

import "encoding/binary"

// rounding turns samples around 0 into samples around 128, and cutting off
// into rounding.
const rounding = 128<<fraction + 1<<(fraction-1)

// transform makes the samples of block (x, y) of c from d.block, of which the
// coefficients after top, in zigzag order, are zero; and clears d.block.
func (d *decoder) transform(c *component, x, y, top int) {
	side := 8 / d.options.Scale
	at := ((y-c.keep.Min.Y)*c.stride + x - c.keep.Min.X) * side
	out := c.plane[at:]
	if d.inspect != nil {
		d.inspect(&d.block)
	}
	if top == 0 {
		flat(out, c.stride, side, clamp(int(d.block[0])+rounding))
		d.block[0] = 0
		return
	}
	switch side {
	case 8:
		inverse8(&d.block, out, c.stride, top)
		clear(d.block[:64])
	case 4:
		inverse4(&d.block, out, c.stride)
		clear(d.block[:16])
	case 2:
		inverse2(&d.block, out, c.stride)
		clear(d.block[:4])
	default:
		out[0] = clamp(int(d.block[0]) + rounding)
	}
}

// flat fills a block with one value.
func flat(out []byte, stride, side int, v byte) {
	switch side {
	case 8:
		for ; ; out = out[stride:] {
			binary.LittleEndian.PutUint64(out, uint64(v)*0x0101010101010101)
			if side--; side == 0 {
				return
			}
		}
	case 4:
		for ; ; out = out[stride:] {
			binary.LittleEndian.PutUint32(out, uint32(v)*0x01010101)
			if side--; side == 0 {
				return
			}
		}
	case 2:
		out[0], out[1], out[stride], out[stride+1] = v, v, v, v
	default:
		out[0] = v
	}
}

// clamp makes a sample of a value with its fraction, rounding added.
func clamp(v int) byte {
	v >>= fraction
	if uint(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return byte(v)
}

// put4 makes four samples.
func put4(out []byte, a, b, c, d int) {
	v, w, x, y := a>>fraction, b>>fraction, c>>fraction, d>>fraction
	if uint(v|w|x|y) > 255 {
		v, w, x, y = int(clamp(a)), int(clamp(b)), int(clamp(c)), int(clamp(d))
	}
	binary.LittleEndian.PutUint32(out, uint32(v|w<<8|x<<16|y<<24))
}

// inverse2 makes the four samples of a block at scale 1/4.
func inverse2(b *block, out []byte, stride int) {
	dc, x, y, xy := int(b[0])+rounding, int(b[1]), int(b[2]), int(b[3])
	out[0], out[1] = clamp(dc+x+y+xy), clamp(dc-x+y-xy)
	out[stride], out[stride+1] = clamp(dc+x-y-xy), clamp(dc-x-y+xy)
}

// tan22 is the tangent of 22.5° with 16 bits behind the point.
const tan22 = 27146

// inverse4 makes the 16 samples of a block at scale 1/2.
//
// It is the inverse DCT of four points, once over the columns and once over the
// rows. With its inputs multiplied beforehand by factorsFor(4), what remains
// are two multiplications:
//
//	x0, x3 = (c0 + c2) ± (c1 + tan 22.5° c3)
//	x1, x2 = (c0 - c2) ± (tan 22.5° c1 - c3)
func inverse4(b *block, out []byte, stride int) {
	b[0] += rounding
	for i := range 4 {
		c0, c1, c2, c3 := int(b[i]), int(b[i+4]), int(b[i+8]), int(b[i+12])
		even0, even1 := c0+c2, c0-c2
		odd0, odd1 := c1+c3*tan22>>16, c1*tan22>>16-c3
		b[i], b[i+12] = int32(even0+odd0), int32(even0-odd0)
		b[i+4], b[i+8] = int32(even1+odd1), int32(even1-odd1)
	}
	for i := 0; ; i += 4 {
		c0, c1, c2, c3 := int(b[i&15]), int(b[i&15+1]), int(b[i&15+2]), int(b[i&15+3])
		even0, even1 := c0+c2, c0-c2
		odd0, odd1 := c1+c3*tan22>>16, c1*tan22>>16-c3
		put4(out, even0+odd0, even1+odd1, even1-odd1, even0-odd0)
		if i == 12 {
			return
		}
		out = out[stride:]
	}
}
