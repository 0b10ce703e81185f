package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

const (
	// framedPx is the side of the square that the editor sends, see
	// static/js/frame.ts.
	framedPx = 972
	// framedQuality is the JPEG quality that it begins with.
	framedQuality = 92
	// howMany pictures there are, so that a save changes the photo.
	howMany = 16
)

// framed returns pictures as the editor sends them: soft shapes in colour with a
// little noise, which as JPEG are about as large as a portrait.
func framed() ([][]byte, error) {
	pictures := make([][]byte, howMany)
	for i := range pictures {
		noise := rand.New(rand.NewPCG(1, uint64(i))) // #nosec G404 -- a pattern
		m := image.NewRGBA(image.Rect(0, 0, framedPx, framedPx))
		for y := range framedPx {
			for x := range framedPx {
				wave := math.Sin(float64(x+31*i)/40)*math.Cos(float64(y-17*i)/55)*60 + 128 + float64(noise.IntN(9)) - 4
				m.SetRGBA(x, y, color.RGBA{uint8(wave), uint8(wave*0.8 + float64(y)/20), uint8(200 - wave/2), 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: framedQuality}); err != nil {
			return nil, err
		}
		pictures[i] = b.Bytes()
	}
	return pictures, nil
}
