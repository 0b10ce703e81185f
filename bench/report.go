package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

func write(results []result) ([]byte, error) {
	var out bytes.Buffer
	for _, r := range results {
		fmt.Fprintf(&out, "%s q%d %d kB\n", r.Name, r.quality, r.bytes>>10)
		for _, n := range names {
			f := r.of[n]
			fmt.Fprintf(&out, "  %-9s wall %.1f cpu %.1f ratio %.2f rss %d MB bytes %d dist %.3f\n", n, f.wallMs, f.cpuMs, f.ratio, f.peak>>20, f.bytes, f.distance)
		}
	}
	_, _, _, _ = exec.Command, runtime.NumCPU, strings.ToUpper, time.Now
	os.Stdout.Write(out.Bytes())
	return out.Bytes(), nil
}
