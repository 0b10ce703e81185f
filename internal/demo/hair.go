package demo

import (
	"image/color"
	"math"
)

// hairBehind draws the hair that falls behind the face and the shoulders.
func (c canvas) hairBehind(l look) {
	back := mix(l.hair, rgb(0x000000), 0.18)
	switch l.style {
	case hairLong:
		c.fill(new(path).move(27.5, 42).curve(26, 18, 38, 10, 50, 10).curve(62, 10, 74, 18, 72.5, 42).
			curve(72, 60, 76, 74, 77, 84).curve(66, 90, 34, 90, 23, 84).curve(24, 74, 28, 60, 27.5, 42), back)
	case hairBob:
		c.fill(new(path).move(27, 42).curve(25, 18, 38, 10.5, 50, 10.5).curve(62, 10.5, 75, 18, 73, 42).
			curve(73.5, 52, 74, 58, 73, 64).curve(64, 68, 36, 68, 27, 64).curve(26, 58, 26.5, 52, 27, 42), back)
	case hairWaves:
		for _, side := range []float64{-1, 1} {
			for i, r := range []float64{9, 8.5, 8.5, 8, 7} {
				c.fill(circle(50+side*(19+1.8*math.Sin(float64(i)*1.9)), 30+float64(i)*9.6, r), back)
			}
		}
		c.fill(ellipse(50, 30, 23, 20), back)
	case hairBun:
		c.fill(circle(50, 11.5, 8.2), back)
		c.fill(ellipse(50, 34, 20.5, 21), back)
	case hairAfro:
		c.around(50, 33, 20, 9, 16, back)
		c.fill(circle(50, 33, 23), back)
	case hairScarf:
		c.fill(new(path).move(26.5, 42).curve(26, 18, 38, 9.5, 50, 9.5).curve(62, 9.5, 74, 18, 73.5, 42).
			curve(73.5, 58, 78, 70, 82, 80).curve(66, 92, 34, 92, 18, 80).curve(22, 70, 26.5, 58, 26.5, 42), back)
	}
}

// hairFront draws the hair that frames the face.
func (c canvas) hairFront(l look) {
	ink := l.hair
	switch l.style {
	case hairCrop:
		c.fill(new(path).move(31.4, 40).curve(29.5, 20, 39, 12.5, 50, 12.5).curve(61, 12.5, 70.5, 20, 68.6, 40).
			curve(67.6, 34, 66.4, 30, 63.6, 27.4).curve(56, 25, 44, 25, 36.4, 27.4).curve(33.6, 30, 32.4, 34, 31.4, 40), ink)
	case hairSidePart:
		c.fill(new(path).move(31.2, 41).curve(28.6, 20, 38, 11, 52, 11.5).curve(64, 12, 71, 21, 68.8, 41).
			curve(68, 35, 66.6, 31, 64.6, 28.6).curve(55, 29.5, 46, 27, 41.5, 21).curve(41, 26, 36, 28, 34.6, 30).
			curve(32.8, 33, 32, 36, 31.2, 41), ink)
	case hairQuiff:
		c.fill(new(path).move(31.6, 39).curve(30, 22, 35, 17, 37, 15).curve(42, 7, 60, 5.5, 65, 12.5).
			curve(70, 18, 70, 28, 68.4, 39).curve(67.4, 33, 66, 29, 64, 26).curve(54, 21, 45, 26, 36.6, 25.6).
			curve(34, 29, 32.6, 33, 31.6, 39), ink)
	case hairCurlsShort:
		for i := range 9 {
			a := math.Pi * (1.02 + 0.96*float64(i)/8)
			c.fill(circle(50+18.2*math.Cos(a), 30+15*math.Sin(a), 5.6), ink)
		}
		for i := range 6 {
			c.fill(circle(38.5+4.6*float64(i), 21.5, 5), ink)
		}
	case hairBald:
		c.fill(ellipse(45, 24, 5, 2.6), veil(rgb(0xffffff), 0.22))
	case hairLong:
		c.fill(curtain(51), ink)
	case hairBob:
		c.fill(new(path).move(30.4, 52).curve(26.6, 22, 37, 11.5, 50, 11.5).curve(63, 11.5, 73.4, 22, 69.6, 52).
			curve(68.4, 44, 67.8, 38, 66.6, 33.4).curve(56, 34, 44, 34, 33.4, 33.4).curve(32.2, 38, 31.6, 44, 30.4, 52), ink)
	case hairWaves:
		c.fill(curtain(43), ink)
	case hairBun:
		c.fill(new(path).move(31.4, 41).curve(29.4, 21, 38.6, 13.4, 50, 13.4).curve(61.4, 13.4, 70.6, 21, 68.6, 41).
			curve(66.6, 30, 58, 23.4, 50, 23.4).curve(42, 23.4, 33.4, 30, 31.4, 41), ink)
	case hairAfro:
		for i := range 8 {
			c.fill(circle(36+4*float64(i), 21.6+0.5*math.Abs(float64(i)-3.5), 4.6), mix(ink, rgb(0x000000), 0.18))
		}
	case hairScarf:
		c.scarf(l)
	}
}

// curtain is hair parted at x that falls to both sides of the face.
func curtain(x float64) *path {
	return new(path).move(30, 58).curve(26.4, 24, 37, 11.5, 50, 11.5).curve(63, 11.5, 73.6, 24, 70, 58).
		curve(68.6, 46, 68, 40, 66, 34).curve(60, 31, 54, 25, x, 18.4).curve(48, 26, 40, 31, 34, 34).
		curve(32, 40, 31.4, 46, 30, 58)
}

// scarf draws a headscarf around the face and over the shoulders.
func (c canvas) scarf(l look) {
	fold := mix(l.hair, rgb(0x000000), 0.14)
	outer := new(path).move(28, 42).curve(27, 19, 38, 11, 50, 11).curve(62, 11, 73, 19, 72, 42).
		curve(72, 60, 66, 70, 74, 80).curve(62, 90, 38, 90, 26, 80).curve(34, 70, 28, 60, 28, 42)
	outer.move(50, 63). // the other way round: the opening for the face
				curve(59, 63, 65.6, 53, 65.6, 40).curve(65.6, 28, 60, 23, 50, 23).
				curve(40, 23, 34.4, 28, 34.4, 40).curve(34.4, 53, 41, 63, 50, 63)
	c.fill(outer, l.hair)
	c.stroke(point{34, 68}, point{46, 78}, point{68, 80}, 1.3, fold)
	c.stroke(point{38, 65}, point{50, 72}, point{66, 70}, 1.1, fold)
}

// around sets n circles of radius r on a circle of radius at.
func (c canvas) around(cx, cy, at, r float64, n int, ink color.Color) {
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		c.fill(circle(cx+at*math.Cos(a), cy+at*math.Sin(a), r), ink)
	}
}
