package appearance_test

import (
	"testing"

	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStatesAreSeenByTheGrid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, on, off string
		seen          func(simgrid.AvatarState) bool
	}{
		{"away", "enable", "disable", func(s simgrid.AvatarState) bool { return s.Away && s.Playing(grid.AnimAway) }},
		{"busy", "START", "stop", func(s simgrid.AvatarState) bool { return s.Playing(grid.AnimBusy) }},
		{"typing", "enable", "stop", func(s simgrid.AvatarState) bool { return s.Playing(grid.AnimType) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := commandtest.New(t)
			get := func(want string) {
				t.Helper()
				w.Until(t, tt.name+" is "+want, func() bool { return w.Do(t, "command="+tt.name+"&action=get")[0] == want })
			}
			get("False")
			w.Do(t, "command="+tt.name+"&action="+tt.on)
			w.Await(t, tt.seen)
			get("True")
			w.Do(t, "command="+tt.name+"&action="+tt.off)
			w.Await(t, func(s simgrid.AvatarState) bool { return !tt.seen(s) })
			get("False")
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=away&action=on", Error: script.ErrUnknownAction, Says: `"on" is none of enable, disable`},
		{Line: "command=busy", Error: script.ErrUnknownAction, Says: "action is missing"},
		{Line: "command=typing&action=", Error: script.ErrUnknownAction, Says: "action is missing"},
	}...)
}
