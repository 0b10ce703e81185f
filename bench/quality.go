package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// distance returns how different file looks from the picture reference, by
// Butteraugli: 0 is no difference; the norm weighs large differences more.
//
// Source: https://github.com/google/butteraugli; the program is libjxl's.
func distance(reference, file string) (norm float64, err error) {
	out, err := exec.Command("butteraugli_main", reference, file).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("butteraugli_main: %w: %s", err, out)
	}
	_, rest, ok := strings.Cut(string(out), "3-norm: ")
	if !ok {
		return 0, fmt.Errorf("butteraugli_main says %q", out)
	}
	return strconv.ParseFloat(strings.TrimSpace(rest), 64)
}

// qualityOf tells by its tables with which quality, 1 to 100, a JPEG was made.
// Encoders have these tables from one place.
//
// Source: https://github.com/ImageMagick and libjpeg's jcparam.c: the largest
// entry of the usual table for luma is 121.
func qualityOf(file string) (int, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	at := bytes.Index(body, []byte{0xff, 0xdb})
	if at < 0 || len(body) < at+5+64 {
		return 0, errors.New("no quantisation table")
	}
	largest := 0
	for _, v := range body[at+5:][:64] {
		largest = max(largest, int(v))
	}
	for quality := 100; quality >= 1; quality-- {
		scale := 200 - 2*quality
		if quality < 50 {
			scale = 5000 / quality
		}
		if (121*scale+50)/100 >= largest {
			return quality, nil
		}
	}
	return 0, errors.New("a table of no quality")
}
