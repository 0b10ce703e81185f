package picture

import (
	"bytes"
	"context"
	"image/jpeg"
)

const (
	// alikePx is the side of the copies that Alike compares, in pixels.
	alikePx = 32

	// maxUnlike is how much two photos may differ in the mean of their copies, of
	// 255, and be the same one. Scaling and encoding again makes 1 to 3, another
	// picture 30.
	maxUnlike = 6
)

// Alike reports whether a and b show the same picture, be it in other sizes or
// encoded again, as services do with what they are sent. Both are pictures that
// Render takes; it fails as Render does.
func (b *Budget) Alike(ctx context.Context, one, other []byte) (bool, error) {
	first, err := b.copyOf(ctx, one)
	if err != nil {
		return false, err
	}
	second, err := b.copyOf(ctx, other)
	if err != nil {
		return false, err
	}
	sum := 0
	for i := range first {
		d := int(first[i]) - int(second[i])
		sum += max(d, -d)
	}
	return sum <= maxUnlike*len(first), nil
}

// copyOf returns the pixels of a small copy of body, three bytes each.
func (b *Budget) copyOf(ctx context.Context, body []byte) ([]byte, error) {
	small, err := b.Thumbnail(ctx, body, alikePx)
	if err != nil {
		return nil, err
	}
	img, err := jpeg.Decode(bytes.NewReader(small))
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, 3*alikePx*alikePx)
	for y := range alikePx {
		for x := range alikePx {
			r, g, b, _ := img.At(x, y).RGBA()
			out = append(out, byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	return out, nil
}
