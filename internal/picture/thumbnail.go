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
	return s.thumbnail(side)
}

// thumbnail does the work of Thumbnail after the header was found good.
func (s source) thumbnail(side int) ([]byte, error) {
	if side < 1 || side > MaxSide {
		return nil, badCrop("picture.Thumbnail", fmt.Errorf("a side of %d", side))
	}
	jpeg, _, err := s.cut(Frame{}, func(crop int) int { return min(side, crop) })
	return jpeg, err
}
