package picture

import (
	"math"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// bestQuality is that of all results that fit with it, as nearly all do: what is
// better can't be seen, and takes more bytes.
const bestQuality = 92

// encode writes p as a baseline JPEG of at most MaxBytes, in the best quality up
// to bestQuality that fits, to within some points. Only noise comes near to the
// worst one, in which 648×648 pixels take some 10 kB whatever they show.
//
// It always writes three components, also for grey pictures: one kind of JPEG
// for everything that reads profile photos.
func encode(p planes) ([]byte, error) {
	const op = "picture.encode"
	w := newJPEGWriter(p)
	defer w.free()
	for quality := bestQuality; quality >= 1; {
		w.code(quality)
		size := w.estimate()
		if size <= MaxBytes {
			made := w.file()
			if size = len(made); size <= MaxBytes {
				return made, nil
			}
		}
		quality = lowerQuality(quality, size)
	}
	return nil, unexpected(op, nil)
}

// lowerQuality returns the quality below quality, which took size bytes, that
// should make it fit.
//
// Photos take bytes by about the power -0.6 of what the quantisation tables are
// multiplied with.
func lowerQuality(quality, size int) int {
	const aim = 0.97 * MaxBytes // trying once more takes longer than what is lost below
	factor := float64(quantFactor(quality)) * math.Pow(float64(size)/aim, 1/0.6)
	lower := int((200 - factor) / 2)
	if factor > 100 {
		lower = int(5000 / factor)
	}
	return max(min(1, quality-1), min(quality-1, lower))
}

// unexpected is the fault of something that can't happen.
func unexpected(op string, cause error) error {
	return &fault.Error{Op: op, Kind: fault.Unexpected, Say: words.M("fault.unexpected"), Next: fault.NextRetry, Err: cause}
}
