package e2e

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// policy is as strict as the site's.
const policy = "default-src 'none'; img-src data:; script-src 'nonce-n'; style-src 'nonce-n'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"

// serve shows body as a whole page, under the policy.
func serve(t *testing.T, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		w.Write([]byte(`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>` +
			`<link rel="icon" href="data:,"></head><body><main><h1>A page</h1>` + body + `</main></body></html>`))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestTroubleIsSeen holds that what no page of ours may do is seen when it does.
func TestTroubleIsSeen(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"an error on the console", `<script nonce="n">console.error("it broke", 3)</script>`, "console.error: it broke 3"},
		{"a warning on the console", `<script nonce="n">console.warn("careful")</script>`, "console.warning: careful"},
		{"an exception", `<script nonce="n">null.name</script>`, "exception: TypeError"},
		{"a rejected promise", `<script nonce="n">Promise.reject(new Error("nobody looks"))</script>`, "exception: Error: nobody looks"},
		{"a script that the policy blocks", `<script>1</script>`, "content security policy: script-src-elem blocked"},
		{"a style that the policy blocks", `<p style="color: red">red</p>`, "content security policy: style-src-attr blocked"},
		{"a picture that the policy blocks", `<img src="/a.png" alt="">`, "content security policy: img-src blocked"},
		{"a sink that trusted types block", `<script nonce="n">document.body.innerHTML = "<p>"</script>`, "content security policy: require-trusted-types-for blocked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPage(t, look{})
			p.open(serve(t, tt.body))
			p.wait("the page reports "+tt.want, func() bool {
				return strings.Contains(strings.Join(p.trouble.unexpected(), "\n"), tt.want)
			})
			p.expect(`.*`)
		})
	}
}

// TestQuietPage holds that a page without trouble reports none, that a failed
// request is trouble, and that a test may expect it.
func TestQuietPage(t *testing.T) {
	t.Parallel()
	p := newPage(t, look{})
	p.open(serve(t, `<p>Quiet</p>`))
	if lines := p.trouble.unexpected(); len(lines) > 0 {
		t.Errorf("a quiet page reports %q, want nothing", lines)
	}
	p.expect(`status of 404`)
	p.open(p.url() + "missing")
	if lines := p.trouble.unexpected(); len(lines) > 0 {
		t.Errorf("after expecting it, the page reports %q, want nothing", lines)
	}
}

