package jpegscale

import (
	"image"
	"math"
	"slices"
)

// A sketch is a JPEG that image/jpeg can't encode: any subsampling, restart
// markers, components in scans of their own, progressive.
type sketch struct {
	planes  []*image.Gray // of each component, of its own size
	factors [][2]int      // sampling factors
	scans   []pass        // nil is one sequential scan
	step    int           // of quantization, of every coefficient …
	rise    int           // … and this more for each row and column
	restart int           // MCUs between restart markers
	before  []byte        // segments to put before the others
}

// pass is one scan.
type pass struct {
	comps          []int
	ss, se, ah, al int
}

// spectral are the scans of jpegtran -progressive, of three components.
var spectral = []pass{
	{[]int{0, 1, 2}, 0, 0, 0, 1},
	{[]int{0}, 1, 5, 0, 2}, {[]int{2}, 1, 63, 0, 1}, {[]int{1}, 1, 63, 0, 1}, {[]int{0}, 6, 63, 0, 2},
	{[]int{0}, 1, 63, 2, 1},
	{[]int{0, 1, 2}, 0, 0, 1, 0},
	{[]int{2}, 1, 63, 1, 0}, {[]int{1}, 1, 63, 1, 0}, {[]int{0}, 1, 63, 1, 0},
}

// sequentialPasses are the scans of a sequential picture of n components, each
// in a scan of its own.
func sequentialPasses(n int) (p []pass) {
	for i := range n {
		p = append(p, pass{[]int{i}, 0, 63, 0, 0})
	}
	return p
}

// stepAt is the quantization of a coefficient, in zigzag order.
func (s sketch) stepAt(k int) int {
	return s.step + s.rise*int(zigzag[k]/8+zigzag[k]%8)
}

func (s sketch) progressive() bool {
	return slices.ContainsFunc(s.scans, func(p pass) bool { return p.se < 63 || p.al > 0 })
}

func (s sketch) size() (w, h int) { return s.planes[0].Rect.Dx(), s.planes[0].Rect.Dy() }

// most is the largest sampling factors.
func (s sketch) most() (h, v int) {
	for _, f := range s.factors {
		h, v = max(h, f[0]), max(v, f[1])
	}
	return h, v
}

// encode makes the file.
func (s sketch) encode() []byte {
	out := append([]byte{0xff, markerSOI}, s.before...)
	dqt := []byte{0}
	for k := range 64 {
		dqt = append(dqt, byte(s.stepAt(k)))
	}
	out = appendSegment(out, markerDQT, dqt)
	w, h := s.size()
	sof := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(s.planes))}
	for i, f := range s.factors {
		sof = append(sof, byte(i+1), byte(f[0]<<4|f[1]), 0)
	}
	marker := byte(markerSOF1)
	if s.progressive() {
		marker = markerSOF2
	}
	out = appendSegment(out, marker, sof)
	if s.restart > 0 {
		out = appendSegment(out, markerDRI, []byte{byte(s.restart >> 8), byte(s.restart)})
	}
	passes := s.scans
	if passes == nil {
		passes = []pass{{se: 63}}
		for i := range s.planes {
			passes[0].comps = append(passes[0].comps, i)
		}
	}
	grids := make([]coefGrid, len(s.planes))
	for i := range s.planes {
		grids[i] = s.transformed(i)
	}
	for _, p := range passes {
		c := coder{sketch: &s, pass: p, grids: grids}
		out = c.scan(out)
	}
	return append(out, 0xff, markerEOI)
}

func appendSegment(out []byte, marker byte, body []byte) []byte {
	n := len(body) + 2
	return append(append(out, 0xff, marker, byte(n>>8), byte(n)), body...)
}

// coefGrid is the quantized coefficients of a component, in zigzag order.
type coefGrid struct {
	blocks     [][64]int
	stride     int // blocks of a row, of whole MCUs
	wide, high int // blocks that hold samples of the picture
}

// transformed makes the coefficients of the i-th component.
func (s sketch) transformed(i int) coefGrid {
	w, h := s.size()
	mh, mv := s.most()
	f := s.factors[i]
	g := coefGrid{
		stride: ceil(w, 8*mh) * f[0],
		wide:   ceil(ceil(w*f[0], mh), 8), high: ceil(ceil(h*f[1], mv), 8),
	}
	rows := ceil(h, 8*mv) * f[1]
	plane := s.planes[i]
	for by := range rows {
		for bx := range g.stride {
			var in [64]float64
			for y := range 8 {
				for x := range 8 {
					px, py := min(bx*8+x, plane.Rect.Dx()-1), min(by*8+y, plane.Rect.Dy()-1)
					in[y*8+x] = float64(plane.Pix[py*plane.Stride+px]) - 128
				}
			}
			freq := forward(&in, 8)
			var block [64]int
			for k, at := range zigzag {
				block[k] = int(math.Round(freq[at] / float64(s.stepAt(k))))
			}
			g.blocks = append(g.blocks, block)
		}
	}
	return g
}

// cosines[n][u*n+x] is the DCT's base of n points, with its factor.
var cosines = map[int][]float64{2: cosinesOf(2), 4: cosinesOf(4), 8: cosinesOf(8)}

func cosinesOf(n int) []float64 {
	c := make([]float64, n*n)
	for u := range n {
		for x := range n {
			c[u*n+x] = math.Cos(float64((2*x+1)*u)*math.Pi/float64(2*n)) / 2
			if u == 0 {
				c[u*n+x] = math.Sqrt2 / 4
			}
		}
	}
	return c
}

// forward is the DCT of n×n samples as JPEG defines it, for n = 8.
func forward(in *[64]float64, n int) (out [64]float64) {
	c := cosines[n]
	var rows [64]float64
	for y := range n {
		for u := range n {
			for x := range n {
				rows[y*n+u] += in[y*n+x] * c[u*n+x]
			}
		}
	}
	for u := range n {
		for v := range n {
			for y := range n {
				out[v*n+u] += rows[y*n+u] * c[v*n+y]
			}
		}
	}
	return out
}

// inverseOf is the inverse of n×n points, of coefficients in rows of n.
func inverseOf(in *[64]float64, n int) (out [64]float64) {
	c := cosines[n]
	var rows [64]float64
	for v := range n {
		for x := range n {
			for u := range n {
				rows[v*n+x] += in[v*n+u] * c[u*n+x]
			}
		}
	}
	for x := range n {
		for y := range n {
			for v := range n {
				out[y*n+x] += rows[v*n+x] * c[v*n+y]
			}
		}
	}
	return out
}
