package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
)

// portraitPx is the side of a drawn portrait in pixels, the largest size that
// Graph keeps.
const portraitPx = 648

// look is how a drawn person looks. It has no likeness to anybody.
type look struct {
	skin, hair, clothes, ground color.NRGBA
	style                       hairStyle
	collar                      collar
	smile                       int // 0 closed, 1 open
	glasses, beard, earrings    bool
}

type hairStyle int

const (
	hairCrop hairStyle = iota
	hairSidePart
	hairQuiff
	hairCurlsShort
	hairBald
	hairLong
	hairBob
	hairBun
	hairAfro
	hairScarf
	hairWaves
	hairStyles // how many there are
)

type collar int

const (
	collarRound collar = iota
	collarShirt
	collarBlazer
	collarTurtle
	collarV
	collars // how many there are
)

// lookFrom returns the look that belongs to seed, always the same one.
func lookFrom(seed uint64) look {
	r := rand.New(rand.NewPCG(seed, 0x706f727472616974)) // "portrait"
	pick := func(hex ...uint32) color.NRGBA { return rgb(hex[r.IntN(len(hex))]) }
	l := look{
		skin:    pick(0xf6d3bd, 0xf0c3a2, 0xe3ab85, 0xd0956b, 0xb0764d, 0x8f5b39, 0x6f4429, 0x54321f),
		hair:    pick(0x1d1a1c, 0x2b2022, 0x3d2a22, 0x5a3a26, 0x7c5230, 0xa5713a, 0xcfa25c, 0x8d3f23, 0x8f9096, 0xd9d7d2),
		clothes: pick(0x21405f, 0x2f6f6a, 0x8a3b4a, 0x4b4a74, 0xc9763a, 0x3a5a40, 0x30343c, 0x8d99ae, 0xb5838d, 0xe0b84f),
		ground:  pick(0xcfe3f5, 0xf6dfc8, 0xd8e8d3, 0xe6daf0, 0xf8d7d6, 0xd4ece9, 0xf4e7b8, 0xdfe3ea),
		style:   hairStyle(r.IntN(int(hairStyles))),
		collar:  collar(r.IntN(int(collars))),
		smile:   r.IntN(2),
	}
	l.glasses = r.IntN(4) == 0
	if l.style <= hairBald {
		l.beard = r.IntN(3) == 0
	} else {
		l.earrings = r.IntN(2) == 0
	}
	if l.style == hairScarf {
		l.hair = pick(0x2f6f6a, 0x6d597a, 0xb56576, 0x355070, 0x9c6644, 0xe5e0d5)
		l.earrings = false
	}
	return l
}

// suits reports whether l goes with a woman's or a man's name, in the eyes of
// most.
func (l look) suits(woman bool) bool {
	if woman {
		return !l.beard && l.style != hairBald
	}
	return l.style <= hairBald || l.style == hairAfro && !l.earrings
}

// drawPortrait returns the portrait of l as a square JPEG with sides of px
// pixels.
func drawPortrait(l look, px int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, px, px))
	c := canvas{img: img, m: scaled(float64(px) / 100)}
	c.ground(l)
	c.figure(l)
	return encodeJPEG(img)
}

// encodeJPEG can't fail: it writes to memory, and no picture drawn here is
// larger than a JPEG may be.
func encodeJPEG(img image.Image) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}) // see above
	return b.Bytes()
}

// ground paints the backdrop of a portrait, 100 units square.
func (c canvas) ground(l look) {
	c.fill(rect(0, 0, 100, 100), l.ground)
	c.fill(circle(50, 48, 41), veil(rgb(0xffffff), 0.35))
}

// figure draws a person from head to shoulders in a square of 100 units.
func (c canvas) figure(l look) {
	shade := mix(l.skin, rgb(0x5a1f10), 0.22)
	c.hairBehind(l)
	c.fill(new(path).move(5, 101).curve(6, 84, 20, 78, 38, 73).line(62, 73).curve(80, 78, 94, 84, 95, 101), l.clothes)
	c.fill(new(path).move(41.5, 52).line(58.5, 52).line(58.5, 70).curve(58.5, 80, 41.5, 80, 41.5, 70), l.skin)
	c.fill(new(path).move(41.5, 58).line(58.5, 58).curve(58.5, 66, 54, 69.5, 50, 69.5).curve(46, 69.5, 41.5, 66, 41.5, 62), shade)
	c.collar(l)
	c.ears(l, shade)
	c.fill(face(), l.skin)
	if l.beard {
		c.fill(beard(), l.hair)
	}
	c.features(l, shade)
	c.hairFront(l)
	if l.glasses {
		c.glasses()
	}
}

func face() *path {
	return new(path).move(32.5, 38).
		curve(32.5, 22, 41, 17.5, 50, 17.5).curve(59, 17.5, 67.5, 22, 67.5, 38).
		curve(67.5, 53, 60, 64.5, 50, 64.5).curve(40, 64.5, 32.5, 53, 32.5, 38)
}

