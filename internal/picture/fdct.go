package picture

// coefficients are a block of 8×8: samples, or what the cosine transform makes
// of them, row by row.
type coefficients [64]float32

// aanScale is what the transform below makes too large, by row and by column;
// quantisation divides by it.
//
// Source: Arai, Agui, Nakajima, A fast DCT-SQ scheme for images, 1988: the
// cosines of k·π/16 times √2.
var aanScale = [8]float64{1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.541196100, 0.275899379}

// transform is the forward cosine transform of Arai, Agui and Nakajima: five
// multiplications for eight samples.
func (b *coefficients) transform() {
	for i := 0; i < 64; i += 8 {
		r := b[i : i+8 : i+8]
		r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7] = transform8(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
	}
	for i := range 8 {
		b[i], b[i+8], b[i+16], b[i+24], b[i+32], b[i+40], b[i+48], b[i+56] =
			transform8(b[i], b[i+8], b[i+16], b[i+24], b[i+32], b[i+40], b[i+48], b[i+56])
	}
}

// transform8 transforms one line.
func transform8(a, b, c, d, e, f, g, h float32) (s0, s1, s2, s3, s4, s5, s6, s7 float32) {
	t0, t7 := a+h, a-h
	t1, t6 := b+g, b-g
	t2, t5 := c+f, c-f
	t3, t4 := d+e, d-e

	u0, u3 := t0+t3, t0-t3
	u1, u2 := t1+t2, t1-t2
	z1 := (u2 + u3) * 0.707106781
	s0, s4, s2, s6 = u0+u1, u0-u1, u3+z1, u3-z1

	v0, v1, v2 := t4+t5, t5+t6, t6+t7
	z5 := (v0 - v2) * 0.382683433
	z2, z4 := 0.541196100*v0+z5, 1.306562965*v2+z5
	z3 := v1 * 0.707106781
	z11, z13 := t7+z3, t7-z3
	return s0, z11 + z4, s2, z13 - z2, s4, z13 + z2, s6, z11 - z4
}

// load reads the block of p whose left top is at x, y, around zero. Beyond the
// edges it repeats the outermost samples.
func (b *coefficients) load(p plane, x, y int) {
	if x+8 <= p.side && y+8 <= p.side {
		for i := range 8 {
			row := p.pix[(y+i)*p.side+x:][:8]
			to := b[8*i : 8*i+8 : 8*i+8]
			for j, v := range row {
				to[j] = float32(int32(v) - 128)
			}
		}
		return
	}
	for i := range 8 {
		row := p.pix[min(y+i, p.side-1)*p.side:][:p.side]
		for j := range 8 {
			b[8*i+j] = float32(int32(row[min(x+j, p.side-1)]) - 128)
		}
	}
}
