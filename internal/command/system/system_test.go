package system_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/agent"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestVersionIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	if got := w.Ask(t, "command=version").Get("data"); got != "1.2.3.4" {
		t.Errorf("%q", got)
	}
}

func TestListCommandsListsWhatTheGroupMayGive(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	all := w.Do(t, "command=listcommands")
	if !slices.IsSorted(all) || !slices.Contains(all, "tell") || !slices.Contains(all, "version") || len(all) != len(w.Registry.All()) {
		t.Errorf("%v", all)
	}
	few := w.Do(t, "command=listcommands&group="+commandtest.Powerless+"&password="+commandtest.PowerlessPass)
	if diff := cmp.Diff([]string{"getcommand", "getstatus", "listcommands", "version"}, few); diff != "" {
		t.Errorf("without rights (-want +got):\n%s", diff)
	}
}

func TestGetCommandTellsSyntaxAndPermission(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	syntax := w.Ask(t, "command=getcommand&name=NUDGE&entity=syntax&type=input").Get("data")
	if !strings.HasPrefix(syntax, "<command=nudge>&<group=<UUID|STRING>>&<password=<STRING>>&<direction=<back|forward|left|right|up|down>>") {
		t.Errorf("%q", syntax)
	}
	if got := w.Do(t, "command=getcommand&name=nudge&entity=Permission"); !slices.Equal(got, []string{"movement"}) {
		t.Errorf("%q", got)
	}
	if got := w.Do(t, "command=getcommand&name=getavatarsdata&entity=family"); !slices.Equal(got, []string{"getavatardata", "singular"}) {
		t.Errorf("family %q", got)
	}
	if answer := w.Ask(t, "command=getcommand&name=getstatus&entity=family"); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("no family: %v", answer)
	}
	if answer := w.Ask(t, "command=getcommand&name=version&entity=permission"); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("of a command for everybody: %v", answer)
	}
}

func TestLogoutLeavesTheGridAndLoginComesBack(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	seen := w.Watch(t)
	id := w.Agent.Self().ID
	w.Do(t, "command=logout")
	commandtest.Saw(t, seen, func(e simgrid.LoggedOut) bool { return e.Agent == id })
	w.Heard(t, "login", script.Pairs{{Key: "action", Value: "logout"}})
	if state := w.Agent.State(); state != agent.Offline {
		t.Errorf("after logout the agent is %v", state)
	}
	w.Do(t, "command=logout") // no error
	w.Fails(t, "command=fly&action=start", script.ErrNotConnected)
	w.Do(t, "command=version") // goes on answering

	w.Do(t, "command=login")
	commandtest.Saw(t, seen, func(e simgrid.Arrived) bool { return e.Agent == id })
	w.Heard(t, "login", script.Pairs{{Key: "action", Value: "login"}, {Key: "status", Value: "Success"}})
	w.Do(t, "command=fly&action=start")
	w.Do(t, "command=login") // no error
}

func TestLoginTakesALocation(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Fails(t, "command=login&location=home", script.ErrInvalidParameter) // it is in the grid
	w.Do(t, "command=logout")
	w.Do(t, "command=login&location=Heronry/30/40/25")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" && s.Position.X < 40 })
}

func TestRefusedLoginTellsWhy(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=logout")
	w.Grid.RefuseLogins(&simgrid.Refusal{Reason: "key", Message: "Not today."})
	answer := w.Fails(t, "command=login", script.ErrUnableToAuthenticate)
	if answer.Get("data") != "Not today." {
		t.Errorf("%v", answer)
	}
	w.Heard(t, "login", script.Pairs{{Key: "status", Value: "Failed"}, {Key: "fail", Value: "key"}, {Key: "message", Value: "Not today."}})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=getcommand", Error: script.ErrNoNameProvided},
		{Line: "command=getcommand&name=frobnicate&entity=x", Error: script.ErrCommandNotFound}, // the name first
		{Line: "command=getcommand&name=nudge", Error: script.ErrUnknownEntity, Says: "syntax, permission"},
		{Line: "command=getcommand&name=nudge&entity=price", Error: script.ErrUnknownEntity, Says: `"price"`},
		{Line: "command=getcommand&name=nudge&entity=syntax", Error: script.ErrUnknownSyntaxType, Says: "allowed is input"},
		{Line: "command=getcommand&name=nudge&entity=syntax&type=output", Error: script.ErrUnknownSyntaxType},
		{Line: "command=login&location=Nowhere%2Fx%2Fy", Error: script.ErrInvalidParameter, Says: "location"},
		{Line: "command=logout&timeout=never", Error: script.ErrInvalidParameter, Says: "timeout"},
	}...)
}
