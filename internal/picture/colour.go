package picture

import (
	"math"
	"sync"
)

// colourSpace is how a source codes its colours, where that isn't sRGB: a curve
// for each of red, green and blue from codes to light, and a matrix from that
// light to the light of sRGB's primaries. Light is 0 to 1.
type colourSpace struct {
	curves [3][256]float64
	matrix matrix
}

// matrix is a 3 × 3 matrix, row by row.
type matrix [3][3]float64

// times returns m·n.
func (m matrix) times(n matrix) (p matrix) {
	for i := range 3 {
		for j := range 3 {
			p[i][j] = m[i][0]*n[0][j] + m[i][1]*n[1][j] + m[i][2]*n[2][j]
		}
	}
	return p
}

// inverse returns m to the power of -1; ok is false where there is none.
func (m matrix) inverse() (inv matrix, ok bool) {
	cofactor := func(r, c int) float64 {
		a, b, x, y := (r+1)%3, (r+2)%3, (c+1)%3, (c+2)%3
		return m[a][x]*m[b][y] - m[a][y]*m[b][x]
	}
	det := m[0][0]*cofactor(0, 0) + m[0][1]*cofactor(0, 1) + m[0][2]*cofactor(0, 2)
	if math.Abs(det) < 1e-6 || math.IsNaN(det) {
		return inv, false
	}
	for i := range 3 {
		for j := range 3 {
			inv[i][j] = cofactor(j, i) / det
		}
	}
	return inv, true
}

// whiteToWhite scales the rows of m so that equal light of all three primaries
// stays without colour. ok is false if m can't be one of real primaries.
func (m matrix) whiteToWhite() (n matrix, ok bool) {
	for i, row := range m {
		sum := row[0] + row[1] + row[2]
		if !(sum > 0.5 && sum < 2) { // also NaN
			return n, false
		}
		for j, v := range row {
			if n[i][j] = v / sum; !(math.Abs(n[i][j]) < 4) {
				return n, false
			}
		}
	}
	return n, true
}

// usable says whether the curves of c rise and stay within 0 to 1.
func (c *colourSpace) usable() bool {
	for _, curve := range c.curves {
		last := curve[0]
		for _, v := range curve {
			if !(v >= last && v <= 1) { // also NaN
				return false
			}
			last = v
		}
		if curve[0] < 0 || curve[255]-curve[0] < 0.5 {
			return false
		}
	}
	return true
}

