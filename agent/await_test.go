package agent

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestDeadlineOfTheCallerReplacesTheServiceTimeout(t *testing.T) {
	t.Parallel()
	s := &session{a: &Agent{}, done: make(chan struct{})}
	wait := func() *waiter { return &waiter{advanced: make(chan struct{}, 1), complete: make(chan struct{})} }

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w := wait()
	time.AfterFunc(20*time.Millisecond, func() { close(w.complete) })
	if err := s.await(ctx, w, time.Nanosecond, 0); err != nil {
		t.Errorf("with a deadline a minute away: %v", err)
	}
	if err := s.await(t.Context(), wait(), time.Nanosecond, 0); !errors.Is(err, ErrTimeout) {
		t.Errorf("without a deadline: %v, want %v", err, ErrTimeout)
	}
}
