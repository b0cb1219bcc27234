//go:build !linux

package sift

import "runtime/debug"

// confine has no system to rely on that counts all memory a process takes. The
// engine of scripts keeps to its own limit, and the process is killed in time.
func confine(limits Limits) error {
	debug.SetMemoryLimit(int64(apartMemory) + int64(limits.Memory))
	return nil
}
