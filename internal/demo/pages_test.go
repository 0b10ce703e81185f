package demo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	_ "golang.org/x/image/webp"
	"golang.org/x/oauth2"

	"portrait/internal/demo"
	"portrait/internal/directory"
)

func TestPortraitsAreDrawnAndDiffer(t *testing.T) {
	tenant := start(t, demo.Options{})
	page, _ := newBrowser(t, tenant).get(t, tenant.GraphURL()+"/")
	seen := map[string]string{}
	for i, m := range regexp.MustCompile(`/people/([0-9a-f-]+)/photo`).FindAllStringSubmatch(page, -1) {
		res, err := http.Get(tenant.GraphURL() + m[0])
		if err != nil {
			t.Fatal(err)
		}
		small, _ := outcome(t, res)
		if other, ok := seen[small]; ok {
			t.Errorf("%s and %s look the same", m[1], other)
		}
		seen[small] = m[1]
		if i > 8 {
			continue // like those before, and slow to draw
		}
		b := tenant.Photo(directory.ID(m[1]))
		if b == nil {
			continue // shown on the page only: no photo of theirs is kept here
		}
		if got := dimensions(b); got != "648x648 jpeg" && got != "240x240 jpeg" && got != "96x96 jpeg" {
			t.Errorf("%s has a portrait of %s", m[1], got)
		}
		if len(b) > 100_000 {
			t.Errorf("%s has a portrait of %d bytes, want at most 100,000", m[1], len(b))
		}
	}
	if len(seen) < 200 {
		t.Errorf("%d people have a portrait, want at least 200", len(seen))
	}
}

func TestSamples(t *testing.T) {
	for name, want := range map[string]string{
		"large.jpg": "6000x4000 jpeg", "tiny.jpg": "64x64 jpeg", "transparent.png": "800x800 png",
		"logo.webp": "512x512 webp", "astronaut.png": "512x512 png", "tiles.png": "1600x1200 png",
		"two.jpg": "1500x1000 jpeg",
	} {
		b, err := demo.Sample(name)
		if err != nil {
			t.Errorf("Sample(%q): %v", name, err)
			continue
		}
		if got := dimensions(b); got != want {
			t.Errorf("Sample(%q) is %s, want %s", name, got, want)
		}
		if name == "large.jpg" {
			continue // decoding it is the slowest thing here
		}
		if _, _, err := image.Decode(bytes.NewReader(b)); err != nil {
			t.Errorf("Sample(%q): %v", name, err)
		}
	}
	if _, err := demo.Sample("nothing.jpg"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Sample of nothing: %v, want fs.ErrNotExist", err)
	}
}

// TestHEICSample holds that the HEIC is one, of a size that its container says,
// with the camera's name in it; e2e looks at its pixels.
func TestHEICSample(t *testing.T) {
	b, err := demo.Sample("lakeside.heic")
	if err != nil {
		t.Fatal(err)
	}
	if string(b[4:12]) != "ftypheic" {
		t.Errorf("it begins with %q, want ftypheic", b[4:12])
	}
	ispe := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("ispe\x00\x00\x00\x00"), 1512), 2016)
	if !bytes.Contains(b, ispe) {
		t.Error("its container doesn't say 1512 × 2016")
	}
	if !bytes.Contains(b, []byte("Skylark\x00")) {
		t.Error("it has no EXIF data")
	}
	if len(b) > 100_000 {
		t.Errorf("it has %d bytes, want at most 100,000", len(b))
	}
}

// tags reads the EXIF directory at offset as tag → value or offset of it.
func tags(tiff []byte, offset uint32) map[uint16]uint32 {
	le := binary.LittleEndian
	all := map[uint16]uint32{}
	for i := range uint32(le.Uint16(tiff[offset:])) {
		e := tiff[offset+2+12*i:]
		all[le.Uint16(e)] = le.Uint32(e[8:])
	}
	return all
}

