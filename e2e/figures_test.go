package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
)

// What the figures must be.
//
// Source: issue 8: dragging 12 megapixels with a processor four times slower,
// and a save over slow 4G (1.6 Mbit/s, 150 ms) of an original of 4.3 MB.
const (
	medianFrameMs = 33
	longestMs     = 50
	saveLimit     = 2500 * time.Millisecond
	upLimit       = 200_000
)

// lineSpeed is that of slow 4G, in bytes a second.
const lineSpeed = 1.6e6 / 8

// measures are the runs of which the best counts: what else the machine does
// only makes them slower.
const measures = 3

// phonePhoto is a JPEG of 12 megapixels and about 4.3 MB, as a phone makes them.
func phonePhoto(t *testing.T) []byte {
	t.Helper()
	const width, height = 4000, 3000
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	random := rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			img.Y[y*img.YStride+x] = uint8(90 + 60*x/width + 40*y/height + random.IntN(22))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 120, 140
	}
	for y := 1100; y < 1900; y++ { // something like a head, so that it isn't all alike
		for x := 1700; x < 2300; x++ {
			img.Y[y*img.YStride+x] = color.YCbCrModel.Convert(color.RGBA{200, 160, 140, 255}).(color.YCbCr).Y + uint8(random.IntN(12))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 93}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// frames is how long the page's frames took while it was dragged, in ms.
type frames struct{ Median, Longest float64 }

// dragFrames drags the picture about, as a hand does, and measures the page's
// frames.
func (p *page) dragFrames() frames {
	p.t.Helper()
	p.settled()
	window := p.query(`[data-part="window"]`).box()
	eval[bool](p, `(() => {
		const times = window.seenFrames = [];
		let last = performance.now();
		const look = now => { times.push(now - last); last = now; window.looking = requestAnimationFrame(look) };
		window.looking = requestAnimationFrame(now => { last = now; look(now) });
		return true;
	})()`)
	for i := range 4 {
		p.drag(window.center(), window.center().plus(float64(60-120*(i%2)), 20))
	}
	times := eval[[]float64](p, `(cancelAnimationFrame(window.looking), window.seenFrames.slice(2))`)
	slices.Sort(times)
	return frames{Median: times[len(times)/2], Longest: times[len(times)-1]}
}

// TestFigures measures what the design promises of the editor, for `make bench`;
// it writes docs/editor-figures.md and fails where a promise isn't kept.
func TestFigures(t *testing.T) {
	if os.Getenv("E2E_FIGURES") == "" {
		t.Skip("a measurement, which needs a quiet machine: make bench runs it")
	}
	photo := phonePhoto(t)
	s := newSite(t)
	best, took, up := frames{1e9, 1e9}, time.Hour, 0
	for range measures {
		p := newPage(t, look{})
		call(p, network.Enable, network.EnableParams{}) // a page that is there already isn't slowed down
		s.signIn(p, "/me/photo", "employee")
		p.dropPicture("IMG_0001.jpg", photo)
		call(p, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
		if f := p.dragFrames(); f.Longest < best.Longest {
			best = f
		}
		call(p, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 1})
		call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: lineSpeed, UploadThroughput: lineSpeed}},
		})
		took, up = min(took, p.timedSave()), max(up, sent(p))
		if line := time.Duration(float64(sent(p)) / lineSpeed * float64(time.Second)); took < line {
			t.Fatalf("a save takes %v, less than the line needs (%v): it isn't slowed down, and the figure is worth nothing", took, line)
		}
	}
	t.Logf("a frame takes %.0f ms (median), %.0f ms (longest); a save takes %v and sends %d bytes of %d", best.Median, best.Longest, took, up, len(photo))
	writeFigures(t, best, took, up, len(photo))
	if best.Median > medianFrameMs || best.Longest > longestMs {
		t.Errorf("a frame takes %.0f ms (median) and %.0f ms (longest), want at most %d and %d", best.Median, best.Longest, medianFrameMs, longestMs)
	}
	if took > saveLimit || up > upLimit {
		t.Errorf("a save takes %v and sends %d bytes, want at most %v and %d", took, up, saveLimit, upLimit)
	}
}

// timedSave saves and returns how long it took until Microsoft 365 had answered.
func (p *page) timedSave() time.Duration {
	p.t.Helper()
	eval[bool](p, `(() => {
		const fetched = window.fetch;
		window.seenSave = { bytes: 0, ms: 0 };
		window.fetch = (address, request) => {
			if (request?.method === 'PUT') window.seenSave.bytes = request.body.size;
			return fetched(address, request);
		};
		const step = document.querySelector('[data-step="taken"]');
		const begin = performance.now();
		new MutationObserver(() => { if (step.dataset.state === 'done' && !window.seenSave.ms) window.seenSave.ms = performance.now() - begin }).observe(step, { attributes: true });
		document.querySelector('[data-do="save"]').click();
		return true;
	})()`)
	var ms float64
	p.wait("Microsoft 365 has it", func() bool { ms = eval[float64](p, `window.seenSave.ms`); return ms > 0 })
	p.waitText("We read it back, and this is it.")
	return time.Duration(ms * float64(time.Millisecond)).Round(time.Millisecond)
}

// sent is how many bytes of a photo the page sent, since timedSave.
func sent(p *page) int { return eval[int](p, `window.seenSave.bytes`) }

func writeFigures(t *testing.T, f frames, took time.Duration, up, of int) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `# Figures of the editor

Written by `+"`make bench`"+`, in Chromium without a screen; of %d runs the best, for what else the machine does only makes them slower.

| what | is | at most |
|---|--:|--:|
| a frame while 12 megapixels are dragged, processor 4 times slower: median | %.0f ms | %d ms |
| the longest of them | %.0f ms | %d ms |
| from Save until Microsoft 365 has answered, over slow 4G (1.6 Mbit/s, 150 ms) | %.2f s | %.1f s |
| bytes sent of an original of %.1f MB | %d kB | %d kB |
`, measures, f.Median, medianFrameMs, f.Longest, longestMs, took.Seconds(), saveLimit.Seconds(), float64(of)/1e6, up/1000, upLimit/1000)
	if err := os.WriteFile(filepath.Join("..", "docs", "editor-figures.md"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
