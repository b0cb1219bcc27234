package message

import (
	"errors"
	"slices"
)

// MaxBody is how many bytes a message may have once it is no longer
// zero-coded. A datagram carries no more than that, and a longer body could
// not have been sent plain.
const MaxBody = 65535

var (
	// ErrZeroRun says that a zero-coded body has a run of no zeros, which
	// receivers understand differently.
	ErrZeroRun = errors.New("zero-coded body: run of length 0")
	// ErrZeroLimit says that a zero-coded body expands beyond the limit.
	ErrZeroLimit = errors.New("zero-coded body: too long when expanded")
)

// ZeroEncode appends src to dst with each run of zeros written as a zero and
// the length of the run, 1 to 255; longer runs are written in pieces. dst may
// not overlap src, unless src is its content before len(dst).
func ZeroEncode(dst, src []byte) []byte {
	// Single zeros between other bytes are the worst case.
	dst = slices.Grow(dst, len(src)+len(src)/2+2)
	out, n := dst[:cap(dst)], len(dst)
	for i := 0; i < len(src); {
		c := src[i]
		out[n] = c
		n++
		i++
		if c != 0 {
			continue
		}
		run := 1
		for i < len(src) && src[i] == 0 && run < 255 {
			run++
			i++
		}
		out[n] = byte(run)
		n++
	}
	return out[:n]
}

// ZeroDecode appends to dst what ZeroEncode has made src of. It appends no more
// than limit bytes and returns ErrZeroLimit when there are more, ErrZeroRun
// when a run has length 0. A zero at the very end, without a length, is one
// zero, as viewers take it.
func ZeroDecode(dst, src []byte, limit int) ([]byte, error) {
	end := len(dst) + limit
	// There is always room for the rest of src as it is.
	dst = slices.Grow(dst, len(src))
	out, n := dst[:cap(dst)], len(dst)
	for i := 0; i < len(src); {
		c := src[i]
		i++
		if c != 0 {
			if n >= end {
				return out[:n], ErrZeroLimit
			}
			out[n] = c
			n++
			continue
		}
		run := 1
		if i < len(src) {
			run = int(src[i])
			i++
		}
		switch {
		case run == 0:
			return out[:n], ErrZeroRun
		case n+run > end:
			return out[:n], ErrZeroLimit
		}
		if rest := len(src) - i; len(out)-n < run+rest {
			out = slices.Grow(out[:n], run+rest)
			out = out[:cap(out)]
		}
		clear(out[n : n+run])
		n += run
	}
	return out[:n], nil
}
