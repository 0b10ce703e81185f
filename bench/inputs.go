package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// side is that of the pictures made, in pixels: picture.MaxSide.
const side = 648

// input is a picture as people send it.
type input struct {
	Name        string `json:"-"`
	Width       int    `json:"width"` // upright, in pixels
	Height      int    `json:"height"`
	Channels    int    `json:"channels"` // 3, or 4 with alpha
	Orientation int    `json:"orientation"`
	Coding      string `json:"coding"` // jpeg, png, webp
	Progressive bool   `json:"progressive"`
	Quality     int    `json:"quality"`
	Raw         string `json:"raw"`  // file of the pixels
	File        string `json:"file"` // file of the coded picture

	rounds    int
	reference string  // PNG of the square, resized from the pixels without loss
	most      float64 // ratio to sharp that is aimed at; 0 = none
	bytes     int64
}

// square returns the middle square, which all pipelines keep.
func (in input) square() (x, y, side int) {
	side = min(in.Width, in.Height)
	return (in.Width - side) / 2, (in.Height - side) / 2, side
}

// inputs are the kinds of pictures that people send.
func inputs() []input {
	return []input{
		{Name: "12 MP baseline, EXIF orientation 6", Width: 3024, Height: 4032, Orientation: 6, Coding: "jpeg", Quality: 90, rounds: 25, most: 1.2},
		{Name: "12 MP progressive", Width: 3024, Height: 4032, Coding: "jpeg", Progressive: true, Quality: 90, rounds: 15, most: 1.4},
		{Name: "48 MP baseline", Width: 8000, Height: 6000, Coding: "jpeg", Quality: 90, rounds: 9, most: 1.1},
		{Name: "1296 × 1296 from a browser", Width: 1296, Height: 1296, Coding: "jpeg", Quality: 95, rounds: 41, most: 1.6},
		{Name: "972 × 972 from a browser", Width: 972, Height: 972, Coding: "jpeg", Quality: 92, rounds: 41},
		{Name: "PNG with alpha, 1600 × 1200", Width: 1600, Height: 1200, Channels: 4, Coding: "png", rounds: 15},
		{Name: "lossy WebP, 1600 × 1200", Width: 1600, Height: 1200, Coding: "webp", Quality: 90, rounds: 15},
	}
}

// makeInputs draws and codes, in dir, the inputs with only in their name.
func makeInputs(dir, only string) ([]input, error) {
	inputs := slices.DeleteFunc(inputs(), func(in input) bool { return !strings.Contains(in.Name, only) })
	for i := range inputs {
		in := &inputs[i]
		in.Channels = max(3, in.Channels)
		in.Orientation = max(1, in.Orientation)
		in.Raw = filepath.Join(dir, fmt.Sprintf("%d.raw", i))
		in.File = filepath.Join(dir, fmt.Sprintf("%d.%s", i, in.Coding))
		in.reference = filepath.Join(dir, fmt.Sprintf("%d.reference.png", i))
		fmt.Fprintln(os.Stderr, "drawing", in.Name)
		d := drawn(in.Width, in.Height, in.Channels == 4)
		if err := os.WriteFile(in.Raw, d.pix, 0o600); err != nil {
			return nil, err
		}
		if err := d.writeReference(in); err != nil {
			return nil, err
		}
	}
	jobs, err := json.Marshal(inputs)
	if err != nil {
		return nil, err
	}
	code := exec.Command("node", "bench/inputs.mjs")
	code.Stdin, code.Stderr = bytes.NewReader(jobs), os.Stderr
	if err := code.Run(); err != nil {
		return nil, fmt.Errorf("inputs.mjs: %w", err)
	}
	for i := range inputs {
		info, err := os.Stat(inputs[i].File)
		if err != nil {
			return nil, err
		}
		inputs[i].bytes = info.Size()
		if err := os.Remove(inputs[i].Raw); err != nil {
			return nil, err
		}
	}
	return inputs, nil
}
