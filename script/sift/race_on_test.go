//go:build race

package sift

const raceDetector = true

// The detector takes many times the memory of the program for itself, in the
// processes that steps run in as well. They set their limit in the function
// init, which comes after all variables.
var _ = func() bool {
	apartMemory = 8 << 30
	apartStack = 1 << 30
	return true
}()
