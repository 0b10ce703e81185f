package picture

import (
	"bytes"
	"runtime"
	"testing"

	"golang.org/x/image/webp"
)

// TestSecurityNothingButPixels looks for canaries from every place where pictures carry
// text, in the result.
func TestSecurityNothingButPixels(t *testing.T) {
	const canary = "CANARY-7f3a"
	jpeg := encodeJPEG(t, tiles(4, 4, 30), 90)
	png := encodePNG(t, tiles(4, 4, 30))
	exif := append(exifBlock(1), canary...)
	xmp := "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>" + canary + " exif:GPSLatitude='1'</x:xmpmeta>"
	rose := readCorpus(t, "ximage/x__yellow_rose.lossless.webp")
	lossless := string(vp8lOf(t, rose))
	size, err := webp.DecodeConfig(bytes.NewReader(rose))
	if err != nil {
		t.Fatal(err)
	}
	vp8x := string([]byte{0x0c, 0, 0, 0, byte(size.Width - 1), byte((size.Width - 1) >> 8), 0, byte(size.Height - 1), byte((size.Height - 1) >> 8), 0})
	tests := []struct {
		name string
		body []byte
	}{
		{"EXIF of a JPEG", withSegment(jpeg, markerAPP1, append([]byte(exifMagic), exif...))},
		{"XMP of a JPEG", withSegment(jpeg, markerAPP1, []byte(xmp))},
		{"IPTC of a JPEG", withSegment(jpeg, 0xed, []byte("Photoshop 3.0\x008BIM\x04\x04"+canary))},
		{"a comment of a JPEG", withSegment(jpeg, 0xfe, []byte(canary))},
		{"the profile of a JPEG", withSegment(jpeg, 0xe2, []byte("ICC_PROFILE\x00\x01\x01"+canary))},
		{"a profile that is converted", withProfile(jpeg, append(rgbProfile(colourantsAdobe, curveGamma), canary...), 1)},
		{"the profile of a PNG", withChunk(png, "iCCP", append(iccp(rgbProfile(colourantsAdobe, curveGamma)), canary...))},
		{"EXIF of a WebP", webpFile("VP8X", vp8x, "VP8L", lossless, "EXIF", string(exif))},
		{"XMP of a WebP", webpFile("VP8X", vp8x, "VP8L", lossless, "XMP ", xmp)},
		{"the thumbnail in EXIF", withSegment(jpeg, markerAPP1, append([]byte(exifMagic), withSegment(append(exif, jpeg...), 0xfe, []byte(canary))...))},
		{"JFIF's own thumbnail", withSegment(jpeg, markerAPP0, []byte("JFXX\x00\x10"+canary))},
		{"what follows a JPEG's end", append(bytes.Clone(jpeg), canary...)},
		{"EXIF of a PNG", withChunk(png, "eXIf", exif)},
		{"text of a PNG", withChunk(png, "tEXt", []byte("Comment\x00"+canary))},
		{"XMP of a PNG", withChunk(png, "iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+canary))},
		{"what follows a PNG's end", append(bytes.Clone(png), canary...)},
	}
	for _, tt := range tests {
		if !bytes.Contains(tt.body, []byte(canary)) {
			t.Errorf("%s: the test picture has no canary", tt.name)
		}
		r, err := Render(tt.body, Frame{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if bytes.Contains(r.JPEG, []byte("CANARY")) {
			t.Errorf("%s survived", tt.name)
		}
		checkResult(t, tt.name, r) // no metadata segment at all
	}
}

// TestWhatIsTold says which private data a picture carried.
func TestWhatIsTold(t *testing.T) {
	tests := []struct {
		path             string
		location, camera bool
	}{
		{"meta/gps-berlin.jpg", true, false},
		{"std/Pillow__empty_gps_ifd.jpg", false, true},
		{"cameras/goexif__has-lens-info.jpg", true, true},
		{"std/go__video-001.jpeg", false, false},
	}
	for _, tt := range tests {
		h, err := Inspect(readCorpus(t, tt.path))
		if err != nil || h.Location != tt.location || h.Camera != tt.camera {
			t.Errorf("%s: location %v, camera %v (%v), want %v, %v", tt.path, h.Location, h.Camera, err, tt.location, tt.camera)
		}
	}
}

// TestSecurityCompressedMetadataIsNotInflated renders PNGs whose text and profile
// inflate to 50 MB; of a profile no more than the first part is.
func TestSecurityCompressedMetadataIsNotInflated(t *testing.T) {
	for _, path := range []string{"bomb/png-ztxt-bomb.png", "bomb/png-iccp-bomb.png"} {
		body := readCorpus(t, path)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Render(body, Frame{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
			t.Errorf("%s: allocated %d MB, want at most 8", path, grown>>20)
		}
	}
}
