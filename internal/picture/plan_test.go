package picture

import (
	"runtime"
	"runtime/debug"
	"testing"

	"portrait/internal/fault"
)

// TestDecodeScale decodes no larger than twice the result.
func TestDecodeScale(t *testing.T) {
	tests := []struct {
		name          string
		width, height int
		f             Frame
		side          int // of the result; 0 = as Render has it
		want          int
	}{
		{"12 megapixels of a phone", 4032, 3024, Frame{}, 0, 2},
		{"48 megapixels", 8000, 6000, Frame{}, 0, 4},
		{"1296 pixels from the browser", 1296, 1296, Frame{}, 0, 1},
		{"twice that", 2592, 2592, Frame{}, 0, 2},
		{"a pixel less", 2591, 2591, Frame{}, 0, 1},
		{"a small part of 48 megapixels", 8000, 6000, Frame{X: 10, Y: 10, Side: 700}, 0, 1},
		{"a thumbnail of 12 megapixels", 4032, 3024, Frame{}, 96, 8},
		{"less than the result", 300, 200, Frame{}, 0, 1},
	}
	for _, tt := range tests {
		s := source{Header: Header{Format: JPEG, Width: tt.width, Height: tt.height, Orientation: 1, scalable: true, samples: 1.5}}
		resized := outputSide
		if tt.side != 0 {
			resized = func(int) int { return tt.side }
		}
		p, err := s.plan(tt.f, resized)
		if err != nil || p.scale != tt.want {
			t.Errorf("%s: 1/%d (%v), want 1/%d", tt.name, p.scale, err, tt.want)
		}
		if p.scale > 1 && p.stored.side/p.scale < 2*p.side {
			t.Errorf("%s: %d pixels for %d", tt.name, p.stored.side/p.scale, p.side)
		}
		s.scalable, s.bytesPerPixel = false, 1.5
		if p, _ := s.plan(tt.f, resized); p.scale != 1 {
			t.Errorf("%s, by another decoder: 1/%d, want 1/1", tt.name, p.scale)
		}
	}
}

// TestCostCoversWhatIsTaken compares the budget's estimate with what decoding
// allocates.
func TestCostCoversWhatIsTaken(t *testing.T) {
	large := photoLike(t, 2000, 1500)
	tests := []struct {
		name string
		body []byte
	}{
		{"baseline JPEG, halved", encodeJPEG(t, photoLike(t, 3000, 2700), 80)},
		{"baseline JPEG as it is", encodeJPEG(t, large, 80)},
		{"progressive JPEG", readCorpus(t, "std/go__video-001.progressive.jpeg")},
		{"progressive JPEG without content", emptyProgressive(3000, 2000, 3)},
		{"PNG", encodePNG(t, large)},
	}
	for _, tt := range tests {
		s, err := open(tt.body)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		p, err := s.plan(Frame{}, outputSide)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := s.render(p); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		runtime.ReadMemStats(&after)
		if took, cost := int64(after.TotalAlloc-before.TotalAlloc), s.cost(p); took > cost+2<<20 { // PNG's filters leave rubbish
			t.Errorf("%s: allocated %d kB, estimated at %d", tt.name, took>>10, cost>>10)
		}
	}
}

// TestSteadyState allocates little beside what the decoder returns.
func TestSteadyState(t *testing.T) {
	if raceEnabled {
		t.Skip("pools drop at random what they are given under the race detector")
	}
	body := encodeJPEG(t, photoLike(t, 1400, 1400), 85)
	render := func() {
		if _, err := Render(body, Frame{}); err != nil {
			t.Fatal(err)
		}
	}
	render()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it empties the pools now and then
	const times = 8
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		render()
	}
	runtime.ReadMemStats(&after)
	const planes = 1408 * 1408 * 3 / 2
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > planes+512<<10 {
		t.Errorf("each picture allocates %d kB, want at most %d", each>>10, (planes+512<<10)>>10)
	}
}

// TestEndIsMissing refuses a JPEG that breaks off below the square that is kept.
func TestEndIsMissing(t *testing.T) {
	body := encodeJPEG(t, photoLike(t, 300, 900), 85)
	for _, cut := range []int{2, len(body) / 10} {
		_, err := Render(body[:len(body)-cut], Frame{Side: 300})
		if !fault.Is(err, fault.Unreadable) {
			t.Errorf("without its last %d bytes: %v, want Unreadable", cut, err)
		}
	}
}

// TestRegion shows the same square whether the rest of the picture is there to
// be decoded or not.
func TestRegion(t *testing.T) {
	whole := photoLike(t, 1600, 1200)
	body := encodeJPEG(t, whole, 95)
	for _, f := range []Frame{{X: 0, Y: 0, Side: 500}, {X: 1100, Y: 700, Side: 500}, {X: 333, Y: 101, Side: 777}} {
		r, err := Render(body, f)
		if err != nil {
			t.Fatal(err)
		}
		part := scale(newRaster(whole, square{f.X, f.Y, f.Side}.area(1), false, white), r.Side)
		if got := lumaError(t, r.JPEG, part.y); got > 16 { // grain, at quality 95 and 92
			t.Errorf("%+v: mean square error %.1f, want at most 16", f, got)
		}
	}
}
