package demo

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// point is a place on a drawing, in the drawing's own units.
type point struct{ x, y float64 }

// affine maps the units of a drawing to pixels: x' = a·x + b·y + c and
// y' = d·x + e·y + f.
type affine struct{ a, b, c, d, e, f float64 }

// scaled returns the map that makes one unit s pixels wide and high.
func scaled(s float64) affine { return affine{a: s, e: s} }

func (m affine) apply(p point) point {
	return point{m.a*p.x + m.b*p.y + m.c, m.d*p.x + m.e*p.y + m.f}
}

// then returns the map that applies m first and n after it.
func (m affine) then(n affine) affine {
	return affine{
		a: n.a*m.a + n.b*m.d, b: n.a*m.b + n.b*m.e, c: n.a*m.c + n.b*m.f + n.c,
		d: n.d*m.a + n.e*m.d, e: n.d*m.b + n.e*m.e, f: n.d*m.c + n.e*m.f + n.f,
	}
}

// canvas draws anti-aliased shapes onto img.
type canvas struct {
	img *image.RGBA
	m   affine // from the drawing's units to the pixels of img
}

// within returns a canvas on the same picture whose units are mapped by m to
// the units of c.
func (c canvas) within(m affine) canvas { return canvas{img: c.img, m: m.then(c.m)} }

// path is an outline of one or more closed curves. A curve inside another that
// runs the other way round is a hole.
type path struct{ steps []step }

// step is a move (no control points used), a line or a cubic curve.
type step struct {
	kind byte // 'm', 'l' or 'c'
	p    [3]point
}

func (p *path) move(x, y float64) *path {
	p.steps = append(p.steps, step{'m', [3]point{{x, y}}})
	return p
}

func (p *path) line(x, y float64) *path {
	p.steps = append(p.steps, step{'l', [3]point{{x, y}}})
	return p
}

func (p *path) curve(x1, y1, x2, y2, x, y float64) *path {
	p.steps = append(p.steps, step{'c', [3]point{{x1, y1}, {x2, y2}, {x, y}}})
	return p
}

func (s step) points() []point {
	if s.kind == 'c' {
		return s.p[:]
	}
	return s.p[:1]
}

// kappa is how far the control points of a quarter circle lie from its ends.
//
// Source: https://en.wikipedia.org/wiki/Composite_B%C3%A9zier_curve
const kappa = 0.5522847498

func ellipse(cx, cy, rx, ry float64) *path {
	kx, ky := kappa*rx, kappa*ry
	return new(path).move(cx-rx, cy).
		curve(cx-rx, cy-ky, cx-kx, cy-ry, cx, cy-ry).
		curve(cx+kx, cy-ry, cx+rx, cy-ky, cx+rx, cy).
		curve(cx+rx, cy+ky, cx+kx, cy+ry, cx, cy+ry).
		curve(cx-kx, cy+ry, cx-rx, cy+ky, cx-rx, cy)
}

func circle(cx, cy, r float64) *path { return ellipse(cx, cy, r, r) }

func polygon(points ...point) *path {
	p := new(path).move(points[0].x, points[0].y)
	for _, q := range points[1:] {
		p.line(q.x, q.y)
	}
	return p
}

func rect(x, y, w, h float64) *path {
	return polygon(point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
}

func roundRect(x, y, w, h, r float64) *path {
	k := r * (1 - kappa)
	return new(path).move(x+r, y).
		line(x+w-r, y).curve(x+w-k, y, x+w, y+k, x+w, y+r).
		line(x+w, y+h-r).curve(x+w, y+h-k, x+w-k, y+h, x+w-r, y+h).
		line(x+r, y+h).curve(x+k, y+h, x, y+h-k, x, y+h-r).
		line(x, y+r).curve(x, y+k, x+k, y, x+r, y)
}

// ring is the ellipse around (cx, cy) with a hole that leaves a rim of width w.
func ring(cx, cy, rx, ry, w float64) *path {
	p := ellipse(cx, cy, rx, ry)
	ix, iy := rx-w, ry-w
	kx, ky := kappa*ix, kappa*iy
	return p.move(cx-ix, cy). // the other way round: a hole
					curve(cx-ix, cy+ky, cx-kx, cy+iy, cx, cy+iy).
					curve(cx+kx, cy+iy, cx+ix, cy+ky, cx+ix, cy).
					curve(cx+ix, cy-ky, cx+kx, cy-iy, cx, cy-iy).
					curve(cx-kx, cy-iy, cx-ix, cy-ky, cx-ix, cy)
}

// stroke draws the curve from a to b that bends towards via, as a line of
// width w with round ends.
func (c canvas) stroke(a, via, b point, w float64, ink color.Color) {
	const steps = 24
	left, right := make([]point, 0, steps+1), make([]point, 0, steps+1)
	for i := range steps + 1 {
		t := float64(i) / steps
		u := 1 - t
		x := u*u*a.x + 2*u*t*via.x + t*t*b.x
		y := u*u*a.y + 2*u*t*via.y + t*t*b.y
		dx := u*(via.x-a.x) + t*(b.x-via.x)
		dy := u*(via.y-a.y) + t*(b.y-via.y)
		n := math.Hypot(dx, dy)
		nx, ny := -dy/n*w/2, dx/n*w/2
		left = append(left, point{x + nx, y + ny})
		right = append(right, point{x - nx, y - ny})
	}
	for i := len(right) - 1; i >= 0; i-- {
		left = append(left, right[i])
	}
	c.fill(polygon(left...), ink)
	c.fill(circle(a.x, a.y, w/2), ink)
	c.fill(circle(b.x, b.y, w/2), ink)
}

// fill fills p with ink. Only the part of the picture that p covers is
// touched, so many small shapes on a large picture are cheap.
func (c canvas) fill(p *path, ink color.Color) {
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, s := range p.steps {
		for _, q := range s.points() {
			q = c.m.apply(q)
			lo = point{min(lo.x, q.x), min(lo.y, q.y)}
			hi = point{max(hi.x, q.x), max(hi.y, q.y)}
		}
	}
	box := image.Rect(int(math.Floor(lo.x)), int(math.Floor(lo.y)), int(math.Ceil(hi.x)), int(math.Ceil(hi.y))).
		Intersect(c.img.Bounds())
	if box.Empty() {
		return
	}
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	z.DrawOp = draw.Over
	at := func(q point) (float32, float32) {
		q = c.m.apply(q)
		return float32(q.x - float64(box.Min.X)), float32(q.y - float64(box.Min.Y))
	}
	for _, s := range p.steps {
		x, y := at(s.p[0])
		switch s.kind {
		case 'm':
			z.ClosePath()
			z.MoveTo(x, y)
		case 'l':
			z.LineTo(x, y)
		case 'c':
			x2, y2 := at(s.p[1])
			x3, y3 := at(s.p[2])
			z.CubeTo(x, y, x2, y2, x3, y3)
		}
	}
	z.ClosePath()
	z.Draw(c.img, box, image.NewUniform(ink), image.Point{})
}

// rgb returns the opaque colour 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

// mix returns the colour that lies the share t (0 to 1) of the way from a to b.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	of := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*t)) }
	return color.NRGBA{of(a.R, b.R), of(a.G, b.G), of(a.B, b.B), 255}
}

// veil returns c with the given opacity (0 to 1).
func veil(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(math.Round(255 * opacity))
	return c
}
