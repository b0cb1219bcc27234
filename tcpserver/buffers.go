package tcpserver

import (
	"math/bits"
	"sync"
)

// Buffers come in powers of two from 1 KiB to 64 KiB and are shared by all
// servers of the process.
const (
	minBuffer  = 1 << 10
	maxBuffer  = 64 << 10
	readBuffer = 32 << 10
)

var bufferPools [7]sync.Pool

func bufferClass(n int) int {
	if n <= minBuffer {
		return 0
	}
	return bits.Len(uint(n-1)) - 10
}

// getBuffer returns a buffer of length 0 and at least the capacity n.
func getBuffer(n int) *[]byte {
	if n > maxBuffer {
		b := make([]byte, 0, n)
		return &b
	}
	class := bufferClass(n)
	if b, ok := bufferPools[class].Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, minBuffer<<class)
	return &b
}

// putBuffer takes back a buffer of getBuffer, or one that grew from it.
func putBuffer(b *[]byte) {
	n := cap(*b)
	if n < minBuffer || n > maxBuffer {
		return
	}
	class := bits.Len(uint(n)) - 11 // the largest class it can serve
	*b = (*b)[:0]
	bufferPools[class].Put(b)
}
