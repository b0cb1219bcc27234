package agent

import (
	"log/slog"
	"testing"
)

var testDiscard = slog.New(slog.DiscardHandler)

func TestSlowSubscriberLosesTheOldestAndIsTold(t *testing.T) {
	t.Parallel()
	a := &Agent{cfg: Config{EventQueue: 8}, log: testDiscard}
	got := make(chan Event)
	slow := make(chan struct{})
	first := true
	cancel := a.Subscribe(func(e Event) {
		if first {
			first = false
			close(slow)
		}
		got <- e
	})
	defer cancel()
	quick := make(chan Event, 100)
	defer a.Subscribe(func(e Event) { quick <- e })()
	emit := func(n int32) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.emit(BalanceChanged{Balance: n})
	}
	emit(0)
	<-slow // the subscriber holds the first event, and nothing is read from it
	for i := int32(1); i <= 20; i++ {
		emit(i) // does not block
		if e := <-quick; e != (BalanceChanged{Balance: i - 1}) {
			t.Fatalf("the other subscriber got %v, want %d", e, i-1)
		}
	}
	if e := <-got; e != (BalanceChanged{Balance: 0}) {
		t.Fatalf("first %v", e)
	}
	if e := <-got; e != (Lagged{Lost: 12}) {
		t.Fatalf("then %v, want the loss", e)
	}
	for i := int32(13); i <= 20; i++ {
		if e := <-got; e != (BalanceChanged{Balance: i}) {
			t.Fatalf("then %v, want %d", e, i)
		}
	}
}

func TestCancelledSubscriberHearsNoMore(t *testing.T) {
	t.Parallel()
	a := &Agent{cfg: Config{EventQueue: 8}, log: testDiscard}
	heard := make(chan Event, 8)
	var cancel func()
	cancel = a.Subscribe(func(e Event) {
		cancel() // from within, too
		heard <- e
	})
	for i := range int32(3) {
		a.mu.Lock()
		a.emit(BalanceChanged{Balance: i})
		a.mu.Unlock()
	}
	<-heard
	if len(a.subs) != 0 {
		t.Errorf("%d subscribers left", len(a.subs))
	}
	cancel()
}
