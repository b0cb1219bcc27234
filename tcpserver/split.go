package tcpserver

import "bytes"

// framing is how a connection's input is cut. It never changes once it is
// made, so connections with the server's defaults share one.
type framing struct {
	eol        string
	maxLine    int
	singleLine bool
	record     int
}

// splitter cuts a stream into pieces. What it returns depends on the bytes
// alone, never on how they were spread over reads.
type splitter struct {
	skipLF  bool // the last line ended with CR: an LF that follows belongs to it
	scanned int  // bytes at the start of the input that hold no end of line
}

// next returns the first piece of in and what follows it. ok is false when in
// holds no complete piece; the same bytes, with more after them, must then come
// again.
func (s *splitter) next(f *framing, in []byte) (piece []byte, eol bool, rest []byte, ok bool) {
	switch {
	case f.record > 0:
		s.skipLF = false
		if len(in) < f.record {
			return nil, false, in, false
		}
		return in[:f.record], true, in[f.record:], true
	case f.singleLine:
		return s.line(f, in)
	case f.eol != "":
		s.skipLF = false
		return s.delimited(f, in)
	}
	s.skipLF = false
	return in, true, nil, len(in) > 0
}

// reset forgets what was scanned; needed when the framing changes.
func (s *splitter) reset() { s.scanned = 0 }

func (s *splitter) line(f *framing, in []byte) ([]byte, bool, []byte, bool) {
	if s.skipLF && len(in) > 0 {
		s.skipLF = false
		if in[0] == '\n' {
			in = in[1:]
		}
		s.scanned = 0
	}
	window := in[:min(len(in), f.maxLine+1)]
	from := min(s.scanned, len(window))
	if i := indexLineEnd(window[from:]); i >= 0 {
		i += from
		s.scanned = 0
		end := i + 1
		if in[i] == '\r' {
			if end < len(in) {
				if in[end] == '\n' {
					end++
				}
			} else {
				s.skipLF = true
			}
		}
		return in[:i], true, in[end:], true
	}
	return s.unfinished(in, f.maxLine, len(window) > f.maxLine, len(window))
}

func (s *splitter) delimited(f *framing, in []byte) ([]byte, bool, []byte, bool) {
	n := len(f.eol)
	window := in[:min(len(in), f.maxLine+n)]
	from := min(s.scanned, len(window))
	var i int
	if n == 1 {
		i = bytes.IndexByte(window[from:], f.eol[0])
	} else {
		i = bytes.Index(window[from:], []byte(f.eol))
	}
	if i >= 0 {
		i += from
		s.scanned = 0
		return in[:i], true, in[i+n:], true
	}
	return s.unfinished(in, f.maxLine, len(window) == f.maxLine+n, max(0, len(window)-n+1))
}

// unfinished cuts a piece off a line that is too long, or remembers how far
// the search got.
func (s *splitter) unfinished(in []byte, maxLine int, tooLong bool, scanned int) ([]byte, bool, []byte, bool) {
	if tooLong {
		s.scanned = 0
		return in[:maxLine], false, in[maxLine:], true
	}
	s.scanned = scanned
	return nil, false, in, false
}

// indexLineEnd finds the first CR or LF.
func indexLineEnd(b []byte) int {
	lf := bytes.IndexByte(b, '\n')
	if lf >= 0 {
		b = b[:lf]
	}
	if cr := bytes.IndexByte(b, '\r'); cr >= 0 {
		return cr
	}
	return lf
}
