package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"
)

// TestAlphaOnWhite lays transparent pictures on white, never on black,
// whatever colour stands behind the transparency.
func TestAlphaOnWhite(t *testing.T) {
	clear := color.NRGBA{200, 0, 0, 0}
	half := color.NRGBA{0, 0, 0, 128}
	solid := color.NRGBA{20, 40, 160, 255}
	tests := []struct {
		name string
		c    color.NRGBA
		want color.NRGBA
	}{
		{"a clear pixel is white", clear, color.NRGBA{255, 255, 255, 255}},
		{"half black is grey", half, color.NRGBA{127, 127, 127, 255}},
		{"a solid colour stays", solid, solid},
	}
	for _, tt := range tests {
		surface := image.NewUniform(tt.c)
		square := image.Rect(0, 0, 64, 64)
		palette := color.Palette{color.NRGBA{9, 9, 9, 0}, tt.c}
		wide := image.NewNRGBA64(square)
		draw.Draw(wide, square, surface, image.Point{}, draw.Src)
		bodies := map[string][]byte{
			"PNG, 8 bits":  encodePNG(t, redrawn(image.NewNRGBA(square), surface)),
			"PNG, 16 bits": encodePNG(t, wide),
			"PNG, palette": encodePNG(t, redrawn(image.NewPaletted(square, palette), surface)),
		}
		for name, body := range bodies {
			r, err := Render(body, Frame{})
			if err != nil {
				t.Errorf("%s, %s: %v", tt.name, name, err)
				continue
			}
			if diff := difference(t, r.JPEG, redrawn(image.NewNRGBA(square), image.NewUniform(tt.want))); diff > 3 {
				t.Errorf("%s, %s: mean difference %.1f, want at most 3", tt.name, name, diff)
			}
		}
	}
}

// TestSoftEdge compares an edge that becomes transparent bit by bit with the
// formula, in sRGB and in a profile's space, on white and on a chosen colour.
func TestSoftEdge(t *testing.T) {
	const side = 64
	blue := color.RGBA{20, 60, 200, 255}
	subject := color.NRGBA{180, 90, 70, 255}
	edge := image.NewNRGBA(image.Rect(0, 0, side, side))
	for x := range side {
		for y := range side {
			edge.SetNRGBA(x, y, color.NRGBA{subject.R, subject.G, subject.B, byte(4 * x)})
		}
	}
	body := encodePNG(t, edge)
	tests := []struct {
		name         string
		body         []byte
		ground       color.RGBA
		under, solid color.NRGBA // what is seen where all is clear, and where nothing is
		every        int         // columns that are looked at: what lies between is mixed in the source's space
	}{
		{"on white", body, color.RGBA{}, color.NRGBA{255, 255, 255, 255}, subject, 1},
		{"on blue", body, blue, color.NRGBA{20, 60, 200, 255}, subject, 1},
		{"on blue that isn't solid itself", body, color.RGBA{20, 60, 200, 9}, color.NRGBA{20, 60, 200, 255}, subject, 1},
		{"on blue, in Adobe RGB", withChunk(body, "iCCP", iccp(rgbProfile(colourantsAdobe, curveGamma))), blue,
			color.NRGBA{20, 60, 200, 255}, inSRGB(subject, adobeLight, lightAdobe), side - 1},
	}
	for _, tt := range tests {
		r, err := Render(tt.body, Frame{Background: tt.ground})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		img := decoded(t, r.JPEG)
		for x := 0; x < side; x += tt.every {
			got := color.NRGBAModel.Convert(img.At(x, side/2)).(color.NRGBA)
			a := float64(4*x) / 255
			for part, c := range [][3]byte{{got.R, tt.under.R, tt.solid.R}, {got.G, tt.under.G, tt.solid.G}, {got.B, tt.under.B, tt.solid.B}} {
				// JPEG, half of the chroma, and blending before conversion.
				if want := float64(c[1])*(1-a) + float64(c[2])*a; math.Abs(float64(c[0])-want) > 6 {
					t.Errorf("%s: part %d of column %d is %d, want %.0f", tt.name, part, x, c[0], want)
				}
			}
		}
	}
}

// TestGroundOfPlanes lays a lossy WebP on a chosen colour.
func TestGroundOfPlanes(t *testing.T) {
	img := image.NewNYCbCrA(image.Rect(0, 0, 64, 64), image.YCbCrSubsampleRatio420)
	p := scale(newRaster(img, square{0, 0, 64}.area(1), true, ground{20, 60, 200}), 64)
	y, cb, cr := color.RGBToYCbCr(20, 60, 200)
	if p.y.pix[70] != y || p.cb.pix[70] != cb || p.cr.pix[70] != cr {
		t.Errorf("clear pixels are %d, %d, %d, want %d, %d, %d", p.y.pix[70], p.cb.pix[70], p.cr.pix[70], y, cb, cr)
	}
}

