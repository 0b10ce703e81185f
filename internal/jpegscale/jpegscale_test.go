package jpegscale

import (
	"errors"
	"image"
	"strings"
	"testing"
)

// TestDecodeConfig reads the header of every variant.
func TestDecodeConfig(t *testing.T) {
	ratios := map[string]image.YCbCrSubsampleRatio{
		"grey": 0, "4:4:4": image.YCbCrSubsampleRatio444, "4:2:2": image.YCbCrSubsampleRatio422,
		"4:4:0": image.YCbCrSubsampleRatio440, "4:2:0": image.YCbCrSubsampleRatio420,
		"4:1:1": image.YCbCrSubsampleRatio411, "4:1:0": image.YCbCrSubsampleRatio410,
	}
	for _, v := range variants() {
		name, _, _ := strings.Cut(v.name, " ")
		want := Config{
			Width: 17, Height: 33, Components: len(v.factors),
			Progressive: strings.Contains(v.name, "progressive"), Subsampling: ratios[name],
		}
		if got, err := DecodeConfig(v.sketchOf(17, 33, 9).encode()); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", v.name, got, err, want)
		}
	}
}

// adobe is the segment that says how the components are to be taken.
func adobe(transform byte) []byte {
	return appendSegment(nil, 0xee, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), transform))
}

// TestRGB tells components that are red, green and blue from YCbCr as
// image/jpeg does.
func TestRGB(t *testing.T) {
	jfif := appendSegment(nil, markerAPP0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))
	tests := []struct {
		name   string
		before []byte
		rgb    bool
	}{
		{"nothing said: YCbCr", nil, false},
		{"Adobe says YCbCr", adobe(1), false},
		{"Adobe says RGB", adobe(0), true},
		{"Adobe says RGB, but JFIF has none", append(jfif, adobe(0)...), false},
	}
	for _, tt := range tests {
		s := variant{factors: subsamplings["4:4:4"]}.sketchOf(9, 9, 9)
		s.before = tt.before
		c, err := DecodeConfig(s.encode())
		if err != nil || c.RGB != tt.rgb {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
		var unsupported UnsupportedError
		if _, err := Decode(s.encode(), Options{}); errors.As(err, &unsupported) != tt.rgb {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestUnsupported wants the right kind of error for what isn't decoded.
func TestUnsupported(t *testing.T) {
	data := variant{factors: subsamplings["4:4:4"]}.sketchOf(9, 9, 9).encode()
	frame := strings.Index(string(data), "\xff\xc1")
	changed := func(at int, to byte) []byte {
		d := append([]byte(nil), data...)
		d[frame+at] = to
		return d
	}
	tests := []struct {
		name string
		data []byte
	}{
		{"12 bits a sample", changed(4, 12)},
		{"lossless", changed(1, 0xc3)},
		{"arithmetic coding", changed(1, 0xc9)},
		{"a sampling factor of 3", changed(11, 0x31)},
		{"chroma finer than luma", changed(14, 0x21)},
		{"two chroma planes that differ", changed(17, 0x12)},
	}
	for _, tt := range tests {
		var unsupported UnsupportedError
		if _, err := Decode(tt.data, Options{}); !errors.As(err, &unsupported) {
			t.Errorf("%s: %v, want an UnsupportedError", tt.name, err)
		}
	}
	if _, err := Decode(data, Options{Scale: 3}); err == nil {
		t.Error("no error for a scale of 1/3")
	}
}
