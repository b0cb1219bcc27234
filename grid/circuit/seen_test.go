package circuit

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSeenTellsNewFromOldOverAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// A sender counts on, modulo 2^24 or not; its packets come late, twice
		// or not at all.
		wraps := rapid.Bool().Draw(t, "wraps")
		base := rapid.SampledFrom([]uint32{0, 1, sequenceWrap - 3000, sequenceWrap - 5}).Draw(t, "base")
		number := func(n int) uint32 {
			if wraps {
				return (base + uint32(n)) % sequenceWrap
			}
			return base + uint32(n)
		}
		var s seen
		got := map[int]bool{}
		next := 1
		s.add(number(0), true)
		got[0] = true
		for _, step := range rapid.SliceOfN(rapid.IntRange(-4000, 1500), 1, 200).Draw(t, "steps") {
			n := next + step
			if step >= 0 {
				next = n + 1
			}
			// What came before the first packet is only known to be new while
			// the window reaches back to it.
			if n < 0 {
				continue
			}
			want := fresh
			if got[n] {
				want = duplicate
			}
			if v := s.add(number(n), true); v != want {
				t.Fatalf("packet %d (sequence %d): verdict %d, want %d", n, number(n), v, want)
			}
			got[n] = true
		}
	})
}

func TestSeenRemembersHolesBeyondTheWindow(t *testing.T) {
	t.Parallel()
	var s seen
	for n := uint32(1); n <= 3*seenSize; n++ {
		if n != 100 && n != 200 {
			s.add(n, true)
		}
	}
	if len(s.holes) != 2 {
		t.Errorf("%d holes, want 2", len(s.holes))
	}
	for _, c := range []struct {
		seq  uint32
		want verdict
	}{{100, fresh}, {100, duplicate}, {101, duplicate}, {3 * seenSize, duplicate}} {
		if v := s.add(c.seq, true); v != c.want {
			t.Errorf("%d: verdict %d, want %d", c.seq, v, c.want)
		}
	}
	s.trim(201)
	if v := s.add(200, true); v != duplicate {
		t.Errorf("a hole that the peer does not wait for: verdict %d, want duplicate", v)
	}
}

func TestSeenBelievesAJumpOnlyWithASecondPacket(t *testing.T) {
	t.Parallel()
	var s seen
	for _, c := range []struct {
		seq     uint32
		trusted bool
		want    verdict
	}{
		{1, true, fresh},
		{7_000_000, true, doubtful}, // a corrupted number
		{2, true, fresh},            // does no harm
		{8_000_000, true, doubtful},
		{3_000_000, true, doubtful},
		{3_000_001, true, fresh}, // the peer has really jumped
		{3_000_000, true, fresh}, // and sends the first again
		{3_000_000, true, duplicate},
		{7_000_000, false, doubtful}, // an acknowledgement with any number
		{7_000_001, false, doubtful},
		{3_000_002, true, fresh},
	} {
		if v := s.add(c.seq, c.trusted); v != c.want {
			t.Fatalf("%d: verdict %d, want %d", c.seq, v, c.want)
		}
	}
}

func TestSeenBoundsItsMemory(t *testing.T) {
	t.Parallel()
	var s seen
	for n := uint32(0); n < 100*seenSize; n += 3 {
		s.add(n, true)
	}
	if len(s.holes) > maxHoles {
		t.Errorf("%d holes, at most %d allowed", len(s.holes), maxHoles)
	}
	// The latest holes are the ones that may still be filled.
	if v := s.add(197*seenSize/2, true); v != fresh {
		t.Errorf("a recent hole: verdict %d, want fresh", v)
	}
}
