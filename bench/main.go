// Command bench compares Portrait's pictures with sharp's, and with the pipeline
// that everybody writes in Go, and writes docs/performance.md. `make bench` runs
// it; it needs Node, bench/node_modules and butteraugli_main.
//
//	inputs (draw.go, inputs.go, inputs.mjs) → reference (reference.go)
//	        → three processes, taking turns (runner.go; ours.go, naive.go, sharp.mjs)
//	        → quality (quality.go) → docs/performance.md (report.go)
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the whole program; with an argument it is the process of that pipeline.
func run(args []string) error {
	if len(args) == 1 {
		switch args[0] {
		case "ours":
			return serve(ours)
		case "naive":
			return serve(naive)
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure the inputs alone that have this in their name, and write no report")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "portrait-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	inputs, err := makeInputs(dir, *only)
	if err != nil {
		return err
	}
	results, err := measure(inputs)
	if err != nil {
		return err
	}
	report, err := write(results)
	if err != nil {
		return err
	}
	if *only != "" {
		_, err := os.Stdout.Write(report)
		return err
	}
	path := filepath.Join("docs", "performance.md")
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if at := bytes.Index(old, []byte(batches)); at >= 0 {
		report = append(append(bytes.TrimRight(report, "\n"), "\n\n"...), old[at:]...)
	}
	return os.WriteFile(path, report, 0o644)
}

// batches begins the part of the report that a test of cmd/portrait measures and
// writes, see batchspeed_test.go.
const batches = "## Batches\n"
