package picture

import "image"

// The thresholds of Judge, found on portraits: see docs/pictures.md, which
// the browser's twin of Judge (static/js) follows too.
const (
	// smallPixels is the side below which a photo is small: Teams shows 96 points
	// on screens of twice the density and more, and up to 648 in meetings.
	smallPixels = 240

	darkLuma  = 60  // mean luma below which a portrait is too dark, of 255
	lightLuma = 205 // and above which it is too light

	// blurredBelow is the sharpness under which a portrait looks blurred.
	blurredBelow = 40.0

	// judgedSide is the side of the copy on which sharpness is measured, so that it
	// doesn't depend on the size of the picture.
	judgedSide = 256
)

// Hint is something that a person may want to know of a portrait before it is
// saved. It never stops anybody.
type Hint string

// What Judge may hint at.
const (
	TooSmall Hint = "small"
	TooDark  Hint = "dark"
	TooLight Hint = "light"
	Blurred  Hint = "blurred"
)

// Judgement is what the pixels of a portrait tell about it.
type Judgement struct {
	Side       int     // of the square that was cut out of the source, in pixels
	Brightness float64 // mean luma, 0 to 255
	Sharpness  float64 // variance of the Laplacian of luma, 0 to some thousands
}

// Hints returns what is worth saying about j, in the order of their weight.
func (j Judgement) Hints() []Hint {
	var hints []Hint
	if j.Side < smallPixels {
		hints = append(hints, TooSmall)
	}
	switch {
	case j.Brightness < darkLuma:
		hints = append(hints, TooDark)
	case j.Brightness > lightLuma:
		hints = append(hints, TooLight)
	}
	// Of a small picture there is no telling blur from missing pixels, and being
	// small has been said.
	if j.Sharpness < blurredBelow && j.Side >= smallPixels {
		hints = append(hints, Blurred)
	}
	return hints
}

// Judge measures luma, a square portrait as it is going to be sent, that was
// cut out of its source as a square of side pixels.
func Judge(luma *image.Gray, side int) Judgement {
	n := min(luma.Rect.Dx(), luma.Rect.Dy())
	p := plane{takeBytes(n * n), n}
	defer giveBytes(p.pix)
	for y := range n {
		copy(p.pix[y*n:][:n], luma.Pix[y*luma.Stride:])
	}
	return judge(p, side)
}

// judge is Judge for a plane.
func judge(luma plane, side int) Judgement {
	if luma.side == 0 {
		return Judgement{Side: side}
	}
	sum := 0
	for _, v := range luma.pix {
		sum += int(v)
	}
	n := min(judgedSide, luma.side)
	cells := cellPools.take(n * n)
	defer cellPools.give(cells)
	reduce(cells, n, luma)
	return Judgement{
		Side:       side,
		Brightness: float64(sum) / float64(len(luma.pix)),
		Sharpness:  laplacianVariance(cells, n),
	}
}

// reduce fills side × side cells, each with the mean of its pixels of luma. Row i
// has the pixels from i·n/side up to (i+1)·n/side, both rounded down. The values
// have 4 bits after the point.
func reduce(cells []int32, side int, luma plane) {
	n := luma.side
	columns := make([]int32, n) // sums of the rows of a cell
	edge := func(i int) int { return i * n / side }
	for i := range side {
		clear(columns)
		for y := edge(i); y < edge(i+1); y++ {
			for x, v := range luma.pix[y*n:][:n] {
				columns[x] += int32(v)
			}
		}
		left := 0
		for j := range cells[i*side:][:side] {
			right, sum := edge(j+1), int32(0)
			for _, v := range columns[left:right] {
				sum += v
			}
			cells[i*side+j] = sum * 16 / int32((edge(i+1)-edge(i))*(right-left))
			left = right
		}
	}
}

// laplacianVariance returns the variance of the Laplacian (four neighbours less
// four times the middle) within side × side values with 4 bits after the point.
//
// Source: Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy,
// ICPR 2000.
func laplacianVariance(cells []int32, side int) float64 {
	if side < 3 {
		return 0
	}
	var sum, squares int64
	for y := 1; y < side-1; y++ {
		for x := 1; x < side-1; x++ {
			at := y*side + x
			v := int64(cells[at-1] + cells[at+1] + cells[at-side] + cells[at+side] - 4*cells[at])
			sum += v
			squares += v * v
		}
	}
	n := float64((side - 2) * (side - 2))
	mean := float64(sum) / n
	return (float64(squares)/n - mean*mean) / (16 * 16)
}
