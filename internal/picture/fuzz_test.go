package picture

import (
	"os"
	"path/filepath"
	"testing"

	"portrait/internal/fault"
)

// seeds are small pictures of every format, beginnings of them, and the small
// ones of the corpus where that is there.
func seeds(f *testing.F) [][]byte {
	small := tiles(2, 2, 5)
	png := encodePNG(f, small)
	jpeg := withSegment(encodeJPEG(f, small, 80), markerAPP1, []byte(exifMagic+string(exifBlock(6))))
	return append(corpusSeeds(f), [][]byte{
		jpeg, jpeg[:len(jpeg)/2],
		withChunk(png, "eXIf", exifBlock(8)), png[:len(png)-20],
		encodeGIF(f, small),
		webpFile("VP8L", "\x2f\x01\x40\x00\x00\x00"),
		webpFile("VP8X", "\x10\x00\x00\x00\x01\x00\x00\x01\x00\x00", "ALPH", "\x00abcd", "VP8 ", "\x10\x00\x00\x9d\x01\x2a\x02\x00\x02\x00"),
		jpegOf(sof(markerSOF2, 9, 9)),
		emptyProgressive(16, 16, 3),
		[]byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf"),
		[]byte("<svg/>"),
	}...)
}

// corpusSeeds returns the files of the corpus that are small enough for the
// fuzzer to get somewhere.
func corpusSeeds(f *testing.F) (bodies [][]byte) {
	f.Helper()
	const small, most = 1500, 80 // bytes, files
	for _, pattern := range []string{"apng/*", "fuzz/*/*", "meta/*", "pngsuite/*", "std/*", "trunc/*", "wuffs/*"} {
		paths, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil {
			f.Fatal(err)
		}
		for i, path := range paths {
			if i%3 != 0 || len(bodies) == most {
				continue
			}
			body, err := os.ReadFile(path)
			if err == nil && len(body) <= small {
				bodies = append(bodies, body)
			}
		}
	}
	return bodies
}

// FuzzInspect lets no header through that breaks a limit, and never panics.
func FuzzInspect(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := Inspect(body)
		if err != nil {
			checkFault(t, err)
			return
		}
		if h.Width < 1 || h.Height < 1 || h.Width > maxSourceSide || h.Height > maxSourceSide || costOf(t, body) > maxDecodeBytes+8<<20 {
			t.Errorf("accepted %+v, which costs %d", h, costOf(t, body))
		}
		if h.Orientation < 1 || h.Orientation > 8 {
			t.Errorf("orientation %d", h.Orientation)
		}
	})
}

// FuzzRender makes of whatever comes a picture that keeps all promises, or a
// sentence, and never panics.
func FuzzRender(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, 0, 0, 0, 0)
		f.Add(s, 1, 2, 3, 90)
	}
	f.Fuzz(func(t *testing.T, body []byte, x, y, side, turn int) {
		r, err := Render(body, Frame{X: x, Y: y, Side: side, Turn: turn})
		if err != nil {
			checkFault(t, err)
			return
		}
		if len(r.JPEG) > MaxBytes || r.Side < MinSide || r.Side > MaxSide {
			t.Errorf("side %d, %d bytes", r.Side, len(r.JPEG))
		}
		if got := decoded(t, r.JPEG).Bounds(); got.Dx() != r.Side || got.Dy() != r.Side {
			t.Errorf("picture of %v, want a square of %d", got, r.Side)
		}
	})
}

// checkFault fails unless err says that the request or its picture is at fault.
func checkFault(t *testing.T, err error) {
	t.Helper()
	switch fault.As(err).Kind {
	case fault.BadRequest, fault.TooLarge, fault.Unsupported, fault.Unreadable:
	default:
		t.Errorf("%v: not the person's doing", err)
	}
}
