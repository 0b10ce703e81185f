package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/template"
	"time"
)

// page is docs/performance.md. What was tried is written by hand, here.
var page = template.Must(template.New("performance").Funcs(template.FuncMap{
	"kB": func(bytes int64) int64 { return bytes / 1000 },
	"MB": func(bytes int64) int64 { return bytes >> 20 },
	"of": func(r result, name string) figures { return r.of[name] },
	"memory": func(r result) string {
		return fmt.Sprintf("%.2f", float64(r.of["Portrait"].peak)/float64(r.of["sharp"].peak))
	},
}).Parse(`# Performance

Written by ` + "`make bench`" + ` (bench/); don't edit. {{.When}}, {{.Machine}}, {{.Go}}, {{.Node}}, {{.Sharp}}.

Each pipeline turns a picture in memory into an upright JPEG of 648 × 648 pixels, in one process and on one core (` + "`taskset`" + `, ` + "`GOMAXPROCS=1`, `sharp.concurrency(1)`" + `), warm. They take turns picture by picture. Times are processor time, medians of the rounds; × is the median of the rounds' ratios to sharp, so that most of what else the machine does at the time falls out (not all: who needs more memory suffers more from busy neighbours, and wall ms far above ms show that there were some). Memory is the peak of a fresh process that makes four of the picture (VmHWM; it includes the input, and Node for sharp). Distance is Butteraugli's 3-norm to a reference, which is the middle square resized by Lanczos-3 in floating point from the drawn pixels before any coding: 0 is no difference. All encode with the same quality, which Portrait chooses by the size of its result (4:2:0).

- **Portrait**: ` + "`picture.Render`" + `.
- **sharp**: autoOrient, resize (cover), flatten, jpeg. "Careful" is ` + "`fastShrinkOnLoad: false`" + `: by default sharp lets decoders shrink further than Portrait does, which is quicker and can be seen (distance). Where the two differ, equal quality means the careful one.
- **naive**: image/jpeg, image/png or x/image/webp, x/image/draw.CatmullRom, image/jpeg. It reads lossy WebP in the wrong range, hence its distance.

| input | | × sharp | × careful | ms | wall ms | memory MB | result kB | distance |
|---|---|--:|--:|--:|--:|--:|--:|--:|
{{range $r := .Results}}{{range $i, $name := $.Names}}{{with of $r $name}}| {{if eq $i 0}}{{$r.Name}} ({{kB $r.Bytes}} kB, quality {{$r.Quality}}){{end}} | {{$name}} | {{printf "%.2f" .Ratio}} | {{printf "%.2f" .Careful}} | {{printf "%.1f" .CPUMs}} | {{printf "%.1f" .WallMs}} | {{MB .Peak}} | {{printf "%.1f" .KB}} | {{printf "%.3f" .Distance}} |
{{end}}{{end}}{{end}}
## Targets

Equal quality: a distance at most 2 % above that of the sharp it is compared with.

| input | target | now | |
|---|--:|--:|---|
{{range .Results}}{{with .Target}}| {{.Name}} | ≤ {{printf "%.1f" .Most}} | {{printf "%.2f" .Now}} | {{.Verdict}} |
{{end}}{{end}}{{range .Results}}{{if eq .Width 3024}}| {{.Name}}, memory | ≤ 0.4 | {{memory .}} | |
{{end}}{{end}}
{{.Notes}}`))

// notes say where the time goes and what was tried; they are kept by hand.
const notes = `## Where the time goes

A 12-megapixel picture, by profile: about three quarters in the decoder (Huffman codes most of all: every coefficient has to be read, also those that the scale leaves out), the rest in the resizer and the encoder in equal parts. A picture from the browser, decoded in full: half in the decoder, a quarter in the resizer, a fifth in the encoder.

What helped:

- Decoding at 1/2, 1/4 or 1/8 (internal/jpegscale), and only the region of the crop.
- Resizing Y, Cb and Cr without RGB in between, two samples to a multiplication of 64 bits (lanczos.go), in loops without bounds to check for the usual 12 and 16 taps: for 1296 × 1296 from 9 ms to 4.
- An encoder of our own (jpegwriter.go): some 5 ms in place of image/jpeg's 12 for 648 × 648, and about a twentieth fewer bytes by Huffman tables made for the picture.
- Estimating the quality that fits from the size of the first try, instead of trying a list.
- Pools: beside the planes that the decoder returns, a picture leaves less than half a megabyte to the garbage collector.

Not done: decoding further down than to twice the result (the prototype took 47 ms in place of 58 for 12 megapixels and lost 2.4 of SSIMULACRA2); pools for the decoder's planes. PNG and lossy WebP spend their time in image/png and x/image/webp, which have no targets.
`

// The methods below are for the template.

// Bytes returns the size of the input.
func (r result) Bytes() int64 { return r.bytes }

// Quality returns the quality of the results.
func (r result) Quality() int { return r.quality }

func (f figures) Ratio() float64    { return f.ratio }
func (f figures) Careful() float64  { return f.careful }
func (f figures) CPUMs() float64    { return f.cpuMs }
func (f figures) WallMs() float64   { return f.wallMs }
func (f figures) Peak() int64       { return f.peak }
func (f figures) KB() float64       { return float64(f.bytes) / 1000 }
func (f figures) Distance() float64 { return f.distance }

// target is what an input is aimed at.
type target struct {
	Name      string
	Most, Now float64
	Verdict   string
}

// Target compares with the target of r, nil if it has none: against sharp as it
// comes, or the careful one if the former looks worse than we do.
func (r result) Target() *target {
	if r.most == 0 {
		return nil
	}
	const equal = 1.02
	own, now := r.of["Portrait"], r.of["Portrait"].ratio
	against := "sharp"
	if r.of["sharp"].distance > own.distance*equal {
		against, now = "sharp, careful", own.careful
	}
	verdict := "reached"
	if now > r.most {
		verdict = "missed"
	}
	if own.distance > r.of[against].distance*equal {
		verdict = "missed: not of equal quality"
	}
	return &target{r.Name, r.most, now, fmt.Sprintf("%s, against %s (distance %.3f to its %.3f)", verdict, against, own.distance, r.of[against].distance)}
}

// write returns the report.
func write(results []result) ([]byte, error) {
	var out bytes.Buffer
	err := page.Execute(&out, map[string]any{
		"When":    time.Now().UTC().Format("2006-01-02"),
		"Machine": machine(),
		"Go":      runtime.Version(),
		"Node":    "Node " + output("node", "--version"),
		"Sharp":   output("node", "--print", "const v = require('./bench/node_modules/sharp').versions; `sharp ${v.sharp} (libvips ${v.vips})`"),
		"Names":   names,
		"Results": results,
		"Notes":   notes,
	})
	return out.Bytes(), err
}

// machine names the processor and the number of cores.
func machine() string {
	model := "an unknown processor"
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return model
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s, %d cores", model, runtime.NumCPU())
}

// output returns what a program prints; it is for the report alone.
func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return name + " of unknown version"
	}
	return strings.TrimSpace(string(out))
}
