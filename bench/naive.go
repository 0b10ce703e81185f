package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"portrait/internal/picture"
)

// naive is the pipeline that everybody writes: decode all of it, x/image/draw,
// encode. It is told the orientation, which it would have to read.
func naive(body []byte, j job) ([]byte, error) {
	header, err := picture.Inspect(body)
	if err != nil {
		return nil, err
	}
	decode := map[picture.Format]func([]byte) (image.Image, error){
		picture.JPEG: func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		picture.PNG:  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		picture.WebP: func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
	}[header.Format]
	img, err := decode(body)
	if err != nil {
		return nil, err
	}
	if header.Orientation == 6 {
		img = quarterTurn(img)
	}
	out := image.NewRGBA(image.Rect(0, 0, j.Side, j.Side))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	xdraw.CatmullRom.Scale(out, out.Rect, img, image.Rect(j.X, j.Y, j.X+j.Square, j.Y+j.Square), draw.Over, nil)
	var made bytes.Buffer
	err = jpeg.Encode(&made, out, &jpeg.Options{Quality: j.Quality})
	return made.Bytes(), err
}

// quarterTurn turns img by 90 degrees clockwise, pixel by pixel.
func quarterTurn(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, img.At(x, y))
		}
	}
	return out
}
