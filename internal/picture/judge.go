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
	copied := reduced(luma, min(judgedSide, luma.side))
	defer giveBytes(copied.pix)
	return Judgement{
		Side:       side,
		Brightness: float64(sum) / float64(len(luma.pix)),
		Sharpness:  laplacianVariance(copied),
	}
}

// reduced returns a copy of luma with side × side pixels, each the mean of the
// area that it stands for, as the browser's twin makes it.
func reduced(luma plane, side int) plane {
	a := newAreaAxis(luma.side, side)
	s := newPlaneScaler(a, a, side)
	for y := range luma.side {
		s.push(luma.pix[y*luma.side:][:luma.side])
	}
	return s.finish()
}

// laplacianVariance returns the variance of the Laplacian (left, right, above and
// below less four times the middle) of p, without its outermost pixels.
//
// Source: Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy,
// ICPR 2000.
func laplacianVariance(p plane) float64 {
	if p.side < 3 {
		return 0
	}
	sum, squares := 0, 0
	for y := 1; y < p.side-1; y++ {
		above, row, below := p.pix[(y-1)*p.side:][:p.side], p.pix[y*p.side:][:p.side], p.pix[(y+1)*p.side:][:p.side]
		for x := 1; x < len(row)-1; x++ {
			v := int(row[x-1]) + int(row[x+1]) + int(above[x]) + int(below[x]) - 4*int(row[x])
			sum += v
			squares += v * v
		}
	}
	n := float64((p.side - 2) * (p.side - 2))
	mean := float64(sum) / n
	return float64(squares)/n - mean*mean
}
