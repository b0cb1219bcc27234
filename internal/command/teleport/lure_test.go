package teleport_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

const nobody = "870b5fa9-0b32-491e-8848-465666ae1151"

func TestLuresAreAnswered(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	seen := w.Watch(t)
	there := grid.Vector3{X: 40, Y: 50, Z: 23}
	ada, err := w.Grid.AddInhabitant(simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Region: "Heronry", Position: there})
	if err != nil {
		t.Fatal(err)
	}
	id := ada.ID().String()
	lure := func() string {
		t.Helper()
		session := ada.Lure(me, "come")
		w.Until(t, "the lure", func() bool {
			for _, l := range w.Agent.Lures() {
				if l.Session == session {
					return true
				}
			}
			return false
		})
		return session.String()
	}
	if got := w.Do(t, "command=getteleportlures"); len(got) != 0 {
		t.Errorf("waiting are %v", got)
	}
	ignored, declined, accepted := lure(), lure(), lure()
	row := func(session string) []string {
		return []string{"firstname", "Ada", "lastname", "Rook", "UUID", id, "session", session}
	}
	if diff := cmp.Diff(append(append(row(ignored), row(declined)...), row(accepted)...), w.Do(t, "command=getteleportlures")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.Refuses(
		t,
		commandtest.Refusal{Line: "command=replytoteleportlure&session=" + accepted, Error: script.ErrUnknownAction, Says: "accept, decline, ignore, purge"},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=accept", Error: script.ErrNoSessionSpecified, Says: "session is missing"},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=accept&session=x", Error: script.ErrNoSessionSpecified, Says: "36 characters"},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=accept&session=" + nobody, Error: script.ErrTeleportLureNotFound},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=decline&session=" + nobody, Error: script.ErrTeleportLureNotFound},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=ignore&session=" + nobody, Error: script.ErrTeleportLureNotFound},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=accept&firstname=No&lastname=Body&session=" + accepted + "&timeout=500", Error: script.ErrAgentNotFound},
		commandtest.Refusal{Line: "command=replytoteleportlure&action=accept&agent=" + nobody + "&session=" + accepted, Error: script.ErrTeleportLureNotFound, Says: "did not offer"},
	)
	w.Do(t, "command=replytoteleportlure&action=ignore&session="+ignored)
	w.Do(t, "command=replytoteleportlure&action=decline&agent="+id+"&session="+declined)
	e := commandtest.Saw(t, seen, func(e simgrid.MessageSent) bool { return e.To == ada.ID() })
	if e.Dialog != grid.IMDenyTeleport {
		t.Errorf("the answer is %+v", e)
	}
	w.Do(t, "command=replytoteleportlure&action=accept&firstname=Ada&lastname=Rook&session="+accepted)
	s := w.Await(t, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" })
	if s.Position.Distance(there) > 2 {
		t.Errorf("arrived at %v", s.Position)
	}
	w.Grid.RefuseTeleports(me, "Not today.")
	if answer := w.Fails(t, "command=replytoteleportlure&action=accept&session="+lure(), script.ErrTeleportFailed); answer.Get("data") != "Not today." {
		t.Errorf("refused: %v", answer)
	}
	lure()
	lure()
	w.Do(t, "command=replytoteleportlure&action=purge")
	if got := w.Do(t, "command=getteleportlures"); len(got) != 0 {
		t.Errorf("after the purge waiting are %v", got)
	}
}
