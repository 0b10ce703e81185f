package main

import (
	"math"
	"runtime"
	"sync"
)

// drawing is an upright picture of 8-bit RGB or RGBA.
type drawing struct {
	width, height int
	channels      int // 3 or 4
	pix           []byte
}

// drawn is something with the parts of a portrait: an uneven background, a
// head with hair and a patterned collar, edges of all directions, and the grain of
// a camera. It is the same on every machine.
func drawn(width, height int, alpha bool) drawing {
	d := drawing{width: width, height: height, channels: 3}
	if alpha {
		d.channels = 4
	}
	d.pix = make([]byte, width*height*d.channels)
	n := newNoise()
	rows := make(chan int)
	var work sync.WaitGroup
	for range runtime.NumCPU() {
		work.Go(func() {
			for y := range rows {
				d.row(y, n)
			}
		})
	}
	for y := range height {
		rows <- y
	}
	close(rows)
	work.Wait()
	return d
}

// row draws row y. Distances are in shares of the shorter side, from the middle.
func (d *drawing) row(y int, n *noise) {
	short := float64(min(d.width, d.height))
	v := (float64(y) - float64(d.height)/2) / short
	grain := uint32(y)*2654435761 + 12345
	for x := range d.width {
		u := (float64(x) - float64(d.width)/2) / short
		r, g, b, a := portrait(u, v, n)
		grain = grain*1664525 + 1013904223
		speck := float64(grain>>16&0xff+grain>>24) / 16 // the noise of a phone's sensor: 12 megapixels take some 4 MB
		at := (y*d.width + x) * d.channels
		d.pix[at], d.pix[at+1], d.pix[at+2] = level(r+speck), level(g+speck), level(b+speck)
		if d.channels == 4 {
			d.pix[at+3] = level(a)
		}
	}
}

// portrait returns the colour at u, v, each part 0 to 255.
func portrait(u, v float64, n *noise) (r, g, b, a float64) {
	cloud := n.fractal(u*3, v*3, 8) // 0 to 1, finer and finer
	r, g, b = 90+60*cloud+30*v, 110+70*cloud, 130+50*cloud-40*u
	a = 255 * smooth(0.75-math.Hypot(u, v), 0.02) // a soft edge
	head := 0.30 - math.Hypot(u*1.25, v+0.05)
	if body := smooth(0.36-math.Hypot(u*0.8, v-0.52), 0.003); body > 0 {
		weave := 40 * (math.Sin(u*260+6*cloud) * math.Sin(v*260))
		r, g, b = mix(r, 50+weave+40*cloud, body), mix(g, 60+weave+30*cloud, body), mix(b, 110+weave, body)
	}
	if hair := smooth(0.34-math.Hypot(u*1.15, v+0.09), 0.004); hair > 0 {
		strand := 35 * math.Sin(math.Atan2(v+0.4, u)*220+9*cloud)
		r, g, b = mix(r, 70+strand, hair), mix(g, 48+strand*0.8, hair), mix(b, 36+strand*0.6, hair)
	}
	if face := smooth(head-0.05, 0.006); face > 0 && v > -0.2 {
		skin := 40*(cloud-0.5) - 60*math.Abs(u)
		r, g, b = mix(r, 222+skin, face), mix(g, 172+skin, face), mix(b, 148+skin, face)
	}
	for _, side := range []float64{-1, 1} {
		eye := math.Hypot(u-side*0.09, (v+0.06)*1.6)
		r, g, b = mix(r, 235, smooth(0.035-eye, 0.002)), mix(g, 235, smooth(0.035-eye, 0.002)), mix(b, 235, smooth(0.035-eye, 0.002))
		iris := smooth(0.018-eye, 0.002)
		r, g, b = mix(r, 60, iris), mix(g, 90, iris), mix(b, 70, iris)
	}
	if lip := smooth(0.012-math.Abs(v-0.12+u*u), 0.003) * smooth(0.07-math.Abs(u), 0.01); lip > 0 {
		r, g, b = mix(r, 190, lip), mix(g, 70, lip), mix(b, 80, lip)
	}
	return r, g, b, a
}

// smooth goes from 0 to 1 where x goes from -width to width.
func smooth(x, width float64) float64 {
	t := max(0, min(1, (x/width+1)/2))
	return t * t * (3 - 2*t)
}

func mix(a, b, t float64) float64 { return a + (b-a)*t }

func level(v float64) byte { return byte(max(0, min(255, v+0.5))) }

// noise is a lattice of random values.
type noise [256][256]float32

func newNoise() *noise {
	var n noise
	state := uint32(7)
	for y := range n {
		for x := range n[y] {
			state = state*1664525 + 1013904223
			n[y][x] = float32(state>>8) / (1 << 24)
		}
	}
	return &n
}

// at returns the noise between the points of the lattice.
func (n *noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := int(fx)&255, int(fy)&255
	i2, j2 := (i+1)&255, (j+1)&255
	tx, ty := x-fx, y-fy
	top := mix(float64(n[j][i]), float64(n[j][i2]), tx)
	return mix(top, mix(float64(n[j2][i]), float64(n[j2][i2]), tx), ty)
}

// fractal sums octaves, each twice as fine as the last and six tenths as strong:
// about the spectrum of photos.
func (n *noise) fractal(x, y float64, octaves int) float64 {
	sum, strength, total := 0.0, 1.0, 0.0
	for range octaves {
		sum += strength * n.at(x, y)
		total += strength
		x, y, strength = 2*x+17, 2*y+31, 0.6*strength
	}
	return sum / total
}
