package picture

// histogram counts how often each symbol of a Huffman table is used.
type histogram [256]int

// huffman is a Huffman table made for a histogram.
type huffman struct {
	counts  [16]uint8 // codes of each length, 1 to 16 bits
	symbols []uint8   // by length, then by value
	code    [256]uint32
	length  [256]uint8 // bits; 0 = not used
}

// newHuffman returns the table with which what h counted takes the fewest bits.
//
// Source: ITU-T T.81 annex K.2.
func newHuffman(h *histogram) *huffman {
	const longest = 64 // before they are cut; counts are too small for more
	lengths := codeLengths(h)
	var counts [longest + 1]int
	for _, n := range lengths {
		counts[n]++
	}
	limitLengths(counts[:])
	t := &huffman{}
	for n := 1; n <= longest; n++ {
		for symbol, length := range lengths[:256] {
			if length == n {
				t.symbols = append(t.symbols, uint8(symbol))
			}
		}
	}
	code, next := uint32(0), 0
	for n := 1; n <= 16; n++ {
		t.counts[n-1] = uint8(counts[n])
		for range counts[n] {
			symbol := t.symbols[next]
			t.code[symbol], t.length[symbol] = code, uint8(n)
			code, next = code+1, next+1
		}
		code <<= 1
	}
	return t
}

// codeLengths returns how many bits each symbol gets: Huffman's algorithm. The
// last of the 257 stands for the code of ones only, which JPEG doesn't allow.
func codeLengths(h *histogram) (lengths [257]int) {
	var weight, next [257]int
	copy(weight[:], h[:])
	weight[256] = 1
	for i := range next {
		next[i] = -1
	}
	for {
		least, second := -1, -1
		for i, w := range weight {
			switch {
			case w == 0:
			case least < 0 || w <= weight[least]:
				least, second = i, least
			case second < 0 || w <= weight[second]:
				second = i
			}
		}
		if second < 0 {
			return lengths
		}
		weight[least] += weight[second]
		weight[second] = 0
		last := least
		for i := least; i >= 0; i = next[i] {
			lengths[i]++
			last = i
		}
		next[last] = second
		for i := second; i >= 0; i = next[i] {
			lengths[i]++
		}
	}
}

// limitLengths makes codes of more than 16 bits shorter at the cost of others,
// and takes out the code of ones only. counts has the codes of each length.
//
// Source: ITU-T T.81 figure K.3.
func limitLengths(counts []int) {
	for n := len(counts) - 1; n > 16; n-- {
		for counts[n] > 0 {
			shorter := n - 2
			for counts[shorter] == 0 {
				shorter--
			}
			counts[n] -= 2
			counts[n-1]++
			counts[shorter+1] += 2
			counts[shorter]--
		}
	}
	n := 16
	for n > 1 && counts[n] == 0 {
		n--
	}
	counts[n]--
}

// bits returns how many bits the symbols of h take.
func (t *huffman) bits(h *histogram) int {
	sum := 0
	for symbol, n := range h {
		sum += n * int(t.length[symbol])
	}
	return sum
}
