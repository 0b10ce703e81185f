package jpegscale

// Factors of Arai, Agui and Nakajima's transform, with 14 bits behind the point.
const (
	root2  = 23170 // √2
	cos1   = 30274 // 2 cos 22.5°
	diff26 = 17734 // 2 (cos 22.5° - cos 67.5°)
	sum26  = 42813 // 2 (cos 22.5° + cos 67.5°)
)

// inverse8 makes the 64 samples of a block at full size. The coefficients after
// top, in zigzag order, are zero.
//
// It is Arai, Agui and Nakajima's inverse DCT, once over the columns and once
// over the rows: 5 multiplications, since 8 are in the dequantization.
func inverse8(b *block, out []byte, stride, top int) {
	b[0] += rounding
	columns := 8
	if top < 10 { // within 4 × 4
		columns = 4
	}
	for i := range columns {
		c := (*[57]int32)(b[i : i+57])
		if c[8]|c[16]|c[24]|c[32]|c[40]|c[48]|c[56] == 0 {
			v := c[0]
			c[8], c[16], c[24], c[32], c[40], c[48], c[56] = v, v, v, v, v, v, v
			continue
		}
		x0, x1, x2, x3, x4, x5, x6, x7 := inverseLine(int(c[0]), int(c[8]), int(c[16]), int(c[24]), int(c[32]), int(c[40]), int(c[48]), int(c[56]))
		c[0], c[8], c[16], c[24] = int32(x0), int32(x1), int32(x2), int32(x3)
		c[32], c[40], c[48], c[56] = int32(x4), int32(x5), int32(x6), int32(x7)
	}
	for i := 0; ; i += 8 {
		r := (*[8]int32)(b[i : i+8])
		x0, x1, x2, x3, x4, x5, x6, x7 := inverseLine(int(r[0]), int(r[1]), int(r[2]), int(r[3]), int(r[4]), int(r[5]), int(r[6]), int(r[7]))
		put4(out, x0, x1, x2, x3)
		put4(out[4:], x4, x5, x6, x7)
		if i == 56 {
			return
		}
		out = out[stride:]
	}
}

// inverseLine is the inverse DCT of 8 points.
func inverseLine(c0, c1, c2, c3, c4, c5, c6, c7 int) (x0, x1, x2, x3, x4, x5, x6, x7 int) {
	even0, even1 := c0+c4, c0-c4
	even3 := c2 + c6
	even2 := (c2-c6)*root2>>14 - even3
	a0, a3 := even0+even3, even0-even3
	a1, a2 := even1+even2, even1-even2

	z13, z10, z11, z12 := c5+c3, c5-c3, c1+c7, c1-c7
	z5 := (z10 + z12) * cos1
	b7 := z11 + z13
	b6 := (z5-z10*sum26)>>14 - b7
	b5 := (z11-z13)*root2>>14 - b6
	b4 := (z12*diff26-z5)>>14 + b5
	return a0 + b7, a1 + b6, a2 + b5, a3 - b4, a3 + b4, a2 - b5, a1 - b6, a0 - b7
}
