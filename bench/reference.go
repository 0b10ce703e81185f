package main

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
)

// writeReference writes what in should become: its middle square on white,
// resized by Lanczos-3 in floating point from the pixels before any coding.
func (d drawing) writeReference(in *input) error {
	x, y, n := in.square()
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	weights := lanczos(n, side)
	for c := range 3 {
		plane := d.resized(c, x, y, n, weights)
		for i, v := range plane {
			out.Pix[4*i+c] = level(v)
		}
	}
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	file, err := os.Create(in.reference)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := png.Encode(file, opaque{out}); err != nil {
		return err
	}
	return file.Close()
}

// opaque is a picture without alpha, for the encoder.
type opaque struct{ *image.NRGBA }

func (opaque) ColorModel() color.Model { return color.NRGBAModel }
func (opaque) Opaque() bool            { return true }

// tap is a weight for a sample of the source.
type tap struct {
	at     int
	weight float64
}

// lanczos returns of which samples each of results is made.
func lanczos(samples, results int) [][]tap {
	step := float64(samples) / float64(results)
	stretch := math.Max(1, step)
	all := make([][]tap, results)
	for i := range all {
		centre, sum := (float64(i)+0.5)*step, 0.0
		for at := max(0, int(centre-3*stretch)); at < min(samples, int(centre+3*stretch)+1); at++ {
			x := (float64(at) + 0.5 - centre) / stretch
			if math.Abs(x) >= 3 {
				continue
			}
			w := 1.0
			if x != 0 {
				w = 3 * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/3) / (math.Pi * math.Pi * x * x)
			}
			all[i] = append(all[i], tap{at, w})
			sum += w
		}
		for k := range all[i] {
			all[i][k].weight /= sum
		}
	}
	return all
}

// resized returns channel c of the square of n pixels at x, y, on white.
func (d drawing) resized(c, x, y, n int, weights [][]tap) []float64 {
	results := len(weights)
	across := make([]float64, n*results) // rows of the source
	row := make([]float64, n)
	for j := range n {
		for i := range row {
			pixel := d.pix[((y+j)*d.width+x+i)*d.channels:][:d.channels]
			row[i] = float64(pixel[c])
			if d.channels == 4 {
				a := float64(pixel[3]) / 255
				row[i] = row[i]*a + 255*(1-a)
			}
		}
		for i, taps := range weights {
			sum := 0.0
			for _, t := range taps {
				sum += t.weight * row[t.at]
			}
			across[j*results+i] = sum
		}
	}
	out := make([]float64, results*results)
	for j, taps := range weights {
		for _, t := range taps {
			for i, v := range across[t.at*results:][:results] {
				out[j*results+i] += t.weight * v
			}
		}
	}
	return out
}
