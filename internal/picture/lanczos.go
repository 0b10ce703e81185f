package picture

import "math"

// The resizer works in fixed point: weights have 14 bits after the point, what
// lies between the two passes has 6. Lanczos overshoots to at most -0.3 and 1.3
// of the range in a pass, so the middle fits 16 bits, the sums 32.
//
// Two samples are handled by one multiplication of 64 bits: a + b<<32 times a
// weight is the sum of both products at the same places, and sums of such sums
// come apart again as low and high, see lanes. Compilers for other languages
// have vector instructions for this; Go has 64-bit arithmetic.
const (
	weightBits = 14
	middleBits = 6
)

// lanes are two numbers of 32 bits in one: a + b<<32, as plain arithmetic, so
// that a negative a takes one from what stands above it.
type lanes = int64

// pair makes lanes of a and b.
func pair(a, b int32) lanes { return lanes(a) + lanes(b)<<32 }

// apart returns the numbers that l is made of.
func apart(l lanes) (a, b int32) {
	a = int32(l)
	return a, int32((l - lanes(a)) >> 32)
}

// scale makes r a picture of side × side pixels: Lanczos-3 on each plane, without
// RGB in between. Chroma is made in half the side where that is whole, since the
// JPEG is going to have it so.
func scale(r raster, side int) planes {
	chromaSide := side
	if side%2 == 0 {
		chromaSide = side / 2
	}
	across := newAxis(r.rect.Dx(), r.x-float64(r.rect.Min.X), r.side, side)
	down := across
	if r.rect.Dy() != r.rect.Dx() || r.y-float64(r.rect.Min.Y) != r.x-float64(r.rect.Min.X) {
		down = newAxis(r.rect.Dy(), r.y-float64(r.rect.Min.Y), r.side, side)
	}
	luma := newPlaneScaler(across, down, side)
	if r.hs == 0 {
		for y := r.rect.Min.Y; y < r.rect.Max.Y; y++ {
			luma.push(r.luma(y))
		}
		cb, cr := plane{takeBytes(chromaSide * chromaSide), chromaSide}, plane{takeBytes(chromaSide * chromaSide), chromaSide}
		fill(cb.pix, 128)
		fill(cr.pix, 128)
		return planes{luma.finish(), cb, cr}
	}
	chroma := newChromaScaler(r, chromaSide)
	for y := r.rect.Min.Y; y < r.rect.Max.Y; y++ {
		luma.push(r.luma(y))
		if y == r.rect.Min.Y || y%r.vs == 0 {
			chroma.push(r.chroma(y))
		}
	}
	cb, cr := chroma.finish()
	return planes{luma.finish(), cb, cr}
}

// axis says, for each sample of a result, of which samples of the source it is
// made, in one direction.
type axis struct {
	samples int     // of the source
	taps    int     // weights a result, the same for all
	first   []int   // the first source sample of each result; first+taps ≤ samples
	weights []int16 // taps for each result, with a sum of 1<<weightBits
}

// newAxis returns the axis from a source of samples, of which the part of
// length span that begins at offset is kept, to results. Near the ends, where
// the kernel would reach beyond the source, its inner part has the whole weight.
func newAxis(samples int, offset, span float64, results int) axis {
	const lobes = 3
	step := span / float64(results)
	stretch := max(1, step) // enlarging takes the kernel as it is
	// A multiple of four is faster even where weights are zero.
	taps := min(samples, (int(math.Ceil(2*lobes*stretch))+3)&^3)
	a := axis{samples: samples, taps: taps, first: make([]int, results), weights: make([]int16, results*taps)}
	exact := make([]float64, taps)
	for i := range results {
		centre := offset + (float64(i)+0.5)*step
		a.first[i] = max(0, min(samples-taps, int(math.Floor(centre-lobes*stretch+0.5))))
		for k := range exact {
			exact[k] = lanczos3((float64(a.first[i]+k) + 0.5 - centre) / stretch)
		}
		normalise(a.weights[i*taps:(i+1)*taps], exact)
	}
	return a
}

// newAreaAxis returns the axis by which each of results is the mean of the part of
// samples that it stands for.
func newAreaAxis(samples, results int) axis {
	step := float64(samples) / float64(results)
	taps := min(samples, int(math.Ceil(step))+1)
	a := axis{samples: samples, taps: taps, first: make([]int, results), weights: make([]int16, results*taps)}
	exact := make([]float64, taps)
	for i := range results {
		from, to := float64(i)*step, float64(i+1)*step
		a.first[i] = min(samples-taps, int(from))
		for k := range exact {
			left := float64(a.first[i] + k)
			exact[k] = max(0, min(to, left+1)-max(from, left))
		}
		normalise(a.weights[i*taps:(i+1)*taps], exact)
	}
	return a
}