// fromSRGB is the curve of sRGB from codes, 0 to 1, to light.
//
// Source: IEC 61966-2-1 section 5.2.
func fromSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// toSRGB is the inverse of fromSRGB.
func toSRGB(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// curveOf returns f at all 256 codes, within 0 to 1.
func curveOf(f func(float64) float64) (curve [256]float64) {
	for i := range curve {
		curve[i] = max(0, min(1, f(float64(i)/255)))
	}
	return curve
}

// Light has 16 bits in the tables, the matrix 14 after the point, and sRGB's
// codes are looked up by 13 bits of light: finer than half a code even where the
// curve is steepest, at black.
const (
	matrixBits = 14
	encodeBits = 13
)

// encodeTable returns sRGB's codes by light, 1<<encodeBits of them.
var encodeTable = sync.OnceValue(func() *[1 << encodeBits]byte {
	var table [1 << encodeBits]byte
	for i := range table {
		table[i] = byte(math.Round(255 * toSRGB((float64(i)+0.5)/(1<<encodeBits))))
	}
	return &table
})

// converter is a colourSpace made ready for whole pictures.
type converter struct {
	linear [3][768]int32 // light by code + 256: what YCbCr gives beyond 0 to 255 is cut by the table
	matrix [9]int
	encode *[1 << encodeBits]byte
}

// newConverter returns nil if what c does can't be told from doing nothing, as
// for all the profiles that are sRGB by other names.
func newConverter(c *colourSpace) *converter {
	if c == nil {
		return nil
	}
	out := &converter{encode: encodeTable()}
	for i := range 3 {
		for code := range out.linear[i] {
			out.linear[i][code] = int32(math.Round(c.curves[i][max(0, min(255, code-256))] * 65535))
		}
		for j := range 3 {
			out.matrix[3*i+j] = int(math.Round(c.matrix[i][j] * (1 << matrixBits)))
		}
	}
	if out.isIdentity() {
		return nil
	}
	return out
}

// isIdentity tries a grid of colours, and all greys.
func (c *converter) isIdentity() bool {
	const near = 2 // codes; the curves of "sRGB" profiles differ by one
	same := func(r, g, b int) bool {
		r2, g2, b2 := c.convert(r, g, b)
		return max(r-r2, r2-r, g-g2, g2-g, b-b2, b2-b) <= near
	}
	for v := range 256 {
		if !same(v, v, v) {
			return false
		}
	}
	for i := range 6 * 6 * 6 {
		if !same(51*(i%6), 51*(i/6%6), 51*(i/36)) {
			return false
		}
	}
	return true
}

// convert returns the codes of sRGB for those of a source; they may be up to 255
// out of range on either side.
func (c *converter) convert(r, g, b int) (r2, g2, b2 int) {
	lr, lg, lb := int(c.linear[0][r+256]), int(c.linear[1][g+256]), int(c.linear[2][b+256])
	m := &c.matrix
	return c.code(m[0]*lr + m[1]*lg + m[2]*lb), c.code(m[3]*lr + m[4]*lg + m[5]*lb), c.code(m[6]*lr + m[7]*lg + m[8]*lb)
}

// code returns sRGB's code for light with matrixBits after the point.
func (c *converter) code(light int) int {
	const shift = matrixBits + 16 - encodeBits
	return int(c.encode[max(0, min(1<<encodeBits-1, light>>shift))])
}

// source returns the codes that c converts to near to want: what a background
// has to be in the source so that it is want in the result.
func (s *colourSpace) source(want [3]byte) (codes [3]byte) {
	if s == nil {
		return want
	}
	inverse, ok := s.matrix.inverse()
	if !ok {
		return want
	}
	for i, row := range inverse {
		light := 0.0
		for j, v := range row {
			light += v * fromSRGB(float64(want[j])/255)
		}
		nearest := 0
		for code, v := range s.curves[i] {
			if math.Abs(v-light) < math.Abs(s.curves[i][nearest]-light) {
				nearest = code
			}
		}
		codes[i] = byte(nearest)
	}
	return codes
}

// apply converts p in place. A chroma sample belongs to one pixel or to four.
func (c *converter) apply(p planes, grey bool) {
	if grey {
		for i, v := range p.y.pix {
			r, _, _ := c.convert(int(v), int(v), int(v))
			p.y.pix[i] = byte(r)
		}
		return
	}
	for row := range p.cb.side {
		c.applyRow(p, row)
	}
}

// applyRow converts a row of chroma samples and the luma samples that belong to
// it. The factors are JFIF's, with 16 bits after the point.
func (c *converter) applyRow(p planes, row int) {
	n := p.cb.side
	block := p.y.side / n
	cbs, crs := p.cb.pix[row*n:][:n], p.cr.pix[row*n:][:n]
	const half = 1 << 15
	for i := range cbs {
		cb, cr := int(cbs[i])-128, int(crs[i])-128
		dr, dg, db := (91881*cr+half)>>16, (-22554*cb-46802*cr+half)>>16, (116130*cb+half)>>16
		var sumR, sumG, sumB int
		for j := range block * block {
			at := (row*block+j/block)*p.y.side + i*block + j%block
			y := int(p.y.pix[at])
			r, g, b := c.convert(y+dr, y+dg, y+db)
			p.y.pix[at] = byte((19595*r + 38470*g + 7471*b + half) >> 16)
			sumR, sumG, sumB = sumR+r, sumG+g, sumB+b
		}
		of := 16 // a sum of four is four times as large
		if block == 2 {
			of = 18
		}
		middle := 128<<of + 1<<(of-1)
		cbs[i] = clamp((-11056*sumR - 21712*sumG + 32768*sumB + middle) >> of)
		crs[i] = clamp((32768*sumR - 27440*sumG - 5328*sumB + middle) >> of)
	}
}
