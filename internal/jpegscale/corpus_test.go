package jpegscale

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

// corpus is the folder of pictures, good and bad, beside the repository.
const corpus = "../../../shared/corpus"

// largest is the largest picture of the corpus that is decoded, in pixels. The
// race detector makes that ten times as slow, and finds races in small ones too.
const largest = 20e6 / (1 + 19*raceFactor)

// eachJPEG calls f with every file of the corpus that begins like a JPEG; it
// skips the test where there is no corpus.
func eachJPEG(t testing.TB, f func(name string, data []byte)) {
	t.Helper()
	file, err := os.Open(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		t.Skip("the corpus of pictures isn't here (shared/corpus beside the repository)")
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		data, err := os.ReadFile(filepath.Join(corpus, row[0]))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
			f(row[0], data)
		}
	}
}

// stricter are the files of the corpus that image/jpeg decodes and Decode
// doesn't, and why.
var stricter = map[string]string{
	"bad/jpeg-zero-height.jpg":                     "no rows; image/jpeg makes a picture without any",
	"fuzz/jpeg/jpeg__398c276be29d0733aa523d14.jpg": "AC coefficients before there are DC ones",
	"fuzz/jpeg/jpeg__f49bb07b0f3d4d03d993ed83.jpg": "components R, G, B",
	"std/Pillow__pil_sample_cmyk.jpg":              "four components",
}

// TestCorpus compares with image/jpeg on every file: errors for the same files,
// and at full size no sample off by more than 1, since both round.
func TestCorpus(t *testing.T) {
	eachJPEG(t, func(name string, data []byte) {
		got, err := Decode(data, Options{MaxPixels: largest, MaxScans: 100})
		if errors.Is(err, ErrTooLarge) {
			return // image/jpeg would decode for minutes
		}
		want, wantErr := jpeg.Decode(bytes.NewReader(data))
		if stricter[name] != "" {
			wantErr = errors.New(stricter[name])
		}
		switch {
		case (err == nil) != (wantErr == nil):
			t.Errorf("%s: %v, but image/jpeg: %v", name, err, wantErr)
		case err == nil:
			if got.Bounds() != want.Bounds() {
				t.Errorf("%s: %v, want %v", name, got.Bounds(), want.Bounds())
			}
			if worst := furthest(t, got, want); worst > 1 {
				t.Errorf("%s: a sample is off by %d", name, worst)
			}
		}
	})
}

// TestCorpusScaled compares with the means of full decodes. They aren't the
// same: the scaled transforms keep all of the low frequencies and none of the
// high ones, means some of both. Over a picture, the mean of the differences
// stays below 4 grey levels; of tiny pictures, which are all edges, it may not.
func TestCorpusScaled(t *testing.T) {
	eachJPEG(t, func(name string, data []byte) {
		c, err := DecodeConfig(data)
		if err != nil || c.Width*c.Height > largest/4 || min(c.Width, c.Height) < 64 {
			return
		}
		full, err := Decode(data, Options{MaxScans: 100})
		if err != nil {
			return
		}
		for _, scale := range []int{2, 4, 8} {
			m, err := Decode(data, Options{Scale: scale})
			if err != nil {
				t.Errorf("%s at 1/%d: %v", name, scale, err)
				continue
			}
			planes, whole := planesOf(t, m), planesOf(t, full)
			for i := range planes {
				if d := meanDifference(planes[i], averaged(whole[i], scale)); d > 4 {
					t.Errorf("%s at 1/%d: plane %d differs by %.2f in the mean", name, scale, i, d)
				}
			}
		}
	})
}
