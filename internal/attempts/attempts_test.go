package attempts

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func clock() (now func() time.Time, pass func(time.Duration)) {
	var at atomic.Int64
	return func() time.Time { return time.Unix(1000, at.Load()) }, func(d time.Duration) { at.Add(int64(d)) }
}

func TestWhoFailsTooOftenWaits(t *testing.T) {
	t.Parallel()
	now, pass := clock()
	a := New(now)
	for i := range Burst {
		if !a.Allowed("10.0.0.1:1") || !a.Settle(fmt.Sprintf("10.0.0.1:%d", i), false) {
			t.Fatalf("attempt %d is refused", i)
		}
	}
	if a.Allowed("10.0.0.1:1") || a.Allowed("[::ffff:10.0.0.1]:2") {
		t.Error("one more is allowed")
	}
	if !a.Allowed("10.0.0.2:1") || !a.Allowed("") {
		t.Error("others are refused")
	}
	pass(Pause)
	if !a.Allowed("10.0.0.1:1") || !a.Settle("10.0.0.1:1", true) || !a.Settle("10.0.0.1:1", false) || a.Allowed("10.0.0.1:1") {
		t.Error("after the pause it is not one failure more")
	}
}

func TestGuessingAtOnceLearnsNoMoreThanOneByOne(t *testing.T) {
	t.Parallel()
	now, _ := clock()
	a := New(now)
	var told atomic.Int64
	var guesses sync.WaitGroup
	all := make(chan struct{})
	for range 200 {
		if !a.Allowed("10.0.0.1:1") {
			t.Fatal("refused before anybody has failed")
		}
		guesses.Go(func() {
			<-all
			if a.Settle("10.0.0.1:1", false) {
				told.Add(1)
			}
		})
	}
	close(all)
	guesses.Wait()
	if told.Load() != Burst {
		t.Errorf("%d guesses were told that they are wrong, want %d", told.Load(), Burst)
	}
	if a.Settle("10.0.0.1:1", true) {
		t.Error("a right guess among them was told")
	}
}

func TestARemoteIsWhatOnePersonHas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		one, other string
		same       bool
	}{
		{"10.0.0.1:1", "10.0.0.1:2", true},
		{"10.0.0.1:1", "10.0.0.1", true},
		{"10.0.0.1:1", "10.0.0.2:1", false},
		{"[2001:db8:1:2::1]:80", "[2001:db8:1:2:ffff::9]:81", true},
		{"[2001:db8:1:2::1]:80", "[2001:db8:1:3::1]:80", false},
		{"[fe80::1%eth0]:80", "[fe80::2%eth0]:80", false},
		{"[::1]:80", "[::1]:81", true},
		{"An object", "Another object", false},
	} {
		if same := remoteKey(tc.one) == remoteKey(tc.other); same != tc.same {
			t.Errorf("%s and %s: the same is %v", tc.one, tc.other, same)
		}
	}
}

func TestTheTableIsBounded(t *testing.T) {
	t.Parallel()
	now, _ := clock()
	a := New(now)
	for i := range 3 * MaxRemotes {
		a.Settle(fmt.Sprintf("remote %d", i), false)
	}
	if n := a.Len(); n > MaxRemotes {
		t.Errorf("%d remotes are remembered", n)
	}
}
