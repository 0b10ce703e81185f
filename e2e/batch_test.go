package e2e

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// dropAll drags files from outside over the window and lets them go.
func (p *page) dropAll(at point, paths []string) {
	p.t.Helper()
	for _, kind := range []input.DispatchDragEventType{
		input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop,
	} {
		call(p, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: at.X, Y: at.Y,
			Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1},
		})
	}
}

// acceptDialogs lets the page go when it asks whether it may.
func (p *page) acceptDialogs() {
	p.t.Helper()
	err := chromedp.Listen(p.ctx, func(ev any) {
		if _, ok := ev.(*cdppage.EventJavascriptDialogOpening); ok {
			go func() {
				_, _ = try(p, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: true}) // another one may have closed it
			}()
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// pictures is how many are dropped at once: `make soak` drops 1,000.
var pictures = flag.Int("pictures", 40, "how many pictures are dropped at once")

// averageBytes is how large what goes up may be on average, in bytes.
const averageBytes = 200_000

// badge returns a JPEG of 12 megapixels and more than 4 MB, as phones make them:
// the astronaut with the grain of a sensor.
func badge(t *testing.T) []byte {
	t.Helper()
	astronaut, err := png.Decode(bytes.NewReader(sample(t, "astronaut.png")))
	if err != nil {
		t.Fatal(err)
	}
	const width, height = 3000, 4000
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	from, random := astronaut.Bounds(), rand.New(rand.NewPCG(1, 2))
	at := func(x, y int) color.YCbCr { // its upper part, in the shape of a phone's picture
		small := astronaut.At(from.Min.X+x*from.Dx()*3/4/width+from.Dx()/8, from.Min.Y+y*from.Dy()/height)
		return color.YCbCrModel.Convert(small).(color.YCbCr)
	}
	for y := range height {
		for x := range width {
			c := at(x, y)
			img.Y[img.YOffset(x, y)] = uint8(min(235, max(16, int(c.Y)+random.IntN(41)-20)))
			img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = c.Cb, c.Cr
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 89}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tinted returns the JPEG in another colour for each i, by its second table of
// quantization alone: encoding 40 of them would take a minute.
func tinted(t *testing.T, picture []byte, i int) []byte {
	t.Helper()
	at := bytes.Index(picture, []byte{0xff, 0xdb})
	if at < 0 || int(picture[at+2])<<8|int(picture[at+3]) != 2+2*65 || picture[at+4+65] != 1 {
		t.Fatal("image/jpeg writes its tables in another way now")
	}
	other := bytes.Clone(picture)
	for k := range 3 { // so many powers of 8 differ in what is seen
		other[at+4+65+1+k] += byte(i >> (3 * k) & 7)
	}
	return other
}

// badges puts n pictures of more than 4 MB each into a folder, named after people
// as long as there are any, and returns their paths.
func (s *site) badges(n int) []string {
	s.t.Helper()
	folder, picture := s.t.TempDir(), badge(s.t)
	if len(picture) < 4_000_000 {
		s.t.Fatalf("the pictures have %d bytes, want 4 MB", len(picture))
	}
	var names []string
	for _, person := range s.Tenant.People() {
		if person.UPN != "" && !person.Guest {
			names = append(names, person.UPN)
		}
	}
	paths := make([]string, n)
	for i := range paths {
		name := fmt.Sprintf("visitor-%d", i)
		if i < len(names) {
			name = names[i]
		}
		paths[i] = filepath.Join(folder, name+".jpg")
		if err := os.WriteFile(paths[i], tinted(s.t, picture, i), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	return paths
}

// newBatch signs in at the helpdesk and makes a batch, by keyboard.
func (s *site) newBatch(p *page) {
	p.t.Helper()
	s.signIn(p, "/batches", "helpdesk")
	p.query(`input[name="reason"]`).focus()
	p.press("T", "4", "7", "Enter")
	p.waitText("Drop a folder")
}

// upload is what a page of a batch did since watchUpload.
type upload struct {
	Tasks []float64 // over 50 ms each, apart from the drop's own, in ms
	Drop  float64   // the longest one that dealt with the drop, in ms
	Sent  []int     // bytes of each picture that the server took
	Files []string  // their addresses
}

// watchUpload makes the page note its long tasks and what it sends, beyond its
// own end: a batch goes on to the wall by itself.
func (p *page) watchUpload() {
	p.t.Helper()
	eval[bool](p, `(() => {
		const seen = JSON.parse(sessionStorage.getItem('seen') ?? '{"Tasks":[],"Drop":0,"Sent":[],"Files":[]}');
		const keep = () => sessionStorage.setItem('seen', JSON.stringify(seen));
		let dropped = Infinity;
		addEventListener('drop', () => dropped = performance.now(), true);
		const take = tasks => {
			for (const { startTime, duration } of tasks) {
				if (startTime <= dropped && dropped <= startTime + duration) seen.Drop = Math.max(seen.Drop, duration);
				else if (startTime > dropped) seen.Tasks.push(duration);
			}
			keep();
		};
		const observer = new PerformanceObserver(list => take(list.getEntries()));
		observer.observe({ type: 'longtask' });
		addEventListener('pagehide', () => take(observer.takeRecords()));
		const send = window.fetch;
		window.fetch = async (address, request) => {
			const answer = await send(address, request);
			if (request?.method === 'PUT' && answer.ok) {
				seen.Sent.push(request.body.size);
				seen.Files.push(String(address));
			}
			keep();
			return answer;
		};
		keep();
		return true;
	})()`)
}

// uploaded returns what was noted.
func (p *page) uploaded() upload {
	p.t.Helper()
	return eval[upload](p, `JSON.parse(sessionStorage.getItem('seen'))`)
}

// taken returns how many files of batches the server has taken, by its log.
func (s *site) taken() int {
	return len(regexp.MustCompile(`"method":"PUT","route":"/batches/:batch/files/:n","status":204`).FindAllString(s.log.String(), -1))
}

// TestPicturesGoUpBesideThePage drops phone pictures: they are made small beside
// the page, which is never deaf for longer than the bound, and go up once each.
func TestPicturesGoUpBesideThePage(t *testing.T) {
	s := newSite(t)
	paths := s.badges(*pictures)
	p := newPage(t, look{})
	s.newBatch(p)
	p.watchUpload()
	began := time.Now()
	p.dropAll(point{400, 400}, paths)
	p.waitUpTo(patience+time.Duration(*pictures)*4*time.Second, "the pictures go up and the people are found", func() bool {
		return strings.Contains(p.text(), "to be changed")
	})
	took, did := time.Since(began), p.uploaded()
	total, longest := 0, slices.Max(append(did.Tasks, 0))
	for _, n := range did.Sent {
		total += n
	}
	average := total / max(1, len(did.Sent))
	t.Logf("%d pictures in %v: %d bytes on average; of %d tasks over 50 ms the longest took %.0f ms, the drop itself %.0f ms",
		len(did.Sent), took.Round(time.Millisecond), average, len(did.Tasks), longest, did.Drop)
	if longest > longTaskMs {
		t.Errorf("the page was held up for %.0f ms, want at most %d", longest, longTaskMs)
	}
	if average > averageBytes {
		t.Errorf("%d bytes went up on average, want at most %d", average, averageBytes)
	}
	if len(did.Sent) != len(paths) || s.taken() != len(paths) {
		t.Errorf("%d pictures were sent and %d taken, want each of %d once", len(did.Sent), s.taken(), len(paths))
	}
	if crops := eval[int](p, `[...document.querySelectorAll('input[name="crop"]')].filter(e => e.value).length`); crops == 0 {
		t.Error("no picture came with a square around its face")
	}
}

// TestAnUploadGoesOnAfterAReload drops pictures, loads the page again while they
// go up, and drops the same ones again: each goes up once.
func TestAnUploadGoesOnAfterAReload(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	paths := s.badges(12)
	p := newPage(t, look{})
	s.newBatch(p)
	p.dropAll(point{400, 400}, paths)
	p.waitUpTo(2*patience, "some pictures are there", func() bool { return s.taken() >= 3 })
	p.acceptDialogs()
	p.reload()
	p.waitText("The upload was interrupted")
	p.accessible("an interrupted upload")
	before := s.taken()
	if before >= len(paths) {
		t.Fatalf("all %d pictures were there before the page was loaded again", before)
	}
	p.dropAll(point{400, 400}, paths)
	p.waitUpTo(2*patience, "the rest goes up and the people are found", func() bool {
		return strings.Contains(p.text(), "to be changed")
	})
	if n := s.taken(); n != len(paths) {
		t.Errorf("%d pictures were taken, %d of them before the page was loaded again; want each of %d once", n, before, len(paths))
	}
	p.wait("the wall has all pictures", func() bool { // it comes after the words above it
		return eval[int](p, `document.querySelectorAll('.batch__item').length`) == len(paths)
	})
}
