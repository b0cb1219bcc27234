package automation_test

import (
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	asGroup   = "&group=" + "My+Group" + "&password=" + commandtest.Password
	asPartial = "&group=" + commandtest.Partial + "&password=" + commandtest.PartialPass
)

func TestAtRunsACommandInTheWorld(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	seen := w.Watch(t)
	w.Do(t, commandtest.Line("at", "action", "add", "time", script.FormatTime(time.Now()),
		"data", commandtest.Line("tell", "entity", "local", "message", "It's time & late")+asGroup))
	commandtest.Saw(t, seen, func(e simgrid.ChatSpoken) bool {
		return e.Speaker == w.Agent.Self().ID && e.Type == grid.ChatNormal && e.Text == "It's time & late"
	})
}

func TestAtShowsAGroupItsOwnWithoutPasswords(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	hello := commandtest.Line("tell", "entity", "local", "message", "hello you") + asGroup
	w.Do(t, commandtest.Line("at", "action", "add", "time", "2998-01-01", "data", hello))
	w.Do(t, commandtest.Line("at", "action", "ADD", "time", "0 0 1 1 *", "data", "command=version"))
	w.Do(t, commandtest.Line("at", "action", "add", "time", "2999-01-01", "data", "command=version")+asPartial)

	if got, want := w.Do(t, commandtest.Line("at", "action", "get")), []string{
		t.Name(), "127.0.0.1:1", "2998-01-01T00:00:00.000000Z", "command=tell&entity=local&message=hello+you",
	}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := w.Do(t, commandtest.Line("at", "action", "list")); len(got) != 8 || got[7] != "command=version" {
		t.Errorf("%q", got)
	}
	w.Do(t, commandtest.Line("at", "action", "remove", "index", "0"))
	w.Do(t, commandtest.Line("at", "action", "remove", "index", "0"))
	if answer := w.Ask(t, commandtest.Line("at", "action", "list")); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("%v", answer)
	}
	w.Fails(t, commandtest.Line("at", "action", "remove", "index", "0"), script.ErrNoScheduleFound)
	if got := w.Do(t, commandtest.Line("at", "action", "list")+asPartial); len(got) != 4 {
		t.Errorf("%q", got)
	}
	w.Fails(t, commandtest.Line("at", "action", "add", "time", "2999-01-01", "data", "command=version")+asPartial, script.ErrGroupSchedulesExceeded)
}

func TestAtRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	add := func(when, data string) string {
		return commandtest.Line("at", "action", "add", "time", when, "data", data)
	}
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=at", Error: script.ErrUnknownAction, Says: "add, get, remove, list"},
		{Line: "command=at&action=put", Error: script.ErrUnknownAction},
		{Line: "command=at&action=add", Error: script.ErrUnknownDateTimeStamp, Says: "time is missing"},
		{Line: add("soon", ""), Error: script.ErrUnknownDateTimeStamp, Says: "2024-05-06T07:08:09Z"},
		{Line: add("2999-01-01", ""), Error: script.ErrNoDataProvided, Says: "data is missing"},
		{Line: add("2999-01-01", "message=x"), Error: script.ErrInvalidParameter, Says: "no command in it"},
		{Line: add("2999-01-01", "command=frobnicate"), Error: script.ErrCommandNotFound, Says: "frobnicate"},
		{Line: add("2999-01-01", "command=at&action=list"), Error: script.ErrInvalidParameter, Says: "cannot make schedules"},
		{Line: add("2999-01-01", "command=version&group=Partial"), Error: script.ErrInvalidParameter, Says: "for the group that makes it"},
		{Line: "command=at&action=get", Error: script.ErrNoScheduleFound},
		{Line: "command=at&action=get&index=-1", Error: script.ErrInvalidParameter, Says: "index"},
		{Line: "command=at&action=remove", Error: script.ErrNoIndexProvided},
		{Line: "command=at&action=remove&index=1", Error: script.ErrNoScheduleFound, Says: "0 schedules"},
	}...)
}
