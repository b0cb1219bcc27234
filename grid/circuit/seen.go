package circuit

const (
	// seenSize is how many of the latest sequence numbers are remembered one
	// by one. A jump beyond it needs a second packet to be believed.
	seenSize = 4096
	// maxHoles bounds how many older numbers that never came are remembered.
	maxHoles = 4096
	// sequenceWrap is where viewers and simulators start again from 0.
	// OpenSimulator counts on instead; both are understood.
	sequenceWrap = 1 << 24
	// sameJump is how close a second packet must be to the first after a jump.
	sameJump = 1024
)

// verdict is what seen says about a sequence number.
type verdict uint8

const (
	fresh     verdict = iota // not received before
	duplicate                // received before, or too old to matter
	doubtful                 // too far ahead to be believed yet
)

// seen tells new sequence numbers from those received before. It is exact: a
// number that has left the window is new only if it is one of the holes, the
// numbers that never came.
type seen struct {
	started bool
	highest int64 // the highest number so far, counted on over wraps
	first   int64 // where counting began: what is older was never expected
	bits    [seenSize / 64]uint64
	holes   map[int64]struct{}
	probe   uint32 // the number of the last packet that was too far ahead
	probing bool
}

// locate returns the position of seq nearest to the highest number.
func (s *seen) locate(seq uint32) int64 {
	delta := int64(int32(seq - uint32(s.highest)))
	if seq < sequenceWrap {
		// The peer may count modulo 2^24.
		delta = int64(int32((seq-uint32(s.highest))<<8) >> 8)
	}
	return s.highest + delta
}

func (s *seen) bit(at int64) (word *uint64, mask uint64) {
	i := uint64(at) % seenSize
	return &s.bits[i/64], 1 << (i % 64)
}

// add takes note of seq. With trusted unset, a number far from the others
// neither counts nor moves the window: OpenSimulator sends some
// acknowledgements with the number 0.
func (s *seen) add(seq uint32, trusted bool) verdict {
	if !s.started {
		if trusted {
			s.start(seq)
		}
		return fresh
	}
	at := s.locate(seq)
	switch {
	case at > s.highest+seenSize:
		if !trusted {
			return doubtful
		}
		if !s.probing || seq-s.probe+sameJump > 2*sameJump {
			s.probe, s.probing = seq, true
			return doubtful
		}
		*s = seen{}
		s.start(seq)
		return fresh
	case at > s.highest:
		s.advance(at)
	case at <= s.highest-seenSize:
		if _, hole := s.holes[at]; !hole {
			return duplicate
		}
		delete(s.holes, at)
		return fresh
	}
	s.probing = false
	word, mask := s.bit(at)
	if *word&mask != 0 {
		return duplicate
	}
	*word |= mask
	return fresh
}

// start begins counting at seq. What was sent before it may still come.
func (s *seen) start(seq uint32) {
	s.started = true
	s.highest = int64(seq) + 1<<40 // room below for what comes late
	s.first = s.highest
	word, mask := s.bit(s.highest)
	*word |= mask
}

// advance moves the window so that it ends at to.
func (s *seen) advance(to int64) {
	for at := s.highest + 1; at <= to; at++ {
		word, mask := s.bit(at)
		if *word&mask == 0 && at-seenSize > s.first {
			s.hole(at - seenSize)
		}
		*word &^= mask
	}
	s.highest = to
}

func (s *seen) hole(at int64) {
	if s.holes == nil {
		s.holes = make(map[int64]struct{})
	}
	if len(s.holes) >= maxHoles {
		s.evict()
	}
	s.holes[at] = struct{}{}
}

// evict forgets the older half of the holes.
func (s *seen) evict() {
	low, high := s.highest, int64(0)
	for at := range s.holes {
		low, high = min(low, at), max(high, at)
	}
	for at := range s.holes {
		if at <= low+(high-low)/2 {
			delete(s.holes, at)
		}
	}
}

// trim forgets holes below seq: the peer does not wait for them any more.
func (s *seen) trim(seq uint32) {
	if !s.started || len(s.holes) == 0 {
		return
	}
	limit := s.locate(seq)
	if limit > s.highest+1 {
		return
	}
	for at := range s.holes {
		if at < limit {
			delete(s.holes, at)
		}
	}
	if len(s.holes) == 0 {
		s.holes = nil
	}
}
