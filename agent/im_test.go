package agent_test

import (
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func TestInstantMessagesGoBothWaysAcrossRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	a := w.bot("Ada", startAt("Rookery", 128, 128, 22))
	b := w.bot("Ben", startAt("Heronry", 128, 128, 22))
	before := time.Now().Add(-time.Minute)
	for from, to := range map[*bot]*bot{a: b, b: a} {
		must(t, from.InstantMessage(w.ctx, to.Self().ID, "Grüße von "+from.Self().Name.First))
		m := heard[agent.MessageReceived](to, 0, nil)
		if m.From != from.Self().ID || m.FromName != from.Self().Name.String() || m.Message != "Grüße von "+from.Self().Name.First ||
			m.To != to.Self().ID || m.Dialog != grid.IMMessageFromAgent || m.Offline || m.Time.Before(before) ||
			m.Session != grid.IMSession(a.Self().ID, b.Self().ID) {
			t.Errorf("received %+v", m)
		}
	}
}

func TestTypingShowsInMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	a, b := w.bot("Ada", nil), w.bot("Ben", nil)
	for _, start := range []bool{true, false} {
		must(t, a.MessageTyping(w.ctx, b.Self().ID, start))
		e := heard(b, 0, func(e agent.TypingChanged) bool { return e.Start == start })
		if !e.IM || e.Agent != a.Self().ID || e.FromName != "Ada Bot" {
			t.Errorf("told %+v", e)
		}
	}
}

func TestMessagesWaitForTheLogin(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim})
			sender := w.bot("Sender", nil)
			away := w.newBot("Sleeper", nil)
			id := w.Account("Sleeper", "Bot").ID()
			must(t, sender.InstantMessage(w.ctx, id, "when you wake up"))
			await(w, func(e simgrid.MessageSent) bool { return e.To == id && !e.Delivered })
			must(t, away.Login(w.ctx))
			m := heard(away, 0, func(e agent.MessageReceived) bool { return e.From == sender.Self().ID })
			if m.Message != "when you wake up" || !m.Offline || m.FromName != "Sender Bot" {
				t.Errorf("received %+v", m)
			}
		})
	}
}

func TestObjectsSendMessages(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim})
			owner := grid.UUID{1, 2, 3}
			b := w.bot("Listener", nil)
			prim, err := w.Region("Heronry").AddPrim(simgrid.PrimConfig{Name: "Postbox", Owner: owner, Position: grid.Vector3{X: 9, Y: 9, Z: 22}})
			must(t, err)
			must(t, prim.Message(b.Self().ID, "you have mail"))
			m := heard[agent.ObjectMessage](b, 0, nil)
			if m.Message != "you have mail" || m.FromName != "Postbox" || m.Object != prim.ID() {
				t.Errorf("received %+v", m)
			}
			if !opensim && m.Owner != owner {
				t.Errorf("owner %v", m.Owner)
			}
		})
	}
}

func TestBusyAgentAnswersOncePerWriter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	busy := w.bot("Busy", func(c *agent.Config) { c.BusyReply = "Not now." })
	a, b := w.bot("Ada", nil), w.bot("Ben", nil)
	must(t, busy.Busy(w.ctx, true))
	w.awaitState(busy, func(s simgrid.AvatarState) bool { return s.Busy })
	must(t, a.InstantMessage(w.ctx, busy.Self().ID, "one"))
	must(t, a.InstantMessage(w.ctx, busy.Self().ID, "two"))
	must(t, b.InstantMessage(w.ctx, busy.Self().ID, "three"))
	for _, writer := range []*bot{a, b} {
		m := heard(writer, 0, func(e agent.DialogReceived) bool { return e.Dialog == grid.IMBusyAutoResponse })
		if m.Message != "Not now." || m.From != busy.Self().ID {
			t.Errorf("received %+v", m)
		}
	}
	must(t, busy.Busy(w.ctx, false))
	w.awaitState(busy, func(s simgrid.AvatarState) bool { return !s.Busy })
	must(t, b.InstantMessage(w.ctx, busy.Self().ID, "four"))
	heard(busy, 0, func(e agent.MessageReceived) bool { return e.Message == "four" })
	must(t, busy.InstantMessage(w.ctx, a.Self().ID, "here I am"))
	heard(a, 0, func(e agent.MessageReceived) bool { return e.Message == "here I am" })
	for _, writer := range []*bot{a, b} {
		n := 0
		for _, e := range all[agent.DialogReceived](writer) {
			if e.Dialog == grid.IMBusyAutoResponse {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%v: %d automatic answers", writer.Self().Name, n)
		}
	}
}
