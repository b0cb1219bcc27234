// Package appendfile adds whole lines to the end of files: a write that fails
// leaves nothing behind that would spoil the next one.
package appendfile

import (
	"errors"
	"os"
)

// Flags are how a file must be opened: to be read as well, since Append looks
// at its end. Nothing waits for the other end of a pipe.
const Flags = os.O_RDWR | os.O_APPEND | os.O_CREATE

// Append adds lines, each with its line end, to a file opened with [Flags], and
// returns by how much it grew. When the disk is full, or the write fails in
// another way, what was written of them is cut off again. A last line that was
// left without its end, by a power cut, gets one first.
func Append(f *os.File, lines []byte) (grown int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		n, err := f.Write(lines)
		return int64(n), err
	}
	size := info.Size()
	if size > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], size-1); err != nil {
			return 0, err
		}
		if last[0] != '\n' {
			lines = append([]byte{'\n'}, lines...)
		}
	}
	if _, err := f.Write(lines); err != nil {
		return 0, errors.Join(err, f.Truncate(size))
	}
	return int64(len(lines)), nil
}
