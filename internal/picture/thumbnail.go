package picture

import "fmt"

// Thumbnail returns the upper-middle square of the picture body as a JPEG of
// side × side pixels, upright and without metadata, for photos of which Graph
// keeps one size alone. It never enlarges: of a smaller picture the square comes
// as it is.
//
// It fails with fault.BadRequest unless side is between 1 and MaxSide, and as
// Render does.
func Thumbnail(body []byte, side int) ([]byte, error) {
	s, err := open(body)
	if err != nil {
		return nil, err
	}
	p, err := s.planThumbnail(side)
	if err != nil {
		return nil, err
	}
	return s.thumbnail(p)
}

// planThumbnail finds out how to make Thumbnail's result.
func (s source) planThumbnail(side int) (plan, error) {
	if side < 1 || side > MaxSide {
		return plan{}, badCrop("picture.Thumbnail", fmt.Errorf("a side of %d", side))
	}
	return s.plan(Frame{}, func(crop int) int { return min(side, crop) })
}

// thumbnail does the work of Thumbnail.
func (s source) thumbnail(p plan) ([]byte, error) {
	pixels, err := s.pixels(p)
	if err != nil {
		return nil, err
	}
	defer pixels.free()
	return encode(pixels)
}
