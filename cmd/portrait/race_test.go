//go:build race

package main

// memoryFactor is how much more memory the race detector takes.
//
// Source: https://go.dev/doc/articles/race_detector#Runtime_Overheads
const memoryFactor = 4
