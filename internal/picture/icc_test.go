package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The colourants of profiles, adapted to D50, as their makers publish them: the
// columns are red, green and blue.
//
// Sources: Apple's "Display P3.icc"; Adobe RGB (1998) Color Image Encoding,
// version 2005-05, annex.
var (
	colourantsP3    = [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}}
	colourantsAdobe = [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}
)

// The matrices from light of these to light of sRGB, published as well.
//
// Source: https://www.w3.org/TR/css-color-4/#color-conversion-code, multiplied
// out.
var (
	lightP3    = [3][3]float64{{1.2249402, -0.2249402, 0}, {-0.0420570, 1.0420570, 0}, {-0.0196376, -0.0786360, 1.0982736}}
	lightAdobe = [3][3]float64{{1.3983557, -0.3983557, 0}, {0, 1, 0}, {0, -0.0429290, 1.0429290}}
)

// curves of profiles, as elements.
var (
	curveSRGB  = fixedNumbers("para\x00\x00\x00\x00\x00\x03\x00\x00", 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)
	curveGamma = []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33") // 2.19921875
	curveLine  = []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00")
)

// fixedNumbers appends numbers as s15Fixed16 to head.
func fixedNumbers(head string, numbers ...float64) []byte {
	out := []byte(head)
	for _, v := range numbers {
		out = binary.BigEndian.AppendUint32(out, uint32(int32(math.Round(v*65536))))
	}
	return out
}

// curveTable returns curve as n points.
func curveTable(n int, curve func(float64) float64) []byte {
	out := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(n))
	for i := range n {
		out = binary.BigEndian.AppendUint16(out, uint16(math.Round(65535*curve(float64(i)/float64(n-1)))))
	}
	return out
}

// element is a tag of a profile and its data.
type element struct {
	name string
	data []byte
}

