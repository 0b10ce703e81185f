package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
)

// The mark of the product: a white disc on a square, of 32 units, with round corners.
var (
	markGround = color.NRGBA{0x0f, 0x6c, 0xbd, 0xff}
	markDisc   = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// mark draws the mark for a tab or a home screen, px pixels a side. Where the system cuts
// icons into a shape of its own, the ground fills the square and the disc is
// smaller: what counts lies in the inner 80 %.
//
// Source: https://www.w3.org/TR/appmanifest/#icon-masks
func mark(px int, cut bool) ([]byte, error) {
	const fine = 4 // samples of a pixel, each way
	img := image.NewNRGBA(image.Rect(0, 0, px, px))
	for y := range px {
		for x := range px {
			ground, disc := 0, 0
			for i := range fine * fine {
				u := (float64(x) + (float64(i%fine)+.5)/fine) * 32 / float64(px)
				v := (float64(y) + (float64(i/fine)+.5)/fine) * 32 / float64(px)
				if cut || inRounded(u, v) {
					ground++
				}
				if r := discRadius(cut); (u-16)*(u-16)+(v-16)*(v-16) <= r*r {
					disc++
				}
			}
			img.SetNRGBA(x, y, mix(disc, ground, fine*fine))
		}
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img)
	return b.Bytes(), err
}

func discRadius(cut bool) float64 {
	if cut {
		return 6.5
	}
	return 8
}

// inRounded reports whether a point lies in the square of 32 with corners of 8.
func inRounded(u, v float64) bool {
	du, dv := max(8-u, u-24, 0), max(8-v, v-24, 0)
	return du*du+dv*dv <= 64
}

// mix is the colour of a pixel of which so many samples are of the disc and of
// the ground below it.
func mix(disc, ground, all int) color.NRGBA {
	if ground == 0 {
		return color.NRGBA{}
	}
	part := func(d, g uint8) uint8 {
		// Integers: floating point is fused on some machines, and differs by one.
		return uint8((int(d)*disc + int(g)*(ground-disc) + ground/2) / ground)
	}
	return color.NRGBA{
		part(markDisc.R, markGround.R), part(markDisc.G, markGround.G), part(markDisc.B, markGround.B), uint8(ground * 255 / all),
	}
}

// appManifest says what a phone needs to put Portrait on its home screen, and
// to offer it where pictures are shared. names are the hashed names.
//
// Source: https://www.w3.org/TR/appmanifest/, https://w3c.github.io/web-share-target/
func appManifest(names map[string]string) ([]byte, error) {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	type object = map[string]any
	const prefix = "/static/"
	return json.MarshalIndent(object{
		"name": "Portrait", "short_name": "Portrait", "id": "/", "start_url": "/", "scope": "/", "display": "standalone",
		"background_color": "#f6f7f9", "theme_color": "#0f6cbd",
		"icons": []icon{
			{prefix + names["icon-192.png"], "192x192", "image/png", "any"},
			{prefix + names["icon-512.png"], "512x512", "image/png", "any"},
			{prefix + names["icon-mask.png"], "512x512", "image/png", "maskable"},
		},
		"share_target": object{
			"action": "/share", "method": "POST", "enctype": "multipart/form-data",
			"params": object{"files": []object{{"name": "photo", "accept": []string{"image/*", ".heic", ".heif"}}}},
		},
	}, "", "\t")
}
