//go:build race

package jpegscale

// raceFactor is 1 under the race detector.
const raceFactor = 1
