package picture

import "math"

// The resizer works in fixed point: weights have 14 bits after the point, what
// lies between the two passes has 6. Lanczos overshoots to at most -0.3 and 1.3
// of the range in a pass, so the middle fits 16 bits, the sums 32.
const (
	weightBits = 14
	middleBits = 6
)

// scale makes r a picture of side × side pixels: Lanczos-3 on each plane, without
// RGB in between. Chroma is made in half the side where that is whole, since the
// JPEG is going to have it so.
func scale(r raster, side int) planes {
	chromaSide := side
	if side%2 == 0 {
		chromaSide = side / 2
	}
	luma := newScaler(newAxis(r.side, 0, float64(r.side), side), newAxis(r.side, 0, float64(r.side), side))
	if r.hs == 0 {
		for y := r.y; y < r.y+r.side; y++ {
			luma.push(r.luma(y))
		}
		grey := plane{make([]byte, chromaSide*chromaSide), chromaSide}
		fill(grey.pix, 128)
		return planes{luma.out, grey, grey}
	}
	across, down := chromaAxes(r, chromaSide)
	cb, cr := newScaler(across, down), newScaler(across, down)
	for y := r.y; y < r.y+r.side; y++ {
		luma.push(r.luma(y))
		if y == r.y || y%r.vs == 0 {
			b, r := r.chroma(y)
			cb.push(b)
			cr.push(r)
		}
	}
	return planes{luma.out, cb.out, cr.out}
}

// chromaAxes returns the axes for chroma planes of side × side. The square's
// edges may lie within a chroma sample; samples are taken to lie in the middle
// of the pixels that they cover, as JFIF has it.
func chromaAxes(r raster, side int) (across, down axis) {
	left, right := r.chromaColumns()
	top, bottom := r.chromaRows()
	hs, vs := float64(r.hs), float64(r.vs)
	across = newAxis(right-left, float64(r.x)/hs-float64(left), float64(r.side)/hs, side)
	down = newAxis(bottom-top, float64(r.y)/vs-float64(top), float64(r.side)/vs, side)
	return across, down
}

// axis says, for each sample of a result, of which samples of the source it is
// made, in one direction.
type axis struct {
	samples int     // of the source
	taps    int     // weights a result, the same for all
	first   []int   // the first source sample of each result; first+taps ≤ samples
	weights []int32 // taps for each result, with a sum of 1<<weightBits
}

// newAxis returns the axis from a source of samples, of which the part of
// length span that begins at offset is kept, to results. Near the ends, where
// the kernel would reach beyond the source, its inner part has the whole weight.
func newAxis(samples int, offset, span float64, results int) axis {
	const lobes = 3
	step := span / float64(results)
	stretch := max(1, step) // enlarging takes the kernel as it is
	taps := min(samples, int(math.Ceil(2*lobes*stretch))+1)
	a := axis{samples: samples, taps: taps, first: make([]int, results), weights: make([]int32, results*taps)}
	exact := make([]float64, taps)
	for i := range results {
		centre := offset + (float64(i)+0.5)*step
		a.first[i] = max(0, min(samples-taps, int(math.Floor(centre-lobes*stretch))))
		for k := range exact {
			exact[k] = lanczos3((float64(a.first[i]+k) + 0.5 - centre) / stretch)
		}
		normalise(a.weights[i*taps:(i+1)*taps], exact)
	}
	return a
}

// normalise fills to with exact in fixed point, so that the sum is exactly one:
// an even surface stays even. What rounding leaves over goes to the largest.
func normalise(to []int32, exact []float64) {
	sum := 0.0
	for _, w := range exact {
		sum += w
	}
	left, largest := int32(1<<weightBits), 0
	for k, w := range exact {
		to[k] = int32(math.Round(w / sum * (1 << weightBits)))
		left -= to[k]
		if to[k] > to[largest] {
			largest = k
		}
	}
	to[largest] += left
}

// lanczos3 is the windowed sinc of three lobes.
func lanczos3(x float64) float64 {
	switch {
	case x == 0:
		return 1
	case x <= -3 || x >= 3:
		return 0
	}
	x *= math.Pi
	return 3 * math.Sin(x) * math.Sin(x/3) / (x * x)
}

// scaler resizes one plane, row by row, and holds no more of the source than
// the rows of which the next row of the result is made.
type scaler struct {
	across, down axis
	window       []int16 // the last down.taps rows, resized across, in a ring
	pushed       int     // rows so far
	made         int     // rows of the result so far
	sums         []int32
	out          plane
}

func newScaler(across, down axis) *scaler {
	n := len(across.first)
	return &scaler{
		across: across, down: down,
		window: make([]int16, n*down.taps),
		sums:   make([]int32, n),
		out:    plane{make([]byte, n*n), n},
	}
}

// push takes the next row of the source, across.samples long. After down.samples
// rows the result is complete.
func (s *scaler) push(row []byte) {
	n := s.out.side
	at := s.pushed % s.down.taps * n
	s.across.resize(s.window[at:at+n], row)
	s.pushed++
	for s.made < n && s.down.first[s.made]+s.down.taps <= s.pushed {
		s.finishRow()
	}
}

// resize makes one row of the result across, with middleBits after the point.
func (a axis) resize(to []int16, row []byte) {
	const shift = weightBits - middleBits
	for i := range to {
		weights := a.weights[i*a.taps : (i+1)*a.taps]
		samples := row[a.first[i]:][:len(weights)]
		sum := int32(1 << (shift - 1))
		// Four at a time: most of a large picture's time goes into this loop, and
		// that takes a third off it.
		k := 0
		for ; k+4 <= len(weights); k += 4 {
			w, v := weights[k:k+4:k+4], samples[k:k+4:k+4]
			sum += w[0]*int32(v[0]) + w[1]*int32(v[1]) + w[2]*int32(v[2]) + w[3]*int32(v[3])
		}
		for ; k < len(weights); k++ {
			sum += weights[k] * int32(samples[k])
		}
		to[i] = int16(sum >> shift)
	}
}

// finishRow makes the next row of the result from the window.
func (s *scaler) finishRow() {
	const shift = weightBits + middleBits
	n, taps := s.out.side, s.down.taps
	sums := s.sums
	for x := range sums {
		sums[x] = 1 << (shift - 1)
	}
	for k, w := range s.down.weights[s.made*taps : (s.made+1)*taps] {
		at := (s.down.first[s.made] + k) % taps * n
		row := s.window[at:][:len(sums)]
		for x, v := range row {
			sums[x] += w * int32(v)
		}
	}
	to := s.out.pix[s.made*n:][:len(sums)]
	for x, sum := range sums {
		to[x] = clamp(int(sum >> shift))
	}
	s.made++
}
