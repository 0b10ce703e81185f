package picture

import (
	"encoding/binary"
	"math"
)

// maxProfileBytes is the longest colour profile that is read. Those of cameras
// and screens have up to some 20 kB; larger ones are tables for printing, which
// we don't use.
const maxProfileBytes = 512 << 10

// The matrix from ICC's connection space (XYZ, D50) to the light of sRGB.
//
// Source: https://www.w3.org/TR/css-color-4/#color-conversion-code (D50_to_D65,
// then XYZ_to_lin_sRGB).
var fromD50 = matrix{
	{3.1341359, -1.6173860, -0.4906619},
	{-0.9787955, 1.9162546, 0.0334427},
	{0.0719554, -0.2289768, 1.4053861},
}

// readICC reads a profile of a screen or a camera: three curves and a matrix, or
// one curve for grey pictures. It returns nil where it finds anything else: the
// picture is then taken for sRGB, as if it had none.
//
// Source: https://www.color.org/specification/ICC.1-2022-05.pdf sections 7 to 10.
func readICC(data []byte, grey bool) *colourSpace {
	const header = 128
	p := profile(data)
	if len(p) < header+4 || len(p) > maxProfileBytes || string(p[36:40]) != "acsp" || string(p[20:24]) != "XYZ " {
		return nil
	}
	var c colourSpace
	switch space := string(p[16:20]); {
	case grey && space == "GRAY":
		if !p.curve("kTRC", &c.curves[0]) {
			return nil
		}
		c.curves[1], c.curves[2] = c.curves[0], c.curves[0]
		c.matrix = matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	case !grey && space == "RGB ":
		if !p.primaries(&c) {
			return nil
		}
	default:
		return nil
	}
	if !c.usable() {
		return nil
	}
	return &c
}

// profile is the bytes of an ICC profile.
type profile []byte

// tag returns the data of the element called name; nil if there is none, or if
// it lies elsewhere than within the profile.
func (p profile) tag(name string) []byte {
	const first, size, most = 132, 12, 200 // real profiles have up to some thirty
	n := binary.BigEndian.Uint32(p[first-4:])
	for i := 0; i < int(min(n, most)) && first+(i+1)*size <= len(p); i++ {
		row := p[first+i*size:][:size]
		if string(row[:4]) != name {
			continue
		}
		offset, length := uint64(binary.BigEndian.Uint32(row[4:])), uint64(binary.BigEndian.Uint32(row[8:]))
		if offset+length > uint64(len(p)) || length < 8 {
			return nil
		}
		return p[offset : offset+length]
	}
	return nil
}

// primaries reads the curves and the colours of red, green and blue.
func (p profile) primaries(c *colourSpace) bool {
	var xyz matrix
	for i, name := range []string{"r", "g", "b"} {
		colour := p.tag(name + "XYZ")
		if len(colour) < 20 || string(colour[:4]) != "XYZ " || !p.curve(name+"TRC", &c.curves[i]) {
			return false
		}
		for j := range 3 {
			xyz[j][i] = fixed(colour[8+4*j:])
		}
	}
	var ok bool
	c.matrix, ok = fromD50.times(xyz).whiteToWhite()
	return ok
}

// curve reads the curve called name into to.
func (p profile) curve(name string, to *[256]float64) bool {
	data := p.tag(name)
	if len(data) < 12 {
		return false
	}
	var f func(float64) float64
	switch string(data[:4]) {
	case "curv":
		f = tableCurve(data[8:])
	case "para":
		f = parametricCurve(data[8:])
	}
	if f == nil {
		return false
	}
	*to = curveOf(f)
	return true
}

// tableCurve reads a curve of points, or of a single gamma. It returns nil if
// data is too short.
func tableCurve(data []byte) func(float64) float64 {
	n := int(min(binary.BigEndian.Uint32(data), maxProfileBytes))
	points := data[4:]
	if len(points) < 2*n {
		return nil
	}
	point := func(i int) float64 { return float64(binary.BigEndian.Uint16(points[2*i:])) }
	switch n {
	case 0:
		return func(x float64) float64 { return x }
	case 1:
		gamma := point(0) / 256
		return func(x float64) float64 { return math.Pow(x, gamma) }
	}
	return func(x float64) float64 {
		at := x * float64(n-1)
		i := min(int(at), n-2)
		rest := at - float64(i)
		return (point(i)*(1-rest) + point(i+1)*rest) / 65535
	}
}

// parametricCurve reads one of the five formulas of ICC. It returns nil if data
// is too short or the formula unknown.
func parametricCurve(data []byte) func(float64) float64 {
	counts := []int{1, 3, 4, 5, 7} // parameters of each formula
	kind := int(binary.BigEndian.Uint16(data))
	if kind >= len(counts) || len(data) < 4+4*counts[kind] {
		return nil
	}
	var v [7]float64
	for i := range counts[kind] {
		v[i] = fixed(data[4+4*i:])
	}
	g, a, b, c, d, e, f := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
	switch kind {
	case 0:
		a, d = 1, math.Inf(-1)
	case 1:
		c, d = 0, -b/a
	case 2:
		// What the formula calls c is added everywhere.
		e, f, c, d = c, c, 0, -b/a
	}
	return func(x float64) float64 {
		if x < d {
			return c*x + f
		}
		return math.Pow(max(0, a*x+b), g) + e
	}
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
