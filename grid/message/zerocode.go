package message

import (
	"bytes"
	"errors"
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
	for i := 0; i < len(src); {
		if src[i] != 0 {
			dst = append(dst, src[i])
			i++
			continue
		}
		run := i
		for i < len(src) && i-run < 255 && src[i] == 0 {
			i++
		}
		dst = append(dst, 0, byte(i-run))
	}
	return dst
}

// ZeroDecode appends to dst what ZeroEncode has made src of. It appends no more
// than limit bytes and returns ErrZeroLimit when there are more, ErrZeroRun
// when a run has length 0. A zero at the very end, without a length, is one
// zero, as viewers take it.
func ZeroDecode(dst, src []byte, limit int) ([]byte, error) {
	end := len(dst) + limit
	for len(src) > 0 {
		plain := bytes.IndexByte(src, 0)
		if plain < 0 {
			plain = len(src)
		}
		if len(dst)+plain > end {
			return dst, ErrZeroLimit
		}
		dst = append(dst, src[:plain]...)
		src = src[plain:]
		if len(src) == 0 {
			break
		}
		run := 1
		if len(src) > 1 {
			run = int(src[1])
		}
		switch {
		case run == 0:
			return dst, ErrZeroRun
		case len(dst)+run > end:
			return dst, ErrZeroLimit
		}
		dst = append(dst, zeros[:run]...)
		src = src[min(2, len(src)):]
	}
	return dst, nil
}

var zeros [255]byte
