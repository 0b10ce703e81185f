package picture

import (
	"bytes"
	"encoding/csv"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"portrait/internal/fault"
)

// corpus is the folder of pictures, good and bad, beside the repository.
const corpus = "../../../shared/corpus"

// corpusFile is a row of its manifest.
type corpusFile struct{ path, expectation, format string }

// readManifest returns the rows of the corpus's manifest; it skips the test
// where there is no corpus.
func readManifest(t *testing.T) []corpusFile {
	t.Helper()
	file, err := os.Open(filepath.Join(corpus, "manifest.tsv"))
	if os.IsNotExist(err) {
		t.Skip("the corpus of pictures isn't here (shared/corpus beside the repository)")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes = '\t', true
	rows, err := reader.ReadAll()
	if err != nil || len(rows) < 800 {
		t.Fatalf("manifest has %d rows, want at least 800: %v", len(rows), err)
	}
	var files []corpusFile
	for _, row := range rows[1:] { // the first names the columns
		files = append(files, corpusFile{path: row[0], expectation: row[3], format: row[4]})
	}
	return files
}

// readCorpus returns a file of the corpus; it skips the test where there is none.
func readCorpus(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(corpus, path))
	if os.IsNotExist(err) {
		t.Skip("the corpus of pictures isn't here (shared/corpus beside the repository)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestSecurityCorpus renders every file and compares what happens with what the
// manifest expects: see the corpus's README.
func TestSecurityCorpus(t *testing.T) {
	files := readManifest(t)
	for _, f := range files {
		if f.expectation == "huge" {
			checkMemory(t, f)
		}
	}
	// As many at once as there are cores, as on a server; with -race this also
	// shows that pictures share nothing.
	var work sync.WaitGroup
	next := make(chan corpusFile)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for f := range next {
				checkFile(t, f)
			}
		})
	}
	for _, f := range files {
		next <- f
	}
	close(next)
	work.Wait()
}

// checkMemory fails unless f is refused without memory for its pixels.
func checkMemory(t *testing.T, f corpusFile) {
	t.Helper()
	body := readCorpus(t, f.path)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Render(body, Frame{})
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; err == nil || grown > 64<<20 {
		t.Errorf("%s: allocated %d MB (%v), want a refusal and at most 64", f.path, grown>>20, err)
	}
}

// checkFile renders f and compares.
func checkFile(t *testing.T, f corpusFile) {
	t.Helper()
	slowest := 5 * time.Second
	if raceEnabled {
		slowest *= 10
	}
	body, err := os.ReadFile(filepath.Join(corpus, f.path))
	if err != nil {
		t.Error(err)
		return
	}
	var rendered Rendered
	if time := took(t, func() { rendered, err = Render(body, Frame{}) }); time > slowest {
		t.Errorf("%s: took %v, want at most %v", f.path, time, slowest)
	}
	if err != nil {
		checkRefusal(t, f, err)
		return
	}
	if f.expectation == "invalid" || f.expectation == "huge" {
		t.Errorf("%s (%s): rendered, want a refusal", f.path, f.expectation)
	}
	checkResult(t, f.path, rendered)
}

// checkRefusal fails unless err is a fault of the person's file and f may be
// refused.
func checkRefusal(t *testing.T, f corpusFile, err error) {
	t.Helper()
	e := fault.As(err)
	switch e.Kind {
	case fault.Unsupported, fault.Unreadable, fault.TooLarge:
	default:
		t.Errorf("%s: %v, want a refusal", f.path, err)
	}
	if e.Next != fault.NextChoose {
		t.Errorf("%s: next step %q, want another picture", f.path, e.Next)
	}
	if f.expectation != "valid" {
		return
	}
	switch f.format {
	case "jpeg", "png", "gif", "webp":
		t.Errorf("%s: %v, want a picture", f.path, err)
	default:
		if e.Kind != fault.Unsupported {
			t.Errorf("%s: %v, want Unsupported", f.path, err)
		}
	}
}

// checkResult fails unless r keeps the promises of Rendered.
func checkResult(t *testing.T, name string, r Rendered) {
	t.Helper()
	config, err := jpeg.DecodeConfig(bytes.NewReader(r.JPEG))
	if err != nil {
		t.Errorf("%s: the result is no JPEG: %v", name, err)
	}
	if config.Width != r.Side || config.Height != r.Side {
		t.Errorf("%s: result has %d×%d pixels, want %d", name, config.Width, config.Height, r.Side)
	}
	if want := outputSide(min(r.SourceWidth, r.SourceHeight)); r.Side != want {
		t.Errorf("%s: side %d, want %d", name, r.Side, want)
	}
	if len(r.JPEG) > MaxBytes {
		t.Errorf("%s: %d bytes, want at most %d", name, len(r.JPEG), MaxBytes)
	}
	for at := 2; at+4 <= len(r.JPEG) && r.JPEG[at+1] != markerSOS; {
		if marker := r.JPEG[at+1]; marker >= markerAPP0 {
			t.Errorf("%s: the result has a segment %#x, want no metadata", name, marker)
		}
		at += 2 + int(r.JPEG[at+2])<<8 + int(r.JPEG[at+3])
	}
}
