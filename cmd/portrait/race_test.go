//go:build race

package main

// raceEnabled says that the race detector takes its share of the memory.
const raceEnabled = true
