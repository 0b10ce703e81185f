package picture

// planeScaler resizes one plane. Across, two rows go through at once, one in
// each lane; down, two columns.
type planeScaler struct {
	across axis
	window window
	pushed int     // rows so far
	above  []byte  // the row of a pair that came first
	rows   []lanes // both
	both   []lanes // both, resized across, and a zero if there is no pair of columns for the last
	out    plane
}

// newPlaneScaler returns a scaler to side × side samples by two axes.
func newPlaneScaler(across, down axis, side int) *planeScaler {
	s := &planeScaler{
		across: across,
		window: newWindow(down, (side+1)/2),
		above:  takeBytes(across.samples),
		rows:   takeLanes(across.samples),
		both:   takeLanes((side + 1) &^ 1),
		out:    plane{takeBytes(side * side), side},
	}
	s.both[len(s.both)-1] = 0
	return s
}

// push takes the next row of the source.
func (s *planeScaler) push(row []byte) {
	if s.pushed++; s.pushed%2 == 1 {
		copy(s.above, row)
		return
	}
	above, rows := s.above[:len(row)], s.rows[:len(row)]
	for i, v := range row {
		rows[i] = lanes(above[i]) + lanes(v)<<32
	}
	s.across.resize(s.both[:s.out.side], rows)
	s.regroupAbove()
	s.regroupBelow()
}

// regroupAbove puts the first row of both into the window, two columns to the lanes.
func (s *planeScaler) regroupAbove() {
	to := s.window.next()
	both := s.both[:2*len(to)]
	for x := range to {
		a, _ := apart(both[2*x])
		b, _ := apart(both[2*x+1])
		to[x] = pair(a, b)
	}
	s.finishRows()
}

// regroupBelow does the same with the second.
func (s *planeScaler) regroupBelow() {
	to := s.window.next()
	both := s.both[:2*len(to)]
	for x := range to {
		_, a := apart(both[2*x])
		_, b := apart(both[2*x+1])
		to[x] = pair(a, b)
	}
	s.finishRows()
}

// finishRows makes those rows of the result that the window has all for.
func (s *planeScaler) finishRows() {
	for s.window.ready() {
		s.finishRow()
	}
}

// finishRow makes the next row of the result.
func (s *planeScaler) finishRow() {
	to := s.out.pix[s.window.made*s.out.side:][:s.out.side]
	sums := s.window.finishRow()
	for x := 0; x+1 < len(to); x += 2 {
		a, b := apart(sums[x/2])
		to[x], to[x+1] = sample(a), sample(b)
	}
	if last := len(to) - 1; last%2 == 0 {
		a, _ := apart(sums[last/2])
		to[last] = sample(a)
	}
}

// finish returns the result, after all rows were pushed.
func (s *planeScaler) finish() plane {
	if s.pushed%2 == 1 { // the last row has no other below it
		for i, v := range s.above {
			s.rows[i] = lanes(v)
		}
		s.across.resize(s.both[:s.out.side], s.rows)
		s.regroupAbove()
	}
	s.window.free()
	giveBytes(s.above)
	giveLanes(s.rows)
	giveLanes(s.both)
	return s.out
}

// chromaScaler resizes both planes of chroma at once, Cb in the low lanes and Cr
// in the high ones.
type chromaScaler struct {
	across axis
	window window
	row    []lanes
	cb, cr plane
}

// newChromaScaler returns a scaler for the chroma of r to side × side samples.
// The square's edges may lie within a chroma sample; samples are taken to lie in
// the middle of the pixels that they cover, as JFIF has it.
func newChromaScaler(r raster, side int) *chromaScaler {
	left, right := r.chromaColumns()
	top, bottom := r.chromaRows()
	hs, vs := float64(r.hs), float64(r.vs)
	down := newAxis(bottom-top, r.y/vs-float64(top), r.side/vs, side)
	return &chromaScaler{
		across: newAxis(right-left, r.x/hs-float64(left), r.side/hs, side),
		window: newWindow(down, side),
		row:    takeLanes(right - left),
		cb:     plane{takeBytes(side * side), side},
		cr:     plane{takeBytes(side * side), side},
	}
}

// push takes the next row of the source.
func (s *chromaScaler) push(cb, cr []byte) {
	row := s.row[:len(cb)]
	cr = cr[:len(cb)]
	for i, v := range cb {
		row[i] = pair(int32(v), int32(cr[i]))
	}
	s.across.resize(s.window.next(), row)
	for s.window.ready() {
		s.finishRow()
	}
}

// finishRow makes the next row of the result.
func (s *chromaScaler) finishRow() {
	n, at := s.cb.side, s.window.made*s.cb.side
	cb, cr := s.cb.pix[at:][:n], s.cr.pix[at:][:n]
	for x, sum := range s.window.finishRow()[:n] {
		a, b := apart(sum)
		cb[x], cr[x] = sample(a), sample(b)
	}
}

// finish returns the results, after all rows were pushed.
func (s *chromaScaler) finish() (cb, cr plane) {
	s.window.free()
	giveLanes(s.row)
	return s.cb, s.cr
}