// iccProfile returns a profile for a space ("RGB ", "GRAY") of elements.
func iccProfile(space string, elements ...element) []byte {
	head := make([]byte, 128)
	copy(head[12:], "mntr"+space+"XYZ ")
	copy(head[36:], "acsp")
	head = binary.BigEndian.AppendUint32(head, uint32(len(elements)))
	at := len(head) + 12*len(elements)
	var data []byte
	for _, e := range elements {
		head = append(head, e.name...)
		head = binary.BigEndian.AppendUint32(head, uint32(at+len(data)))
		head = binary.BigEndian.AppendUint32(head, uint32(len(e.data)))
		data = append(data, e.data...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	out := append(head, data...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// rgbProfile returns a profile of three colourants and one curve.
func rgbProfile(colourants [3][3]float64, curve []byte) []byte {
	elements := []element{{"desc", []byte("desc\x00\x00\x00\x00\x00\x00\x00\x05test")}}
	for i, name := range []string{"r", "g", "b"} {
		c := colourants[i]
		elements = append(elements, element{name + "XYZ", fixedNumbers("XYZ \x00\x00\x00\x00", c[0], c[1], c[2])}, element{name + "TRC", curve})
	}
	return iccProfile("RGB ", elements...)
}

// inSRGB is what codes of a space with this curve and matrix are in sRGB: the
// definition, in floating point and in no code of the package's.
func inSRGB(c color.NRGBA, curve func(float64) float64, light [3][3]float64) color.NRGBA {
	var out [3]byte
	in := [3]float64{curve(float64(c.R) / 255), curve(float64(c.G) / 255), curve(float64(c.B) / 255)}
	for i, row := range light {
		v := max(0, min(1, row[0]*in[0]+row[1]*in[1]+row[2]*in[2]))
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		out[i] = byte(math.Round(255 * v))
	}
	return color.NRGBA{out[0], out[1], out[2], 255}
}

func srgbLight(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func adobeLight(v float64) float64 { return math.Pow(v, 563.0/256) }

// uniform returns 60×60 pixels of c.
func uniform(c color.NRGBA) *image.NRGBA {
	return redrawn(image.NewNRGBA(image.Rect(0, 0, 60, 60)), image.NewUniform(c))
}

// withProfile returns a JPEG with a profile in so many segments, the last first.
func withProfile(jpeg, profile []byte, parts int) []byte {
	size := (len(profile) + parts - 1) / parts
	for i := range parts {
		part := profile[i*size : min(len(profile), (i+1)*size)]
		jpeg = withSegment(jpeg, markerAPP2, append([]byte{'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0, byte(i + 1), byte(parts)}, part...))
	}
	return jpeg
}

// iccp returns the data of a PNG's iCCP chunk.
func iccp(profile []byte) []byte {
	out := bytes.NewBufferString("a profile\x00\x00")
	w := zlib.NewWriter(out)
	if _, err := w.Write(profile); err != nil {
		panic(err) // into memory
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// TestProfiles converts colours whose values in sRGB are known.
func TestProfiles(t *testing.T) {
	p3, adobe := rgbProfile(colourantsP3, curveSRGB), rgbProfile(colourantsAdobe, curveGamma)
	tables := rgbProfile(colourantsP3, curveTable(1024, srgbLight))
	jpeg := func(c color.NRGBA) []byte { return encodeJPEG(t, uniform(c), 98) }
	png := func(c color.NRGBA) []byte { return encodePNG(t, uniform(c)) }
	redP3, greenAdobe := color.NRGBA{234, 51, 35, 255}, color.NRGBA{144, 255, 60, 255}
	skinP3 := color.NRGBA{196, 140, 120, 255}
	tests := []struct {
		name string
		body []byte
		want color.NRGBA
	}{
		{"the red of sRGB, in Display P3, JPEG", withProfile(jpeg(redP3), p3, 1), color.NRGBA{255, 0, 0, 255}},
		{"the same in PNG", withChunk(png(redP3), "iCCP", iccp(p3)), color.NRGBA{255, 0, 0, 255}},
		{"the green of sRGB, in Adobe RGB, JPEG", withProfile(jpeg(greenAdobe), adobe, 1), color.NRGBA{0, 255, 0, 255}},
		{"the same in PNG", withChunk(png(greenAdobe), "iCCP", iccp(adobe)), color.NRGBA{0, 255, 0, 255}},
		{"skin in Display P3", withProfile(jpeg(skinP3), p3, 1), inSRGB(skinP3, srgbLight, lightP3)},
		{"skin in Display P3, the profile in three segments", withProfile(jpeg(skinP3), p3, 3), inSRGB(skinP3, srgbLight, lightP3)},
		{"skin in Display P3 with curves of points", withProfile(jpeg(skinP3), tables, 2), inSRGB(skinP3, srgbLight, lightP3)},
		{"skin in Adobe RGB", withProfile(jpeg(skinP3), adobe, 1), inSRGB(skinP3, adobeLight, lightAdobe)},
		{"grey stays grey in Adobe RGB", withProfile(jpeg(color.NRGBA{128, 128, 128, 255}), adobe, 1),
			inSRGB(color.NRGBA{128, 128, 128, 255}, adobeLight, lightAdobe)},
		{"white stays white", withProfile(jpeg(color.NRGBA{255, 255, 255, 255}), adobe, 1), color.NRGBA{255, 255, 255, 255}},
		{"black stays black", withProfile(jpeg(color.NRGBA{0, 0, 0, 255}), p3, 1), color.NRGBA{0, 0, 0, 255}},
		{"a profile without its second segment is none", withSegment(jpeg(skinP3), markerAPP2, []byte(iccMagic+"\x01\x02"+string(p3))), skinP3},
		{"a profile for inks is none", withProfile(jpeg(skinP3), iccProfile("CMYK"), 1), skinP3},
		{"a profile for greys is none for colours", withProfile(jpeg(skinP3), iccProfile("GRAY", element{"kTRC", curveLine}), 1), skinP3},
	}
	for _, tt := range tests {
		checkUniform(t, tt.name, tt.body, Frame{}, tt.want)
	}
}

// checkUniform fails unless body, all of one colour, becomes want to within 2 of
// 255, which is what JPEG's own YCbCr costs.
func checkUniform(t *testing.T, name string, body []byte, f Frame, want color.NRGBA) {
	t.Helper()
	r, err := Render(body, f)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	got := color.NRGBAModel.Convert(decoded(t, r.JPEG).At(30, 30)).(color.NRGBA)
	for i, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B)} {
		if d < -2 || d > 2 {
			t.Errorf("%s: %v, want %v (part %d)", name, got, want, i)
			return
		}
	}
}

// TestGreyProfile converts a grey picture by its one curve.
func TestGreyProfile(t *testing.T) {
	grey := redrawn(image.NewGray(image.Rect(0, 0, 60, 60)), image.NewUniform(color.Gray{100}))
	line := iccProfile("GRAY", element{"kTRC", curveLine})
	want := inSRGB(color.NRGBA{100, 100, 100, 255}, func(v float64) float64 { return v }, [3][3]float64{{1}, {1}, {1}})
	checkUniform(t, "JPEG", withProfile(encodeJPEG(t, grey, 95), line, 1), Frame{}, want)
	checkUniform(t, "PNG", withChunk(encodePNG(t, grey), "iCCP", iccp(line)), Frame{}, want)
	checkUniform(t, "a profile of colours is none for greys", withProfile(encodeJPEG(t, grey, 95), rgbProfile(colourantsAdobe, curveGamma), 1),
		Frame{}, color.NRGBA{100, 100, 100, 255})
}

// FuzzICC makes of any profile none or a usable one.
func FuzzICC(f *testing.F) {
	f.Add(rgbProfile(colourantsP3, curveSRGB), false)
	f.Add(rgbProfile(colourantsAdobe, curveGamma), false)
	f.Add(rgbProfile(colourantsP3, curveTable(9, srgbLight)), false)
	f.Add(iccProfile("GRAY", element{"kTRC", curveLine}), true)
	if body, err := os.ReadFile(filepath.Join(corpus, "wuffs/wuffs__red-blue-gradient.dcip3d65-no-chrm-no-gama.png")); err == nil {
		if s, err := open(body); err == nil {
			f.Add(inflateProfile(s.png.iccp), false)
		}
	}
	f.Fuzz(func(t *testing.T, profile []byte, grey bool) {
		c := readICC(profile, grey)
		if c == nil {
			return
		}
		conv := newConverter(c)
		if conv == nil {
			return
		}
		for _, v := range []int{-179, 0, 128, 255, 434} {
			conv.convert(v, 255-v, v) // must stay within its tables
		}
		if r, g, b := conv.convert(255, 255, 255); r != g || g != b {
			if max(r, g, b)-min(r, g, b) > 1 && !unequalCurves(c) {
				t.Errorf("white becomes %d, %d, %d", r, g, b)
			}
		}
	})
}

// unequalCurves reports whether white isn't equal light of all three.
func unequalCurves(c *colourSpace) bool {
	return c.curves[0][255] != c.curves[1][255] || c.curves[1][255] != c.curves[2][255]
}
