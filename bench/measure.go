package main

import (
	"fmt"
	"os"
	"strings"
)

// result is what was measured of one input.
type result struct {
	input
	quality int // with which all three encoded, 1 to 100
	of      map[string]figures
}

// figures are those of one pipeline.
type figures struct {
	wallMs, cpuMs float64 // medians
	ratio         float64 // of processor time to sharp's: the median of the rounds' ratios
	careful       float64 // the same, to the careful sharp's
	peak          int64   // bytes
	bytes         int     // of the result
	distance      float64 // to the reference, see distance
}

// measure lets the pipelines take turns on all inputs.
func measure(inputs []input) ([]result, error) {
	var results []result
	for _, in := range inputs {
		fmt.Fprintln(os.Stderr, "measuring", in.Name)
		r := result{input: in, of: map[string]figures{}}
		if err := r.outputs(); err != nil {
			return nil, err
		}
		if err := r.times(); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// job returns the job that r is.
func (r *result) job() job {
	x, y, n := r.square()
	return job{File: r.File, X: x, Y: y, Square: n, Side: side, Quality: r.quality}
}

// outputs runs each pipeline in a process of its own, for what it makes and how
// much memory it takes. Ours goes first: it chooses the quality by the size of
// the result, and the others get the same.
func (r *result) outputs() error {
	const runs = 4 // what the second picture needs beside what is left of the first counts too
	for _, name := range names {
		p, err := start(name)
		if err != nil {
			return err
		}
		out := strings.TrimSuffix(r.File, r.Coding) + name + ".jpg"
		var f figures
		for range runs {
			j := r.job()
			j.Out = out
			c, err := p.do(j)
			if err != nil {
				return err
			}
			f.bytes = c.Bytes
		}
		if f.peak, err = p.peak(); err != nil {
			return err
		}
		if err := p.stop(); err != nil {
			return err
		}
		if r.quality == 0 {
			if r.quality, err = qualityOf(out); err != nil {
				return err
			}
		}
		if f.distance, err = distance(r.reference, out); err != nil {
			return err
		}
		r.of[name] = f
	}
	return nil
}

// times runs the pipelines in turns, each round beginning with another.
func (r *result) times() error {
	var running []*pipeline
	for _, name := range names {
		p, err := start(name)
		if err != nil {
			return err
		}
		running = append(running, p)
	}
	wall, cpu, ratios, careful := series{}, series{}, series{}, series{}
	for round := range r.rounds + warmup {
		took := map[string]cost{}
		for i := range running {
			p := running[(i+round)%len(running)]
			if p.name == "naive" && round%naiveEvery != warmup%naiveEvery && round != 0 {
				continue
			}
			c, err := p.do(r.job())
			if err != nil {
				return err
			}
			took[p.name] = c
		}
		for name, c := range took {
			if round >= warmup {
				wall.add(name, c.WallMs)
				cpu.add(name, c.CPUMs)
				ratios.add(name, c.CPUMs/took["sharp"].CPUMs)
				careful.add(name, c.CPUMs/took["sharp, careful"].CPUMs)
			}
		}
	}
	for _, p := range running {
		f := r.of[p.name]
		f.wallMs, f.cpuMs = median(wall[p.name]), median(cpu[p.name])
		f.ratio, f.careful = median(ratios[p.name]), median(careful[p.name])
		r.of[p.name] = f
		if err := p.stop(); err != nil {
			return err
		}
	}
	return nil
}

const (
	warmup     = 2 // rounds that don't count
	naiveEvery = 4 // it takes most of the time, and nobody compares it closely
)

// series are measurements by pipeline.
type series map[string][]float64

func (s series) add(name string, v float64) { s[name] = append(s[name], v) }
