//go:build race

package picture

// raceEnabled says that times are many times longer than in the program.
const raceEnabled = true
