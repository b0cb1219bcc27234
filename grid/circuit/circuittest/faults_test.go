package circuittest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pass writes n datagrams through the faults and returns what comes out.
func pass(t *testing.T, f Faults, n int) (out []string, s Stats) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe()
		c := Wrap(a, f)
		defer b.Close()
		for i := range n {
			if _, err := c.WriteTo(fmt.Appendf(nil, "datagram %03d", i), b.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		s = c.Stats()
		buf := make([]byte, 100)
		for len(b.(*pipeConn).in) > 0 {
			n, _, err := b.ReadFrom(buf)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(buf[:n]))
		}
	})
	return out, s
}

func TestTheSameSeedMakesTheSameFaults(t *testing.T) {
	t.Parallel()
	f := Faults{Seed: 3, Loss: 0.2, Duplicate: 0.2, Reorder: 0.2, Corrupt: 0.2}
	first, stats := pass(t, f, 200)
	again, _ := pass(t, f, 200)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	for name, n := range map[string]uint64{"lost": stats.Lost, "duplicated": stats.Duplicated, "reordered": stats.Reordered, "corrupted": stats.Corrupted} {
		if n < 15 || n > 80 {
			t.Errorf("%d of 200 datagrams were %s, asked for a fifth", n, name)
		}
	}
	f.Seed++
	if other, _ := pass(t, f, 200); cmp.Equal(first, other) {
		t.Error("another seed makes the same faults")
	}
}

func TestWithoutFaultsNothingHappens(t *testing.T) {
	t.Parallel()
	out, _ := pass(t, Faults{}, 50)
	for i, s := range out {
		if want := fmt.Sprintf("datagram %03d", i); s != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
	if len(out) != 50 {
		t.Errorf("%d datagrams, want 50", len(out))
	}
}

func TestDelayHoldsDatagramsBackAndCloseDropsThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe()
		c := Wrap(a, Faults{Delay: time.Second, Jitter: time.Second})
		data := []byte("late")
		start := time.Now()
		if _, err := c.WriteTo(data, b.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		clear(data) // the writer may use its buffer again
		buf := make([]byte, 100)
		n, from, err := b.ReadFrom(buf)
		if err != nil || !bytes.Equal(buf[:n], []byte("late")) || from.String() != a.LocalAddr().String() {
			t.Errorf("read %q from %v, %v", buf[:n], from, err)
		}
		if d := time.Since(start); d < time.Second || d > 2*time.Second {
			t.Errorf("came after %v, want 1s to 2s", d)
		}
		if _, err := c.WriteTo([]byte("never"), b.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if n := len(b.(*pipeConn).in); n != 0 {
			t.Errorf("%d datagrams came after Close", n)
		}
		if _, _, err := c.ReadFrom(buf); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read after Close: %v", err)
		}
		_ = b.Close()
	})
}