func TestAxe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       []string
	}{
		{"a good page has no findings", `<button>Save</button>`, nil},
		{"a picture without a text", `<img src="data:,">`, []string{"image-alt"}},
		{"grey on white", `<style nonce="n">p { color: #aaa; background: #fff }</style><p>Too pale</p>`, []string{"color-contrast"}},
		{"a button without a name", `<button></button>`, []string{"button-name"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPage(t, look{})
			p.open(serve(t, tt.body))
			var got []string
			for _, f := range p.axe() {
				got = append(got, f.ID)
				if !strings.Contains(f.String(), "<") {
					t.Errorf("the finding does not show where: %s", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("axe found (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, expression string
		look             look
		want             string
	}{
		{"a laptop unless it is said", `innerWidth + "x" + innerHeight`, look{}, "1280x800"},
		{"as wide as asked for", `innerWidth + "x" + innerHeight`, look{Width: 360, Height: 740, Touch: true}, "360x740"},
		{"light unless it is said", `matchMedia("(prefers-color-scheme: dark)").matches`, look{}, "false"},
		{"dark", `matchMedia("(prefers-color-scheme: dark)").matches`, look{Dark: true}, "true"},
		{"English unless it is said", `navigator.language`, look{}, "en"},
		{"Chinese", `navigator.language`, look{Language: "zh-CN"}, "zh-CN"},
		{"fingers on a phone", `matchMedia("(pointer: coarse)").matches`, look{Touch: true}, "true"},
		{"no motion", `matchMedia("(prefers-reduced-motion: reduce)").matches`, look{Still: true}, "true"},
		{"forced colours", `matchMedia("(forced-colors: active)").matches`, look{Contrast: true}, "true"},
		{"scripts run", `document.title`, look{}, "script"},
		{"scripts don't run", `document.title`, look{NoScript: true}, "A page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPage(t, tt.look)
			p.open(serve(t, `<meta name="viewport" content="width=device-width, initial-scale=1"><script nonce="n">document.title = "script"</script>`))
			if got := eval[string](p, `String(`+tt.expression+`)`); got != tt.want {
				t.Errorf("%s = %s, want %s", tt.expression, got, tt.want)
			}
		})
	}
}

// recorder is a page with a stage that writes down what is done to it.
const recorder = `
<style nonce="n">#stage { inline-size: 400px; block-size: 300px; touch-action: none; background: #eee }</style>
<div id="stage" tabindex="0" role="application" aria-label="Stage"></div>
<label>Picture <input type="file"></label><button>Choose</button><button disabled>Off</button>
<label>Zoom <input type="range" min="1" max="9" value="2"></label>
<ul></ul>
<script nonce="n">
	const list = document.querySelector('ul'), stage = document.querySelector('#stage'), input = document.querySelector('input');
	const say = text => { const li = document.createElement('li'); li.textContent = text; list.append(li) };
	const down = new Set();
	stage.addEventListener('pointerdown', e => { down.add(e.pointerId); say(e.pointerType + ' down ' + down.size) });
	stage.addEventListener('pointermove', e => { if (down.has(e.pointerId)) stage.dataset.last = Math.round(e.offsetX) + ',' + Math.round(e.offsetY) });
	stage.addEventListener('pointerup', e => { down.delete(e.pointerId); say(e.pointerType + ' up at ' + stage.dataset.last) });
	stage.addEventListener('wheel', e => { e.preventDefault(); say('wheel ' + e.deltaY) }, { passive: false });
	stage.addEventListener('keydown', e => say((e.shiftKey ? 'Shift+' : '') + (e.ctrlKey ? 'Control+' : '') + e.key));
	const files = async (how, l) => { for (const f of l) say(how + ' ' + f.name + ' ' + f.type + ' ' + f.size) };
	addEventListener('dragover', e => e.preventDefault());
	addEventListener('drop', e => { e.preventDefault(); files('drop', e.dataTransfer.files) });
	addEventListener('paste', e => files('paste', e.clipboardData.files));
	input.addEventListener('change', () => files('choose', input.files));
	document.querySelector('button').addEventListener('click', () => input.click());
</script>`

// says waits until the recorder's list is as wanted.
func (p *page) says(want ...string) {
	p.t.Helper()
	var got string
	p.wait("the page has seen "+strings.Join(want, ", "), func() bool {
		got = eval[string](p, `[...document.querySelectorAll('li')].map(li => li.textContent).join("\n")`)
		return got == strings.Join(want, "\n")
	})
}

func TestMouseAndKeys(t *testing.T) {
	t.Parallel()
	p := newPage(t, look{})
	p.open(serve(t, recorder))
	stage := p.find("application", "Stage")
	middle := stage.box().center()

	p.drag(middle, middle.plus(60, -40))
	p.wheel(middle, -120)
	stage.focus()
	if !stage.focused() {
		t.Error("the stage doesn't have the keyboard after focus")
	}
	p.press("ArrowLeft", "Shift+ArrowLeft", "+", "r", "0", "Control+ArrowUp")
	p.says("mouse down 1", "mouse up at 260,110", "wheel -120", "ArrowLeft", "Shift+ArrowLeft", "Shift++", "r", "0", "Control+ArrowUp")
}

func TestFingers(t *testing.T) {
	t.Parallel()
	p := newPage(t, look{Width: 420, Height: 700, Touch: true})
	p.open(serve(t, recorder))
	middle := p.find("application", "Stage").box().center()

	p.swipe(middle, middle.plus(30, 20))
	p.says("touch down 1", "touch up at 230,170")
	p.pinch(middle, 80, 160)
	p.wait("two fingers were there", func() bool { return strings.Contains(p.text(), "touch down 2") })
}

func TestFiles(t *testing.T) {
	t.Parallel()
	p := newPage(t, look{})
	p.open(serve(t, recorder))
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	path := p.file("a.png", picture.Bytes())

	p.drop(p.find("application", "Stage").box().center(), path)
	p.choose(p.find("button", "Choose"), path)
	p.paste("b.png", "image/png", picture.Bytes())
	size := strconv.Itoa(picture.Len())
	p.says("drop a.png image/png "+size, "choose a.png image/png "+size, "paste b.png image/png "+size)

	p.reload()
	p.fill(p.query("input"), path)
	p.says("choose a.png image/png " + size)
}

func TestFind(t *testing.T) {
	t.Parallel()
	p := newPage(t, look{})
	p.open(serve(t, recorder))
	if p.has("button", "Missing") {
		t.Error("has finds a button that isn't there")
	}
	p.gone("button", "Missing")
	if got := p.find("heading", "A page").text(); got != "A page" {
		t.Errorf("the heading says %q, want %q", got, "A page")
	}
	if !on[bool](p.find("button", "Off"), `function() { return this.disabled }`) {
		t.Error("the button Off is enabled, want disabled")
	}
	zoom := p.find("slider", "Zoom")
	if got := zoom.attribute("max"); got != "9" {
		t.Errorf("the slider goes to %s, want 9", got)
	}
	p.click("slider", "Zoom") // in its middle
	p.press("ArrowRight")
	if got := zoom.value(); got != "6" {
		t.Errorf("after a click and an arrow the slider is at %s, want 6", got)
	}
}
