package demo

import (
	"image"
	"image/color"
	"math"
)

// marks is how many different marks there are.
const marks = 8

// drawLogo returns the mark n of a group as a square JPEG with sides of px
// pixels.
func drawLogo(n, px int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, px, px))
	c := canvas{img: img, m: scaled(float64(px) / 100)}
	inks := [][2]uint32{
		{0x1d3f72, 0xf2b950}, {0x17233f, 0xe9e2c8}, {0x0f6b66, 0xe8f4ee}, {0x8a2f4c, 0xf7d9c4}, {0x4a3b8f, 0xb9e3f0},
		{0xb4531f, 0xfff1d8}, {0x2f5d3a, 0xd9e86a}, {0x30343c, 0x7fd1e8}, {0xe4b23c, 0x3a2b12}, {0x5a7d9a, 0xffffff}, {0x7b1e2b, 0xf3c6b4},
	}
	ink := inks[n%len(inks)]
	ground, front := rgb(ink[0]), rgb(ink[1])
	c.fill(rect(0, 0, 100, 100), ground)
	c.mark(n%marks, ground, front)
	return encodeJPEG(img)
}

// mark draws one of the marks in a square of 100 units.
func (c canvas) mark(which int, ground, front color.NRGBA) {
	soft := mix(ground, front, 0.45)
	switch which {
	case 0: // three chevrons
		for i := range 3 {
			y := 24 + 19*float64(i)
			c.fill(polygon(point{22, y + 14}, point{50, y}, point{78, y + 14}, point{78, y + 25}, point{50, y + 11}, point{22, y + 25}), mix(soft, front, float64(i)/2))
		}
	case 1: // a crescent and two stars
		c.fill(circle(46, 52, 27), front)
		c.fill(circle(57, 45, 23), ground)
		c.star(68, 38, 8, front)
		c.star(76, 60, 5, soft)
	case 2: // rings
		c.fill(ring(38, 50, 22, 22, 6), front)
		c.fill(ring(62, 50, 22, 22, 6), soft)
	case 3: // a sun over waves
		c.fill(circle(50, 42, 18), front)
		for i := range 3 {
			y := 66 + 9*float64(i)
			c.stroke(point{14, y}, point{34, y - 10}, point{50, y}, 4, soft)
			c.stroke(point{50, y}, point{66, y + 10}, point{86, y}, 4, soft)
		}
	case 4: // mountains
		c.fill(polygon(point{10, 78}, point{38, 28}, point{66, 78}), soft)
		c.fill(polygon(point{38, 78}, point{64, 40}, point{90, 78}), front)
		c.fill(circle(76, 26, 7), front)
	case 5: // a nut
		c.fill(regular(6, 50, 50, 34), front)
		c.fill(circle(50, 50, 15), ground)
	case 6: // a compass
		c.fill(ring(50, 50, 36, 36, 5), soft)
		c.fill(polygon(point{50, 20}, point{58, 50}, point{42, 50}), front)
		c.fill(polygon(point{50, 80}, point{58, 50}, point{42, 50}), soft)
	default: // a net
		places := []point{{26, 30}, {70, 24}, {26, 74}, {76, 70}, {50, 52}}
		for _, p := range places[:len(places)-1] {
			c.stroke(point{50, 52}, point{(50 + p.x) / 2, (52 + p.y) / 2}, p, 3, soft)
		}
		for _, p := range places {
			c.fill(circle(p.x, p.y, 8), front)
		}
	}
}

// regular is the polygon with n equal sides around (cx, cy).
func regular(n int, cx, cy, r float64) *path {
	var corners []point
	for i := range n {
		sin, cos := math.Sincos(2*math.Pi*float64(i)/float64(n) - math.Pi/2)
		corners = append(corners, point{cx + r*cos, cy + r*sin})
	}
	return polygon(corners...)
}

// star draws a star of four points.
func (c canvas) star(x, y, r float64, ink color.NRGBA) {
	i := r / 3
	c.fill(polygon(point{x, y - r}, point{x + i, y - i}, point{x + r, y}, point{x + i, y + i},
		point{x, y + r}, point{x - i, y + i}, point{x - r, y}, point{x - i, y - i}), ink)
}