func TestSidewaysPhotoIsTurnedAndPlaced(t *testing.T) {
	b, err := demo.Sample("sideways.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if got := dimensions(b); got != "4032x3024 jpeg" {
		t.Errorf("the photo is %s, want 4032x3024 jpeg", got)
	}
	_, tiff, ok := bytes.Cut(b[:1000], []byte("Exif\x00\x00"))
	if !ok || string(tiff[:4]) != "II*\x00" {
		t.Fatal("the photo has no EXIF data")
	}
	main := tags(tiff, binary.LittleEndian.Uint32(tiff[4:]))
	if main[0x0112] != 6 {
		t.Errorf("orientation = %d, want 6", main[0x0112])
	}
	place := tags(tiff, main[0x8825])
	if place[1] != 'N' || binary.LittleEndian.Uint32(tiff[place[2]:]) != 67 || binary.LittleEndian.Uint32(tiff[place[4]:]) != 20 {
		t.Errorf("place = %v, want 67° N 20° E", place)
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	// Turned clockwise to be shown, the left edge is at the top: the sky.
	sky, ground := blue(img, 100, 1500), blue(img, 3950, 2700)
	if sky < 0x90 || ground > 0x70 {
		t.Errorf("blue at the left edge %#x, at the right edge %#x, want the sky on the left and grass on the right", sky, ground)
	}
}

func blue(img image.Image, x, y int) uint32 {
	_, _, b, _ := img.At(x, y).RGBA()
	return b >> 8
}

func TestTransparentSampleHasAHole(t *testing.T) {
	b, err := demo.Sample("transparent.png")
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := img.At(1, 1).RGBA(); a != 0 {
		t.Errorf("the corner has the opacity %#x, want 0", a)
	}
	if _, _, _, a := img.At(400, 350).RGBA(); a != 0xffff {
		t.Errorf("the face has the opacity %#x, want 0xffff", a)
	}
}

func TestSamplesAreOffered(t *testing.T) {
	tenant := start(t, demo.Options{})
	b := newBrowser(t, tenant)
	page, _ := b.get(t, tenant.SamplesURL())
	links := regexp.MustCompile(`href="(/samples/[a-z.]+)"`).FindAllStringSubmatch(page, -1)
	if len(links) != 9 || !strings.Contains(page, "Photo: NASA, Eileen Collins, public domain") {
		t.Errorf("%d samples are offered, want 9, and the source of the astronaut", len(links))
	}
	for _, link := range links {
		for _, rest := range []string{"", "/preview"} {
			if rest == "" && (link[1] == "/samples/large.jpg" || link[1] == "/samples/sideways.jpg") {
				continue // slow to draw, and sent like the others
			}
			res, err := b.Get(tenant.GraphURL() + link[1] + rest)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			kind, disposition := res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition")
			if res.StatusCode != 200 || !strings.HasPrefix(kind, "image/") || strings.HasPrefix(disposition, "attachment") != (rest == "") {
				t.Errorf("GET %s%s = %d, %s, %s", link[1], rest, res.StatusCode, kind, disposition)
			}
		}
	}
}

func TestPagesSpeakBothLanguagesAndAllowNoScript(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	hint := persona(t, tenant, "guest").UPN
	for _, tt := range []struct{ link, english, chinese string }{
		{a.link(oauth2.SetAuthURLParam("login_hint", hint)), "Who would you like to be?", "您想以谁的身份登录"},
		{tenant.HomeURL(), "A tenant in a box", "盒中租户"},
		{tenant.SamplesURL(), "Pictures to try", "试用图片"},
		{tenant.WeatherURL(), "Throttled for a minute", "限流一分钟"},
		{tenant.GraphURL() + "/signed-out", "You are signed out", "您已退出登录"},
	} {
		for language, want := range map[string]string{"": tt.english, "fr": tt.english, "zh-CN,zh;q=0.9": tt.chinese} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", tt.link, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Language", language)
			res, err := newBrowser(t, tenant).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			page, _ := outcome(t, res)
			if !strings.Contains(page, want) || res.StatusCode != 200 {
				t.Errorf("%s in %q: %d, without %q", tt.link, language, res.StatusCode, want)
			}
			csp := res.Header.Get("Content-Security-Policy")
			if !strings.HasPrefix(csp, "default-src 'none'; style-src 'self'") || strings.Contains(page, "<script") || strings.Contains(page, "style=") {
				t.Errorf("%s: policy %q, or a script or an inline style", tt.link, csp)
			}
		}
	}
}

func TestHintComesFirst(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	claims, err := a.claims(t.Context(), a.token(t, "no-mailbox"))
	if err != nil {
		t.Fatal(err)
	}
	for hint, want := range map[string]string{
		persona(t, tenant, "guest").UPN: "guest", claims["login_hint"].(string): "no-mailbox", "nobody@skylark.example": "employee",
	} {
		page, _ := newBrowser(t, tenant).get(t, a.link(oauth2.SetAuthURLParam("login_hint", hint)))
		if first := between(page, `name="persona" value="`, `"`); first != want {
			t.Errorf("with login_hint=%s the first is %q, want %q", hint, first, want)
		}
	}
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	tenant := start(t, demo.Options{})
	for _, path := range []string{"/reset", "/weather", "/weather/fair"} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", tenant.GraphURL()+path, strings.NewReader("kind=down&to=on"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "http://evil.example")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("a form from elsewhere for %s gets %d, want 403", path, res.StatusCode)
		}
	}
}
