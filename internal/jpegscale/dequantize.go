package jpegscale

import "math"

// zigzag is the row and column, row*8+column, of each coefficient in the order
// in which they are coded.
//
// Source: ITU-T T.81 figure A.6.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// unused is the place in a block of what isn't used.
const unused = 64

// block is the coefficients of a block, in rows of as many as the scale uses.
// The second half takes what isn't used, so that no loop has to ask.
type block [128]int32

// fraction is how many bits of a dequantized coefficient are behind the point.
// With 14, values of pictures stay below 2^26, and coefficients are exact to
// better than a 30th of a grey level.
const fraction = 14

// A dequantizer says, by the index of a coefficient in zigzag order, where in
// a block it belongs (bits 0–7) and what it is multiplied with (the rest). From
// 64 on there is nothing to store.
//
// The factors hold the quantization step and what the inverse transforms would
// have to multiply each input with.
type dequantizer [128]int64

// dc multiplies a DC coefficient. It saturates, since hostile differences add up.
func (q *dequantizer) dc(v int) int32 {
	return int32(max(-1<<30, min(v*int(q[0]>>8), 1<<30)))
}

// set makes q for a quantization table, in zigzag order.
func (q *dequantizer) set(steps *[64]uint16, scale int) {
	side := 8 / scale
	factors := factorsFor(side)
	for k := range q {
		q[k] = unused
		if k > 63 {
			continue
		}
		row, column := int(zigzag[k])/8, int(zigzag[k])%8
		if row < side && column < side {
			f := float64(steps[k]) * factors[row] * factors[column] / 8 * (1 << fraction)
			q[k] = int64(math.Round(f))<<8 | int64(row*side+column)
		}
	}
}

// factorsFor is what the inputs of the transform with side outputs are
// multiplied with.
func factorsFor(side int) [8]float64 {
	f := [8]float64{1}
	for i := 1; i < side; i++ {
		switch side {
		case 8: // Arai, Agui and Nakajima
			f[i] = math.Sqrt2 * math.Cos(float64(i)*math.Pi/16)
		case 4: // see inverse4
			f[i] = math.Sqrt2 * math.Cos(math.Pi/8)
			if i == 2 {
				f[i] = 1
			}
		case 2: // see inverse2
			f[i] = 1
		}
	}
	return f
}
