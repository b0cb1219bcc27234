package group_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const nobody = "870b5fa9-0b32-491e-8848-465666ae1151"

func TestInvitationsAreAnswered(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	seen := w.Watch(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	id := ada.ID().String()
	group := func(name string, fee int32) *simgrid.Group {
		g, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: name, Fee: fee, Members: []grid.UUID{ada.ID()}})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	birds, crows, rich := group("Birds", 0), group("Crows", 0), group("Rich Birds", 10)
	invite := func(g *simgrid.Group) string {
		t.Helper()
		before := make(map[grid.UUID]bool)
		for _, i := range w.Agent.Invitations() {
			before[i.Session] = true
		}
		ada.InviteToGroup(me, g)
		var new agent.GroupInvited
		w.Until(t, "the invitation", func() bool {
			for _, i := range w.Agent.Invitations() {
				if !before[i.Session] {
					new = i
				}
			}
			return new.Group == g.ID()
		})
		return new.Session.String()
	}
	if got := w.Do(t, "command=getgroupinvites"); len(got) != 0 {
		t.Errorf("waiting are %v", got)
	}
	join, again, decline, cost := invite(birds), invite(birds), invite(crows), invite(rich)
	row := func(g *simgrid.Group, session, fee string) []string {
		return []string{"firstname", "Ada", "lastname", "Rook", "agent", id, "group", g.Name(), "id", g.ID().String(), "session", session, "fee", fee}
	}
	want := append(append(append(row(birds, join, "0"), row(birds, again, "0")...), row(crows, decline, "0")...), row(rich, cost, "10")...)
	if diff := cmp.Diff(want, w.Do(t, "command=getgroupinvites")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.Refuses(
		t,
		commandtest.Refusal{Line: "command=replytogroupinvite&session=" + join, Error: script.ErrUnknownAction, Says: "accept, decline, ignore, purge"},
		commandtest.Refusal{Line: "command=replytogroupinvite&action=accept", Error: script.ErrNoSessionSpecified, Says: "session is missing"},
		commandtest.Refusal{Line: "command=replytogroupinvite&action=accept&session=" + nobody, Error: script.ErrGroupInviteNotFound},
		commandtest.Refusal{Line: "command=replytogroupinvite&action=decline&session=" + nobody, Error: script.ErrGroupInviteNotFound},
		commandtest.Refusal{Line: "command=replytogroupinvite&action=ignore&session=" + nobody, Error: script.ErrGroupInviteNotFound},
		commandtest.Refusal{Line: "command=replytogroupinvite&action=accept&session=" + cost, Error: script.ErrInsufficientFunds, Says: "L$10"},
	)
	w.Do(t, "command=addconfigurationgroup&target=Poor&id="+nobody+"&workers=1&schedules=0&permissions=group&notifications=local"+
		"&secret=5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8")
	answer := w.Fails(t, "command=replytogroupinvite&action=accept&session="+cost+"&group=Poor&password=password", script.ErrNoCorradePermissions)
	if !strings.Contains(answer.Get("error"), "economy") {
		t.Errorf("a group that may not spend money: %v", answer)
	}
	w.Do(t, "command=replytogroupinvite&action=accept&session="+join)
	commandtest.Saw(t, seen, func(e simgrid.GroupJoined) bool { return e.Group == birds.ID() && e.Agent == me })
	if !birds.Has(me) {
		t.Errorf("members are %v", birds.Members())
	}
	w.Fails(t, "command=replytogroupinvite&action=accept&session="+again, script.ErrAlreadyInGroup)
	w.Do(t, "command=replytogroupinvite&action=ignore&session="+again)
	w.Do(t, "command=replytogroupinvite&action=decline&session="+decline)
	commandtest.Saw(t, seen, func(e simgrid.GroupDeclined) bool { return e.Group == crows.ID() && e.Agent == me })
	invite(crows)
	w.Do(t, "command=replytogroupinvite&action=purge")
	if got := w.Do(t, "command=getgroupinvites"); len(got) != 0 || crows.Has(me) || rich.Has(me) {
		t.Errorf("after the purge waiting are %v", got)
	}
}

func TestAGridThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	birds, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "Birds", Members: []grid.UUID{ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	rich, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "Rich Birds", Fee: 10, Members: []grid.UUID{ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	ada.InviteToGroup(w.Agent.Self().ID, birds)
	ada.InviteToGroup(w.Agent.Self().ID, rich)
	w.Until(t, "the invitations", func() bool { return len(w.Agent.Invitations()) == 2 })
	sessions := make(map[grid.UUID]string)
	for _, i := range w.Agent.Invitations() {
		sessions[i.Group] = i.Session.String()
	}
	w.Silence(t)
	w.Agent.SetTimeouts(time.Second, 50*time.Millisecond)
	w.Fails(t, "command=replytogroupinvite&action=accept&timeout=300&session="+sessions[birds.ID()], script.ErrTimeoutJoiningGroup)
	w.Fails(t, "command=replytogroupinvite&action=accept&timeout=300&session="+sessions[rich.ID()], script.ErrUnableToObtainMoneyBalance)
	if got := w.Do(t, "command=getgroupinvites&timeout=300"); len(got) != 28 {
		t.Errorf("waiting are %v", got)
	}
}
