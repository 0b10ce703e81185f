package picture

// zigzag is the place within a block, row by row, of each coefficient in the
// order in which JPEG writes them.
//
// Source: ITU-T T.81 figure 5.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// The tables that nearly every encoder multiplies by a factor, in zigzag order.
//
// Source: ITU-T T.81 tables K.1 and K.2.
var (
	lumaQuant = [64]uint8{
		16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
		26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
		56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
		95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
	}
	chromaQuant = [64]uint8{
		17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// quantFactor returns with how many hundredths the tables are multiplied for a
// quality of 1 to 100, as libjpeg has it.
func quantFactor(quality int) int {
	if quality < 50 {
		return 5000 / quality
	}
	return 200 - 2*quality
}

// quantiser divides coefficients by a table.
type quantiser struct {
	table  [64]uint8   // as it is written
	factor [64]float32 // what coefficients are multiplied with instead
}

// newQuantiser returns base in the given quality.
func newQuantiser(base *[64]uint8, quality int) *quantiser {
	var q quantiser
	for k, v := range base {
		q.table[k] = uint8(max(1, min(255, (int(v)*quantFactor(quality)+50)/100)))
		at := zigzag[k]
		q.factor[k] = float32(1 / (float64(q.table[k]) * 8 * aanScale[at/8] * aanScale[at%8]))
	}
	return &q
}

// quantise fills to with b in zigzag order. Bit k of the result says that to[k]
// isn't zero.
func (q *quantiser) quantise(to *[64]int32, b *coefficients) (nonzero uint64) {
	const up = 1 << 15 // rounds by cutting off: no coefficient is below -up
	for k := range to {
		v := int32(b[zigzag[k]&63]*q.factor[k]+(up+0.5)) - up
		to[k] = v
		nonzero |= uint64(uint32(v|-v)>>31) << (k & 63)
	}
	return nonzero
}
