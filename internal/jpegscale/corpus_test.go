package jpegscale

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

// corpus is the folder of pictures, good and bad, beside the repository.
const corpus = "../../../shared/corpus"

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

func TestX(t *testing.T) {
	eachJPEG(t, func(name string, data []byte) {
		if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width*c.Height > 20e6 {
			t.Log(name, c.Width, c.Height)
			return
		}
		want, werr := jpeg.Decode(bytes.NewReader(data))
		got, err := Decode(data, Options{MaxScans: 100})
		if (err == nil) != (werr == nil) {
			t.Log(name, err, werr)
		}
		if err != nil || werr != nil {
			return
		}
		switch w := want.(type) {
		case *image.YCbCr:
			g := got.(*image.YCbCr)
			worst, count := 0, 0
			if w.Rect != g.Rect {
				t.Error(name, w.Rect, g.Rect)
			}
			for y := 0; y < w.Rect.Dy(); y++ {
				for x := 0; x < w.Rect.Dx(); x++ {
					a, b := w.YCbCrAt(x, y), g.YCbCrAt(x, y)
					for _, e := range []int{int(a.Y) - int(b.Y), int(a.Cb) - int(b.Cb), int(a.Cr) - int(b.Cr)} {
						worst = max(worst, e, -e)
						if e != 0 {
							count++
						}
					}
				}
			}
			if worst > 1 {
				t.Log(name, worst, count, w.Rect)
			}
		}
	})
}
