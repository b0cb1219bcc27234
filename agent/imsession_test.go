package agent_test

import (
	"testing"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

// awaitGroups waits until an agent has been told of as many groups.
func (b *bot) awaitGroups(n int) {
	b.w.t.Helper()
	heard(b, 0, func(e agent.GroupsChanged) bool { return len(e.Groups) == n })
}

// grids runs a test against a grid of each kind.
func grids(t *testing.T, test func(t *testing.T, w *world)) {
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, simgrid.Config{OpenSim: opensim}))
		})
	}
}

func TestGroupChatIsToldApartFromConferencesAndMessages(t *testing.T) {
	t.Parallel()
	grids(t, func(t *testing.T, w *world) {
		ada, ben := w.bot("Ada", nil), w.bot("Ben", nil)
		members := []grid.UUID{ada.Self().ID, ben.Self().ID}
		group, err := w.AddGroup(simgrid.GroupConfig{Name: "Rook Lovers", Members: members})
		must(t, err)
		conference, err := w.AddConference("Ada's table", members...)
		must(t, err)
		ada.awaitGroups(1)
		if g := ada.Groups()[0]; g.ID != group.ID() || g.Name != "Rook Lovers" {
			t.Errorf("group %+v", g)
		}
		// The first line comes with an invitation, the second does not.
		for _, text := range []string{"first", "second"} {
			must(t, group.Say(ben.Self().ID, text))
			must(t, conference.Say(ben.Self().ID, text))
			g := heard(ada, 0, func(e agent.GroupMessage) bool { return e.Message == text })
			if g.Session != group.ID() || g.GroupName != "Rook Lovers" || g.From != ben.Self().ID || g.FromName != "Ben Bot" || g.Time.IsZero() {
				t.Errorf("heard %+v", g)
			}
			c := heard(ada, 0, func(e agent.ConferenceMessage) bool { return e.Message == text })
			if c.Session != conference.ID() || c.Name != "Ada's table" || c.FromName != "Ben Bot" {
				t.Errorf("heard %+v", c)
			}
		}
		// What the agent says there it hears, too.
		must(t, ada.SendInstantMessage(w.ctx, agent.OutgoingMessage{To: group.ID(), Session: group.ID(), Dialog: grid.IMSessionSend, Message: "mine"}))
		heard(ada, 0, func(e agent.GroupMessage) bool { return e.Message == "mine" && e.From == ada.Self().ID })
		must(t, ben.InstantMessage(w.ctx, ada.Self().ID, "just you"))
		heard(ada, 0, func(e agent.MessageReceived) bool { return e.Message == "just you" })
		if n := len(all[agent.GroupMessage](ada)); n != 3 {
			t.Errorf("%d lines of the group, want 3", n)
		}
		if n := len(all[agent.MessageReceived](ada)); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
	})
}

func TestInvitationsToSessionsAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	ada, ben := w.bot("Ada", nil), w.bot("Ben", nil)
	conference, err := w.AddConference("talk", ada.Self().ID, ben.Self().ID)
	must(t, err)
	must(t, conference.Say(ben.Self().ID, "hello"))
	await(w, func(e simgrid.SessionAccepted) bool { return e.Agent == ada.Self().ID && e.Session == conference.ID() })
}

func TestMessagesToARegionAreTold(t *testing.T) {
	t.Parallel()
	grids(t, func(t *testing.T, w *world) {
		a := w.bot("Ada", nil)
		manager := grid.UUID{7}
		w.Region("Rookery").RegionMessage(manager, "Estate Manager", "restart in five minutes")
		m := heard[agent.RegionMessage](a, 0, nil)
		if m.From != manager || m.FromName != "Estate Manager" || m.Message != "restart in five minutes" {
			t.Errorf("heard %+v", m)
		}
	})
}

func TestSentMessagesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	a, b := w.bot("Ada", func(c *agent.Config) { c.BusyReply = "Not now." }), w.bot("Ben", nil)
	must(t, a.InstantMessage(w.ctx, b.Self().ID, "hello"))
	m := heard[agent.MessageSent](a, 0, nil)
	if m.From != a.Self().ID || m.FromName != "Ada Bot" || m.To != b.Self().ID || m.Message != "hello" || m.Dialog != grid.IMMessageFromAgent {
		t.Errorf("told %+v", m)
	}
	must(t, a.Busy(w.ctx, true))
	w.awaitState(a, func(s simgrid.AvatarState) bool { return s.Busy })
	must(t, b.InstantMessage(w.ctx, a.Self().ID, "are you there?"))
	heard(a, 0, func(e agent.MessageSent) bool { return e.Message == "Not now." && e.Dialog == grid.IMBusyAutoResponse })
}
