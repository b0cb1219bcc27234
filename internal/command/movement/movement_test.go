package movement_test

import (
	"testing"

	"go.uber.org/goleak"

	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFlyStartsAndStopsFlying(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=fly&action=START")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Flying })
	if got := w.Do(t, "command=fly&action=get"); got[0] != "True" {
		t.Errorf("get: %v", got)
	}
	w.Do(t, "command=fly&action=stop")
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Flying })
	w.Fails(t, "command=fly&action=up", script.ErrFlyActionCanOnlyBeStartOrStop)
}
