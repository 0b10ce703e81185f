package main

import (
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
)

// servePicture draws the sample photo: a head and shoulders of circles.
func servePicture(w http.ResponseWriter, _ *http.Request) {
	const side = 648
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	ground, coat := color.RGBA{0xcf, 0xd9, 0xe6, 0xff}, color.RGBA{0x2f, 0x5d, 0x50, 0xff}
	hair, skin := color.RGBA{0x4a, 0x32, 0x28, 0xff}, color.RGBA{0xd9, 0xa0, 0x78, 0xff}
	for y := range side {
		for x := range side {
			fx, fy := float64(x)/side, float64(y)/side
			c := ground
			if math.Hypot(fx-.5, fy-1.02) < .36 {
				c = coat
			}
			if math.Hypot((fx-.5)/.9, fy-.38) < .25 {
				c = hair
			}
			if math.Hypot((fx-.5)/.85, fy-.45) < .21 {
				c = skin
			}
			img.SetRGBA(x, y, c)
		}
	}
	w.Header().Set("Content-Type", "image/jpeg")
	_ = jpeg.Encode(w, img, &jpeg.Options{Quality: 90}) // a browser that went away needs no picture
}