// normalise fills to with exact in fixed point, so that the sum is exactly one:
// an even surface stays even. What rounding leaves over goes to the largest.
func normalise(to []int16, exact []float64) {
	sum := 0.0
	for _, w := range exact {
		sum += w
	}
	left, largest := int16(1<<weightBits), 0
	for k, w := range exact {
		// Floor, since all are small enough, and math.Round takes several times as long.
		to[k] = int16(math.Floor(w/sum*(1<<weightBits) + 0.5))
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
	// sin(πx) from sin(πx/3): half of the time for the axes.
	x *= math.Pi
	s := math.Sin(x / 3)
	return 3 * (3*s - 4*s*s*s) * s / (x * x)
}

// resize makes one row of the result across, with middleBits after the point:
// of both rows that are in the lanes of row. Most of a large picture's time goes
// into this loop, so that the usual numbers of taps have one of their own.
func (a axis) resize(to, row []lanes) {
	switch a.taps {
	case 12: // from twice the size, or less
		for i := range to {
			to[i] = rounded(sum12((*[12]int16)(a.weights[12*i:]), (*[12]lanes)(row[a.first[i]:])))
		}
	case 16: // up to 2.67 times
		for i := range to {
			w, v := (*[16]int16)(a.weights[16*i:]), (*[16]lanes)(row[a.first[i]:])
			sum := sum12((*[12]int16)(w[:]), (*[12]lanes)(v[:]))
			sum += lanes(w[12])*v[12] + lanes(w[13])*v[13] + lanes(w[14])*v[14] + lanes(w[15])*v[15]
			to[i] = rounded(sum)
		}
	default:
		for i := range to {
			weights := a.weights[i*a.taps : (i+1)*a.taps]
			samples := row[a.first[i]:][:len(weights)]
			sum := lanes(0)
			for k, w := range weights {
				sum += lanes(w) * samples[k]
			}
			to[i] = rounded(sum)
		}
	}
}

// sum12 returns the sum of twelve samples, each times its weight.
func sum12(w *[12]int16, v *[12]lanes) lanes {
	return lanes(w[0])*v[0] + lanes(w[1])*v[1] + lanes(w[2])*v[2] + lanes(w[3])*v[3] +
		lanes(w[4])*v[4] + lanes(w[5])*v[5] + lanes(w[6])*v[6] + lanes(w[7])*v[7] +
		lanes(w[8])*v[8] + lanes(w[9])*v[9] + lanes(w[10])*v[10] + lanes(w[11])*v[11]
}

// rounded makes a sum of resize what is kept of it.
func rounded(sum lanes) lanes {
	const shift, half = weightBits - middleBits, 1 << (weightBits - middleBits - 1)
	a, b := apart(sum + half + half<<32)
	return pair(a>>shift, b>>shift)
}

// window holds the rows of the source, resized across, of which the next row of
// the result is made.
type window struct {
	down   axis
	rows   []lanes // the last down.taps rows, in a ring
	width  int     // lanes a row
	pushed int     // rows so far
	made   int     // rows of the result so far
	sums   []lanes
}

func newWindow(down axis, width int) window {
	return window{down: down, width: width, rows: takeLanes(width * down.taps), sums: takeLanes(width)}
}

// free gives back what newWindow took.
func (w *window) free() {
	giveLanes(w.rows)
	giveLanes(w.sums)
}

// next returns the place for the next row, to be filled before ready.
func (w *window) next() []lanes {
	at := w.pushed % w.down.taps * w.width
	w.pushed++
	return w.rows[at:][:w.width]
}

// ready reports whether the rows are there of which row made is made.
func (w *window) ready() bool {
	return w.made < len(w.down.first) && w.down.first[w.made]+w.down.taps <= w.pushed
}

// finishRow makes the next row of the result: sums that have weightBits and
// middleBits after the point, and a half of the last place for rounding.
func (w *window) finishRow() []lanes {
	const half = 1 << (weightBits + middleBits - 1)
	sums := w.sums
	for x := range sums {
		sums[x] = pair(half, half)
	}
	taps := w.down.taps
	weights := w.down.weights[w.made*taps:][:taps]
	row := func(k int) []lanes { return w.rows[(w.down.first[w.made]+k)%taps*w.width:][:len(sums)] }
	k := 0
	for ; k+4 <= taps; k += 4 { // four at a time spare three of four loads and stores
		addFour(sums, [4][]lanes{row(k), row(k + 1), row(k + 2), row(k + 3)}, weights[k:k+4])
	}
	for ; k < taps; k++ {
		weight := lanes(weights[k])
		for x, v := range row(k) {
			sums[x] += weight * v
		}
	}
	w.made++
	return sums
}

// addFour adds four rows to sums, each times its weight.
func addFour(sums []lanes, rows [4][]lanes, weights []int16) {
	n := len(sums)
	a, b, c, d := rows[0][:n], rows[1][:n], rows[2][:n], rows[3][:n]
	wa, wb, wc, wd := lanes(weights[0]), lanes(weights[1]), lanes(weights[2]), lanes(weights[3])
	for x := range sums {
		sums[x] += wa*a[x] + wb*b[x] + wc*c[x] + wd*d[x]
	}
}

// sample returns what a sum of finishRow is as a sample.
func sample(sum int32) byte { return clamp(int(sum >> (weightBits + middleBits))) }
