package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"
)

// pngColour is what the chunks of a PNG say about its colours.
type pngColour struct {
	cicp, iccp, chrm []byte // data of the chunks; nil = absent
	gamma            uint32 // gAMA: 100,000 times the exponent from light to codes; 0 = absent
	srgb             bool
}

// take remembers the data of a chunk.
func (c *pngColour) take(kind string, data []byte) {
	switch {
	case kind == "cICP" && len(data) == 4:
		c.cicp = data
	case kind == "iCCP":
		c.iccp = data
	case kind == "sRGB":
		c.srgb = true
	case kind == "cHRM" && len(data) == 32:
		c.chrm = data
	case kind == "gAMA" && len(data) == 4:
		c.gamma = binary.BigEndian.Uint32(data)
	}
}

// space returns the colour space; nil = sRGB or nothing that we can use. The
// first that is there counts, in the order that PNG gives.
//
// Source: https://www.w3.org/TR/png-3/ section 4.3.
func (c *pngColour) space(grey bool) *colourSpace {
	switch {
	case c.cicp != nil:
		return readCICP(c.cicp)
	case c.iccp != nil:
		return readICC(inflateProfile(c.iccp), grey)
	case c.srgb:
		return nil
	}
	return c.gammaSpace()
}

// inflateProfile returns the profile in the data of an iCCP chunk, nil if that is
// damaged or has more than maxProfileBytes.
func inflateProfile(data []byte) []byte {
	const longestName, method = 79, 1
	name := bytes.IndexByte(data[:min(len(data), longestName+1)], 0)
	if name < 0 || len(data) < name+1+method {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(data[name+1+method:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(r, maxProfileBytes+1))
	if err != nil || len(profile) > maxProfileBytes {
		return nil
	}
	return profile
}

// primaries are the places of red, green, blue and white in the CIE 1931 diagram.
type primaries [4][2]float64

// The primaries that cICP numbers and people have pictures of.
//
// Source: ITU-T H.273 table 2.
var (
	bt709     = primaries{{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, {0.3127, 0.3290}}
	bt2020    = primaries{{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, {0.3127, 0.3290}}
	displayP3 = primaries{{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, {0.3127, 0.3290}}
)

// readCICP reads the code points of video. The curves of HDR (PQ, HLG) aren't
// known here: such pictures are taken for sRGB, as older programs show them.
//
// Source: ITU-T H.273 tables 2 and 3.
func readCICP(data []byte) *colourSpace {
	const rgb, fullRange = 0, 1
	known := map[byte]primaries{1: bt709, 9: bt2020, 12: displayP3}
	p, ok := known[data[0]]
	if !ok || data[2] != rgb || data[3] != fullRange {
		return nil
	}
	switch data[1] {
	case 1, 6, 13, 14, 15: // the curves of television are near enough to sRGB's
		return p.space(fromSRGB)
	case 4:
		return p.space(func(v float64) float64 { return math.Pow(v, 2.2) })
	case 8:
		return p.space(func(v float64) float64 { return v })
	}
	return nil
}

// gammaSpace reads gAMA and cHRM.
func (c *pngColour) gammaSpace() *colourSpace {
	const one = 100_000
	if c.gamma < one/10 || c.gamma > one*10 { // also absent
		return nil
	}
	p := bt709
	if c.chrm != nil {
		at := func(i int) float64 { return float64(int32(binary.BigEndian.Uint32(c.chrm[4*i:]))) / one }
		p = primaries{{at(2), at(3)}, {at(4), at(5)}, {at(6), at(7)}, {at(0), at(1)}} // white stands first
	}
	exponent := one / float64(c.gamma)
	return p.space(func(v float64) float64 { return math.Pow(v, exponent) })
}

// space returns the colour space of p with curve for all three, nil if p can't
// be the primaries of anything.
//
// Its white becomes the white of sRGB by scaling the light, which is exact where
// the white is D65, as nearly everywhere.
func (p primaries) space(curve func(float64) float64) *colourSpace {
	own, ok := p.xyz()
	srgb, _ := bt709.xyz()
	fromXYZ, _ := srgb.inverse()
	if !ok {
		return nil
	}
	var c colourSpace
	if c.matrix, ok = fromXYZ.times(own).whiteToWhite(); !ok {
		return nil
	}
	c.curves[0] = curveOf(curve)
	c.curves[1], c.curves[2] = c.curves[0], c.curves[0]
	if !c.usable() {
		return nil
	}
	return &c
}

// xyz returns the matrix from light of p to XYZ, in which all three together are
// its white.
//
// Source: SMPTE RP 177.
func (p primaries) xyz() (m matrix, ok bool) {
	for i, xy := range p[:3] {
		m[0][i], m[1][i], m[2][i] = xy[0]/xy[1], 1, (1-xy[0]-xy[1])/xy[1]
	}
	inverse, ok := m.inverse()
	if !ok || p[3][1] == 0 {
		return m, false
	}
	white := [3]float64{p[3][0] / p[3][1], 1, (1 - p[3][0] - p[3][1]) / p[3][1]}
	for i, row := range inverse {
		scale := row[0]*white[0] + row[1]*white[1] + row[2]*white[2]
		for j := range 3 {
			m[j][i] *= scale
		}
	}
	return m, true
}
