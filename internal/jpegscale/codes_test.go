package jpegscale

// define makes a Huffman code for what was counted, and appends its DHT.
func (c *coder) define(out []byte, class, table int) []byte {
	lengths := codeLengths(c.count[class][table])
	segment := make([]byte, 17)
	segment[0] = byte(class<<4 | table)
	code := uint(0)
	for length := uint(1); length <= 16; length++ {
		for s, l := range lengths {
			if l != length {
				continue
			}
			c.code[class][table][s] = codeword{code, length}
			code++
			segment[length]++
			segment = append(segment, byte(s))
		}
		code <<= 1
	}
	if len(segment) == 17 {
		return out
	}
	return appendSegment(out, markerDHT, segment)
}

// codeLengths says how long the code of each symbol is, 0 if it isn't used:
// those of Huffman's tree, of weights made flatter until none is over 16.
func codeLengths(weights [256]int) (lengths [256]uint) {
	for {
		longest := uint(0)
		if root := treeOf(weights); root != nil {
			longest = root.depths(0, &lengths)
		}
		if longest <= 16 {
			return lengths
		}
		for s, w := range weights {
			weights[s] = (w + 1) / 2
		}
	}
}

// tree is a Huffman tree, or a symbol. The symbol 256 is one more than there
// are, so that no other gets the code of all ones.
type tree struct {
	weight, symbol int
	left, right    *tree
}

// treeOf builds the tree, or returns nil if there is no symbol.
func treeOf(weights [256]int) *tree {
	var nodes []*tree
	for s, w := range weights {
		if w > 0 {
			nodes = append(nodes, &tree{weight: w, symbol: s})
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	nodes = append(nodes, &tree{weight: 1, symbol: 256})
	lightest := func() *tree {
		at := 0
		for i, n := range nodes {
			if n.weight < nodes[at].weight {
				at = i
			}
		}
		n := nodes[at]
		nodes = append(nodes[:at], nodes[at+1:]...)
		return n
	}
	for len(nodes) > 1 {
		a, b := lightest(), lightest()
		nodes = append(nodes, &tree{weight: a.weight + b.weight, left: a, right: b})
	}
	return nodes[0]
}

// depths notes the depth of each symbol, and returns the largest.
func (t *tree) depths(depth uint, lengths *[256]uint) uint {
	if t.left != nil {
		return max(t.left.depths(depth+1, lengths), t.right.depths(depth+1, lengths))
	}
	if t.symbol < 256 {
		lengths[t.symbol] = depth
	}
	return depth
}