func beard() *path {
	return new(path).move(32.6, 41).curve(33, 56, 40, 67.5, 50, 67.5).curve(60, 67.5, 67, 56, 67.4, 41).
		curve(66, 47, 64, 50.5, 58, 51).curve(54, 51.3, 46, 51.3, 42, 51).curve(36, 50.5, 34, 47, 32.6, 41)
}

func (c canvas) ears(l look, shade color.NRGBA) {
	if l.style == hairScarf {
		return
	}
	for _, x := range []float64{32, 68} {
		c.fill(ellipse(x, 43.5, 3.4, 5), l.skin)
		c.fill(ellipse(x, 43.5, 1.5, 2.8), shade)
		if l.earrings {
			c.fill(circle(x, 50, 1.3), rgb(0xf2c14e))
		}
	}
}

// features draws eyes, brows, nose, cheeks and mouth.
func (c canvas) features(l look, shade color.NRGBA) {
	ink := rgb(0x2a1e1c)
	brow := mix(l.hair, ink, 0.35)
	if l.style == hairScarf {
		brow = rgb(0x3a2a24)
	}
	for _, side := range []float64{-1, 1} {
		x := 50 + side*7.6
		c.fill(ellipse(50+side*11.2, 50, 3.6, 2.5), veil(rgb(0xe0563f), 0.22))
		c.fill(ellipse(x, 42.6, 1.75, 2.2), ink)
		c.fill(circle(x+0.6, 41.8, 0.6), rgb(0xffffff))
		c.stroke(point{x - 3.4, 37.6}, point{x + side*0.4, 35.4}, point{x + 3.4, 37.4}, 1.25, brow)
	}
	c.stroke(point{50.3, 43.5}, point{47.6, 49.2}, point{51, 49.3}, 1.1, shade)
	lip := mix(shade, rgb(0xa8323a), 0.55)
	if l.smile == 0 {
		c.stroke(point{44.6, 55}, point{50, 59.2}, point{55.4, 55}, 1.3, lip)
		return
	}
	c.fill(new(path).move(43.6, 54.2).curve(46, 55.4, 54, 55.4, 56.4, 54.2).curve(55.4, 61.6, 44.6, 61.6, 43.6, 54.2), rgb(0x7a2a30))
	c.fill(new(path).move(44.4, 54.6).curve(47, 55.6, 53, 55.6, 55.6, 54.6).curve(54.6, 57.6, 45.4, 57.6, 44.4, 54.6), rgb(0xffffff))
}

func (c canvas) glasses() {
	frame := rgb(0x2b2d33)
	for _, x := range []float64{42, 58} {
		c.fill(ellipse(x, 42.8, 6.2, 5.6), veil(rgb(0xffffff), 0.18))
		c.fill(ring(x, 42.8, 6.2, 5.6, 1), frame)
	}
	c.stroke(point{48, 42}, point{50, 40.6}, point{52, 42}, 1, frame)
	c.stroke(point{35.9, 42}, point{34, 41.4}, point{32.6, 41.6}, 1, frame)
	c.stroke(point{64.1, 42}, point{66, 41.4}, point{67.4, 41.6}, 1, frame)
}

func (c canvas) collar(l look) {
	dark := mix(l.clothes, rgb(0x101418), 0.3)
	light := rgb(0xf7f5f0)
	switch l.collar {
	case collarRound:
		c.fill(new(path).move(38.5, 73.2).curve(41, 83, 59, 83, 61.5, 73.2).line(63.8, 73.8).curve(61, 87, 39, 87, 36.2, 73.8), dark)
	case collarShirt:
		c.fill(polygon(point{40, 70.5}, point{50, 80}, point{43, 86}, point{35.5, 74}), light)
		c.fill(polygon(point{60, 70.5}, point{50, 80}, point{57, 86}, point{64.5, 74}), light)
		c.fill(polygon(point{49.3, 80}, point{50.7, 80}, point{50.7, 101}, point{49.3, 101}), dark)
	case collarBlazer:
		c.fill(polygon(point{41, 71.5}, point{59, 71.5}, point{62, 74}, point{50, 101}, point{38, 74}), light)
		c.fill(polygon(point{42.5, 74}, point{57.5, 74}, point{50, 84}), l.skin)
		c.fill(polygon(point{38.5, 72}, point{32, 77}, point{36, 86}, point{33, 88}, point{48, 101}, point{50, 101}), dark)
		c.fill(polygon(point{61.5, 72}, point{68, 77}, point{64, 86}, point{67, 88}, point{52, 101}, point{50, 101}), dark)
	case collarTurtle:
		c.fill(roundRect(39.6, 66, 20.8, 12, 3.5), dark)
		c.fill(roundRect(39.6, 66, 20.8, 4, 2), l.clothes)
	case collarV:
		c.fill(polygon(point{40.5, 72.4}, point{59.5, 72.4}, point{50, 88}), l.skin)
		c.stroke(point{39.6, 72.6}, point{44, 81}, point{50, 88.6}, 2, dark)
		c.stroke(point{60.4, 72.6}, point{56, 81}, point{50, 88.6}, 2, dark)
	}
}
