package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"testing"

	"portrait/internal/fault"
)

// TestSecurityRefusals has a row for every sentence that a person may read about a
// picture.
func TestSecurityRefusals(t *testing.T) {
	good := encodeJPEG(t, tiles(4, 4, 40), 90)
	png := encodePNG(t, tiles(4, 4, 40))
	tests := []struct {
		name string
		body []byte
		kind fault.Kind
		say  string
	}{
		{"a file without bytes is empty", nil, fault.Unreadable, "picture.empty"},
		{"a file of 25 MB and a byte is too large", make([]byte, MaxUploadBytes+1), fault.TooLarge, "picture.file-too-large"},
		{"a text is no picture", []byte("Dear all, please find enclosed"), fault.Unsupported, "picture.not-a-picture"},
		{"a text that begins with BM is no BMP", []byte("BMW 320d, first registered 2011"), fault.Unsupported, "picture.not-a-picture"},
		{"a web page with a drawing in it is no SVG", []byte("<!doctype html><html><svg></svg>"), fault.Unsupported, "picture.not-a-picture"},
		{"a film is no picture", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), fault.Unsupported, "picture.not-a-picture"},
		{"a RIFF sound is no WebP", []byte("RIFF\x24\x00\x00\x00WAVEfmt "), fault.Unsupported, "picture.not-a-picture"},
		{"HEIC as phones write it", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), fault.Unsupported, "picture.heic"},
		{"AVIF that calls itself mif1 first", []byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf"), fault.Unsupported, "picture.avif"},
		{"TIFF, little-endian", []byte("II*\x00\x08\x00\x00\x00"), fault.Unsupported, "picture.tiff"},
		{"TIFF, big-endian", []byte("MM\x00*\x00\x00\x00\x08"), fault.Unsupported, "picture.tiff"},
		{"BMP", []byte("BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), fault.Unsupported, "picture.bmp"},
		{"SVG behind a byte order mark and a prolog", []byte("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- by hand --><SVG/>"), fault.Unsupported, "picture.svg"},
		{"the first two bytes of a JPEG", good[:2], fault.Unreadable, "picture.damaged"},
		{"a JPEG that ends within its header", good[:40], fault.Unreadable, "picture.damaged"},
		{"a JPEG that ends within its pixels", good[:len(good)-100], fault.Unreadable, "picture.damaged"},
		{"a PNG that ends within its pixels", png[:len(png)/2], fault.Unreadable, "picture.damaged"},
		{"a PNG with one wrong byte", flipped(png, len(png)/2), fault.Unreadable, "picture.damaged"},
		{"a JPEG of 12 bits a sample", jpegOf(with(sof(markerSOF1, 100, 100), 4, 12)), fault.Unsupported, "picture.unusual"},
		{"a lossless JPEG", jpegOf(sof(0xc3, 100, 100)), fault.Unsupported, "picture.unusual"},
		{"a JPEG with arithmetic coding", jpegOf(sof(0xc9, 100, 100)), fault.Unsupported, "picture.unusual"},
		{"an animated WebP", webpFile("VP8X", "\x02\x00\x00\x00\x63\x00\x00\x63\x00\x00"), fault.Unsupported, "picture.unusual"},
		{"a WebP whose chunks disagree on the size", webpFile("VP8X", "\x00\x00\x00\x00\x63\x00\x00\x63\x00\x00", "VP8L", "\x2f\xff\xff\xff\x0f"), fault.Unreadable, "picture.damaged"},
		{"a WebP without a picture", webpFile("VP8X", "\x00\x00\x00\x00\x63\x00\x00\x63\x00\x00"), fault.Unreadable, "picture.damaged"},
		{"a JPEG without height", jpegOf(sof(markerSOF0, 100, 0)), fault.Unreadable, "picture.damaged"},
		{"a JPEG of more than 50 megapixels", jpegOf(sof(markerSOF0, 10_000, 5_001)), fault.TooLarge, "picture.too-many-pixels"},
		{"a JPEG of 20,000 empty tables", jpegOf(bytes.Repeat(segment(markerDHT, nil), 20_000)), fault.Unsupported, "picture.too-many-scans"},
		{"a JPEG of 2000 passes", manyScans(markerSOF2, 3000, 3000, 2000), fault.Unsupported, "picture.too-many-scans"},
	}
	for _, tt := range tests {
		_, err := Render(tt.body, Frame{})
		e := fault.As(err)
		if e == nil || e.Kind != tt.kind || e.Say.ID != tt.say || e.Next != fault.NextChoose {
			t.Errorf("%s: %v (kind %d), want %s (kind %d) and another picture", tt.name, err, e.Kind, tt.say, tt.kind)
		}
	}
}

// TestFormats renders the same tiles from every way in which Go's decoders
// hand out pixels.
func TestFormats(t *testing.T) {
	want := tiles(4, 4, 50)
	tests := []struct {
		name string
		body []byte
	}{
		{"JPEG 4:2:0", encodeJPEG(t, want, 95)},
		{"PNG, 8 bits", encodePNG(t, want)},
		{"PNG, 16 bits", encodePNG(t, redrawn(image.NewRGBA64(want.Rect), want))},
		{"PNG, 16 bits and alpha", encodePNG(t, halfClear(redrawn(image.NewNRGBA64(want.Rect), want)))},
		{"PNG, palette", encodePNG(t, redrawn(image.NewPaletted(want.Rect, tilePalette(want)), want))},
		{"GIF", encodeGIF(t, redrawn(image.NewPaletted(want.Rect, tilePalette(want)), want))},
	}
	for _, tt := range tests {
		r, err := Render(tt.body, Frame{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		checkResult(t, tt.name, r)
		if diff := difference(t, r.JPEG, want); diff > 4 {
			t.Errorf("%s: mean difference %.1f, want at most 4", tt.name, diff)
		}
	}
	for _, grey := range []image.Image{redrawn(image.NewGray(want.Rect), want), redrawn(image.NewGray16(want.Rect), want)} {
		for _, body := range [][]byte{encodePNG(t, grey), encodeJPEG(t, grey, 95)} {
			r, err := Render(body, Frame{})
			if err != nil {
				t.Errorf("grey: %v", err)
				continue
			}
			if diff := difference(t, r.JPEG, grey); diff > 4 {
				t.Errorf("grey %T: mean difference %.1f, want at most 4", grey, diff)
			}
		}
	}
}

// TestSizes covers the side of the result, from one pixel to many.
func TestSizes(t *testing.T) {
	tests := []struct {
		name          string
		width, height int
		frame         Frame
		want          int
	}{
		{"a single pixel becomes 48", 1, 1, Frame{}, 48},
		{"47 pixels become 48", 47, 60, Frame{}, 48},
		{"an odd side stays", 333, 400, Frame{}, 333},
		{"648 stays", 648, 648, Frame{}, 648},
		{"more than 648 becomes 648", 1000, 700, Frame{}, 648},
		{"a crop isn't enlarged to 648", 1000, 700, Frame{X: 10, Y: 10, Side: 120}, 120},
		{"a tiny crop of a large picture becomes 48", 1000, 700, Frame{X: 999, Y: 699, Side: 1}, 48},
		{"a strip becomes a small square", 12_000, 3, Frame{}, 48},
	}
	for _, tt := range tests {
		for _, body := range [][]byte{
			encodeJPEG(t, image.NewGray(image.Rect(0, 0, tt.width, tt.height)), 80),
			encodePNG(t, image.NewGray(image.Rect(0, 0, tt.width, tt.height))),
		} {
			r, err := Render(body, tt.frame)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			config, err := jpeg.DecodeConfig(bytes.NewReader(r.JPEG))
			if err != nil || r.Side != tt.want || config.Width != tt.want || config.Height != tt.want {
				t.Errorf("%s: side %d, picture %d×%d (%v), want %d", tt.name, r.Side, config.Width, config.Height, err, tt.want)
			}
			if r.SourceWidth != tt.width || r.SourceHeight != tt.height {
				t.Errorf("%s: source %d×%d, want %d×%d", tt.name, r.SourceWidth, r.SourceHeight, tt.width, tt.height)
			}
		}
	}
}

// TestNoiseFits encodes what compresses worst.
func TestNoiseFits(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, MaxSide, MaxSide))
	state := uint32(7)
	for i := range img.Pix {
		state = state*1664525 + 1013904223
		img.Pix[i] = byte(state>>24) | byte(i%4/3*255) // opaque
	}
	r, err := Render(encodePNG(t, img), Frame{})
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, "noise", r)
	if len(r.JPEG) < MaxBytes/2 {
		t.Errorf("noise has %d bytes, want more of the %d that it may have", len(r.JPEG), MaxBytes)
	}
}

// TestAnimation tells whether frames were left out.
func TestAnimation(t *testing.T) {
	frame := redrawn(image.NewPaletted(image.Rect(0, 0, 60, 60), color.Palette{color.Black, color.White}), tiles(1, 1, 60))
	var still, moving bytes.Buffer
	if err := gif.EncodeAll(&still, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}}); err != nil {
		t.Fatal(err)
	}
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{9, 9}}); err != nil {
		t.Fatal(err)
	}
	png := encodePNG(t, tiles(1, 1, 60))
	tests := []struct {
		name string
		body []byte
		want bool
	}{
		{"a GIF of one frame", still.Bytes(), false},
		{"a GIF of two frames", moving.Bytes(), true},
		{"a PNG", png, false},
		{"an animated PNG", withChunk(png, "acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}), true},
	}
	for _, tt := range tests {
		r, err := Render(tt.body, Frame{})
		if err != nil || r.Animated != tt.want {
			t.Errorf("%s: animated %v (%v), want %v", tt.name, r.Animated, err, tt.want)
		}
	}
}
