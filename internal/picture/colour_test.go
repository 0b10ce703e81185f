package picture

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"math"
	"testing"

	"golang.org/x/image/webp"
)

// TestPNGColour reads the chunks that PNG has besides profiles.
func TestPNGColour(t *testing.T) {
	c := color.NRGBA{196, 140, 120, 255}
	body := encodePNG(t, uniform(c))
	number := func(v ...uint32) (b []byte) {
		for _, n := range v {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	p3 := number(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
	identity := [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	gamma := func(g float64) func(float64) float64 {
		return func(v float64) float64 { return math.Pow(v, g) }
	}
	tests := []struct {
		name string
		body []byte
		want color.NRGBA
	}{
		{"cICP of Display P3", withChunk(body, "cICP", []byte{12, 13, 0, 1}), inSRGB(c, srgbLight, lightP3)},
		{"cICP of sRGB", withChunk(body, "cICP", []byte{1, 13, 0, 1}), c},
		{"cICP of HDR is not converted", withChunk(body, "cICP", []byte{9, 16, 0, 1}), c},
		{"gAMA of light as it is", withChunk(body, "gAMA", number(100_000)), inSRGB(c, gamma(1), identity)},
		{"gAMA of 1/1.8", withChunk(body, "gAMA", number(55_556)), inSRGB(c, gamma(1.8), identity)},
		{"gAMA and cHRM of P3", withChunk(withChunk(body, "gAMA", number(45_455)), "cHRM", p3), inSRGB(c, gamma(2.2), lightP3)},
		{"sRGB wins over gAMA", withChunk(withChunk(body, "gAMA", number(100_000)), "sRGB", []byte{0}), c},
		{"a profile wins over sRGB", withChunk(withChunk(body, "sRGB", []byte{0}), "iCCP", iccp(rgbProfile(colourantsP3, curveSRGB))), inSRGB(c, srgbLight, lightP3)},
		{"gAMA of zero is none", withChunk(body, "gAMA", number(0)), c},
		{"cHRM of zeroes is none", withChunk(withChunk(body, "gAMA", number(45_455)), "cHRM", make([]byte, 32)), c},
	}
	for _, tt := range tests {
		checkUniform(t, tt.name, tt.body, Frame{}, tt.want)
	}
}

// TestProfileOfWebP makes the same of a WebP and of a PNG with its pixels and
// profile.
func TestProfileOfWebP(t *testing.T) {
	plain := readCorpus(t, "ximage/x__yellow_rose.lossless.webp")
	img, err := webp.Decode(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	adobe := rgbProfile(colourantsAdobe, curveGamma)
	want, err := Render(withChunk(encodePNG(t, img), "iCCP", iccp(adobe)), Frame{})
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	header := []byte{0x20, 0, 0, 0, byte(b.Dx() - 1), byte((b.Dx() - 1) >> 8), 0, byte(b.Dy() - 1), byte((b.Dy() - 1) >> 8), 0}
	got, err := Render(webpFile("VP8X", string(header), "ICCP", string(adobe), "VP8L", string(vp8lOf(t, plain))), Frame{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.JPEG, want.JPEG) {
		t.Errorf("WebP and PNG differ by %.1f, want the same bytes", difference(t, got.JPEG, decoded(t, want.JPEG)))
	}
}

// vp8lOf returns the VP8L chunk's data of a lossless WebP.
func vp8lOf(t *testing.T, body []byte) []byte {
	t.Helper()
	at := bytes.Index(body, []byte("VP8L"))
	if at < 0 {
		t.Fatal("no VP8L chunk")
	}
	return body[at+8:][:binary.LittleEndian.Uint32(body[at+4:])]
}

// TestProfilesOfTheCorpus says which of the files that people made are in
// another space than sRGB.
func TestProfilesOfTheCorpus(t *testing.T) {
	tests := []struct {
		path string
		want bool
	}{
		{"govips/gv__jpg-24bit-icc-adobe-rgb.jpg", true},
		{"govips/gv__jpg-24bit-icc-iec.jpg", false},
		{"govips/gv__jpg-8bit-grey-icc-dot-gain.jpg", true},
		{"std/Pillow__flower2.jpg", false},
		{"std/Pillow__flower2.webp", false},
		{"std/Pillow__icc_profile_big.jpg", false}, // tables for printing
		{"std/image__cat.jpg", false},
		{"wuffs/wuffs__red-blue-gradient.dcip3d65-no-chrm-no-gama.png", true},
		{"wuffs/wuffs__red-blue-gradient.gamma1dot0.png", true},
		{"faces/astronaut.png", false},
		{"meta/icc-garbage.jpg", false},
		{"bomb/png-iccp-bomb.png", false},
	}
	for _, tt := range tests {
		s, err := open(readCorpus(t, tt.path))
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		if got := newConverter(s.colours()) != nil; got != tt.want {
			t.Errorf("%s: converted: %v, want %v", tt.path, got, tt.want)
		}
	}
}
