package jpegscale

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"testing"
)

// FuzzDecode compares with image/jpeg, and decodes at all scales and a region.
//
// At full size, either both fail or the samples differ by at most 1. But
//   - we refuse what lenient lists;
//   - samples aren't compared if decoder.quirks says that the data isn't a
//     JPEG's: coefficients beyond 11 bits, quantization steps beyond 8, runs
//     past the end of a block or a scan; or is, but image/jpeg takes it
//     otherwise: restart markers in a scan of one subsampled component, and
//     chroma with factors that are neither 1 nor luma's; nor if inspect finds
//     a block so loud that image/jpeg's 32 bits overflow;
//   - fill bytes before a stuffed one, ff ff 00, are junk between segments to
//     us and to libjpeg, and an unknown marker to image/jpeg.
//
// At smaller scales, whatever is accepted at full size is; the reverse needn't
// be, since scans that aren't used aren't read.
func FuzzDecode(f *testing.F) {
	for _, v := range variants() {
		if v.restart != 1 {
			f.Add(v.sketchOf(33, 19, 20).encode())
		}
	}
	eachJPEG(f, func(_ string, data []byte) {
		if len(data) < 4<<10 {
			f.Add(data)
		}
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{Scale: 1, MaxPixels: 1 << 16, MaxScans: 12}
		d := decoder{options: o}
		d.inspect = func(b *block) { d.quirks = d.quirks || loud(b) }
		got, err := d.decode(data)
		if refused(err) || bytes.Contains(data, []byte{0xff, 0xff, 0}) {
			return
		}
		want, wantErr := jpeg.Decode(bytes.NewReader(data))
		switch {
		case d.quirks:
		case (err == nil) != (wantErr == nil):
			t.Fatalf("%v, but image/jpeg: %v", err, wantErr)
		case err == nil:
			if got.Bounds() != want.Bounds() {
				t.Fatalf("%v, want %v", got.Bounds(), want.Bounds())
			}
			if worst := furthest(t, got, want); worst > 1 {
				t.Fatalf("a sample is off by %d", worst)
			}
		}
		if err == nil {
			checkScales(t, data, o, got)
		}
	})
}

// checkScales decodes at all scales what was decoded at full size, and a region.
func checkScales(t *testing.T, data []byte, o Options, full image.Image) {
	size := full.Bounds().Max
	for _, o.Scale = range []int{1, 2, 4, 8} {
		m, err := Decode(data, o)
		if err != nil {
			t.Fatalf("1/%d: %v", o.Scale, err)
		}
		if want := image.Rect(0, 0, ceil(size.X, o.Scale), ceil(size.Y, o.Scale)); m.Bounds() != want {
			t.Fatalf("1/%d: %v, want %v", o.Scale, m.Bounds(), want)
		}
		part := o
		part.Region = image.Rect(size.X/3, size.Y/3, size.X/2+1, size.Y/2+1)
		p, err := Decode(data, part)
		if err != nil {
			t.Fatalf("1/%d, %v: %v", o.Scale, part.Region, err)
		}
		if furthest(t, p, m) != 0 {
			t.Fatalf("1/%d, %v: other samples than of everything", o.Scale, part.Region)
		}
	}
}

// lenient are the errors of pictures that image/jpeg may decode.
var lenient = []error{
	FormatError("a side of zero pixels"),
	FormatError("Huffman table with too many codes"),
	FormatError("no DC coefficients before others"),
	FormatError("successive approximation"), // beyond 13 bits
	UnsupportedError("four components"),
	UnsupportedError("components that are red, green and blue"),
	ErrTooLarge,
}

func refused(err error) bool {
	for _, l := range lenient {
		if errors.Is(err, l) {
			return true
		}
	}
	return false
}

// loud says whether the coefficients of a block add up to more than those of
// any block of real samples would.
func loud(b *block) bool {
	factors, sum := factorsFor(8), 0.0
	for i, v := range b[:64] {
		sum += math.Abs(float64(v)) / (factors[i/8] * factors[i%8] / 8 * (1 << fraction))
	}
	return sum > 2000
}
