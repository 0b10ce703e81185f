//go:build !race

package main

// memoryFactor is for the race detector, see race_test.go.
const memoryFactor = 1