// TestAlphaOfLossyWebP does the same on planes.
func TestAlphaOfLossyWebP(t *testing.T) {
	img := image.NewNYCbCrA(image.Rect(0, 0, 65, 65), image.YCbCrSubsampleRatio420)
	fill(img.Y, 16) // the black of limited range
	fill(img.Cb, 90)
	fill(img.Cr, 200)
	for i := range img.A {
		img.A[i] = byte(255 * (i % img.AStride / 33)) // the left 33 columns are clear
	}
	p := scale(newRaster(img, square{0, 0, 65}.area(1), true, white), 65)
	if left, right := p.y.pix[0], p.y.pix[64]; left != 255 || right != 0 {
		t.Errorf("luma %d where clear and %d where solid, want 255 and 0", left, right)
	}
	if left, right := p.cb.pix[0], p.cr.pix[64]; left != 128 || right < 205 {
		t.Errorf("chroma %d where clear and %d where solid, want 128 and about 210", left, right)
	}
}

// TestLimitedRange stretches the samples of a lossy WebP and of nothing else.
func TestLimitedRange(t *testing.T) {
	tests := []struct{ y, c, wantY, wantC byte }{
		{16, 16, 0, 1}, {235, 240, 255, 255}, {126, 128, 128, 128}, {0, 0, 0, 0}, {255, 255, 255, 255}, {81, 90, 76, 85},
	}
	for _, tt := range tests {
		img := image.NewYCbCr(image.Rect(0, 0, 64, 64), image.YCbCrSubsampleRatio420)
		fill(img.Y, tt.y)
		fill(img.Cb, tt.c)
		fill(img.Cr, tt.c)
		p := scale(newRaster(img, square{0, 0, 64}.area(1), true, white), 64)
		if p.y.pix[9] != tt.wantY || p.cb.pix[9] != tt.wantC || p.cr.pix[9] != tt.wantC {
			t.Errorf("limited %d, %d: %d, %d, %d, want %d, %d", tt.y, tt.c, p.y.pix[9], p.cb.pix[9], p.cr.pix[9], tt.wantY, tt.wantC)
		}
		p = scale(newRaster(img, square{0, 0, 64}.area(1), false, white), 64)
		if p.y.pix[9] != tt.y || p.cb.pix[9] != tt.c {
			t.Errorf("full range %d, %d: %d, %d, want no change", tt.y, tt.c, p.y.pix[9], p.cb.pix[9])
		}
	}
}

// TestLossyWebPHasTheColoursOfLossless compares two files that show the same.
func TestLossyWebPHasTheColoursOfLossless(t *testing.T) {
	var means [2][3]float64
	for i, coding := range []string{"lossy", "lossless"} {
		r, err := Render(readCorpus(t, "ximage/x__yellow_rose."+coding+".webp"), Frame{})
		if err != nil {
			t.Fatalf("%s: %v", coding, err)
		}
		means[i] = meanColour(decoded(t, r.JPEG))
	}
	for c := range 3 {
		if d := math.Abs(means[0][c] - means[1][c]); d > 2 {
			t.Errorf("mean of colour %d differs by %.1f, want at most 2", c, d)
		}
	}
}

// TestFirstFrameOfGIF places a frame that is smaller than its canvas.
func TestFirstFrameOfGIF(t *testing.T) {
	frame := image.NewPaletted(image.Rect(20, 30, 60, 60), color.Palette{color.NRGBA{0, 0, 200, 255}, color.NRGBA{}})
	p := scale(newRaster(frame, square{0, 0, 80}.area(1), false, white), 80)
	inside, outside := p.y.pix[45*80+40], p.y.pix[5*80+5]
	if outside != 255 || inside > 40 {
		t.Errorf("luma %d in the frame and %d around it, want about 23 and 255", inside, outside)
	}
}

// TestCMYK reads inks without a profile.
func TestCMYK(t *testing.T) {
	img := image.NewCMYK(image.Rect(0, 0, 50, 50))
	for i := 0; i < len(img.Pix); i += 4 {
		copy(img.Pix[i:], []byte{0, 255, 255, 0}) // magenta and yellow: red
	}
	row := make([]byte, 3)
	rowReader(img, white)(row, 7, 7)
	if want := [3]byte{255, 0, 0}; [3]byte(row) != want {
		t.Errorf("magenta and yellow are %v, want %v", row, want)
	}
}

// meanColour returns the mean red, green and blue, of 255.
func meanColour(img image.Image) (m [3]float64) {
	rgba := redrawn(image.NewRGBA(img.Bounds()), img)
	for i, v := range rgba.Pix {
		if c := i % 4; c < 3 {
			m[c] += float64(v) * 4 / float64(len(rgba.Pix))
		}
	}
	return m
}
