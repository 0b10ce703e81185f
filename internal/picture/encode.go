package picture

import (
	"bytes"
	"image"
	"image/jpeg"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// encode writes p as a baseline JPEG of at most MaxBytes, in the best of a few
// qualities that fits. Photos fit with one of the first three; only noise goes
// to the end, where 648×648 pixels take some 10 kB whatever they show.
//
// It always writes three components, also for grey pictures: one kind of JPEG
// for everything that reads profile photos.
func encode(p planes) ([]byte, error) {
	const op = "picture.encode"
	img := &image.YCbCr{
		Y: p.y.pix, Cb: p.cb.pix, Cr: p.cr.pix,
		YStride: p.y.side, CStride: p.cb.side,
		SubsampleRatio: image.YCbCrSubsampleRatio444,
		Rect:           image.Rect(0, 0, p.y.side, p.y.side),
	}
	if p.cb.side != p.y.side {
		img.SubsampleRatio = image.YCbCrSubsampleRatio420
	}
	for _, quality := range []int{92, 88, 84, 80, 75, 70, 60, 50, 40, 30, 20, 10, 1} {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, unexpected(op, err)
		}
		if out.Len() <= MaxBytes {
			return out.Bytes(), nil
		}
	}
	return nil, unexpected(op, nil)
}

// unexpected is the fault of something that can't happen.
func unexpected(op string, cause error) error {
	return &fault.Error{Op: op, Kind: fault.Unexpected, Say: words.M("fault.unexpected"), Next: fault.NextRetry, Err: cause}
}
