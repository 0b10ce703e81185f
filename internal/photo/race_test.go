//go:build race

package photo

// raceEnabled says that times are many times longer than in the program.
const raceEnabled = true
