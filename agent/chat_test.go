package agent_test

import (
	"errors"
	"strings"
	"testing"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func TestChatCarriesAsFarAsItsType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	speaker := w.bot("Speaker", startAt("Rookery", 20, 128, 22))
	listeners := map[float32]*bot{}
	for distance, name := range map[float32]string{5: "Close", 15: "Middling", 80: "Far", 180: "Gone"} {
		listeners[distance] = w.bot(name, startAt("Rookery", 20+distance, 128, 22))
	}
	for typ, reach := range map[grid.ChatType]float32{grid.ChatWhisper: 10, grid.ChatNormal: 20, grid.ChatShout: 100} {
		must(t, speaker.Chat(w.ctx, "this is a "+typ.String(), typ, 0))
		// The last word is heard by all within a shout, and comes after.
		for distance, l := range listeners {
			if distance > reach {
				continue
			}
			c := heard(l, 0, func(e agent.ChatHeard) bool { return e.Type == typ })
			if c.Source != speaker.Self().ID || c.Owner != c.Source || c.FromName != "Speaker Bot" ||
				c.Kind != grid.ChatSourceAgent || c.Message != "this is a "+typ.String() || c.Audible != grid.ChatAudibleFully ||
				c.Region != w.Region("Rookery").Handle() || c.Position.Distance2D(grid.Vector3{X: 20, Y: 128}) > 1 {
				t.Errorf("%v m away: heard %+v", distance, c)
			}
		}
		heard(speaker, 0, func(e agent.ChatHeard) bool { return e.Type == typ }) // itself
	}
	// What is not heard cannot be waited for: a sign that all was delivered can.
	for distance, l := range listeners {
		mark := l.mark()
		must(t, w.Alert(l.Self().ID, "that was all"))
		heard[agent.Alert](l, mark, nil)
		for _, c := range all[agent.ChatHeard](l) {
			if reach, _ := grid.ChatRange(c.Type); distance > reach {
				t.Errorf("%v m away: heard a %v", distance, c.Type)
			}
		}
	}
}

func TestThingsSpeakInTheirOwnWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Owner", startAt("Rookery", 128, 128, 22))
	prim, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{
		Name: "Talking Box", Owner: b.Self().ID, Position: grid.Vector3{X: 130, Y: 128, Z: 22},
	})
	must(t, err)
	must(t, prim.Say(grid.ChatNormal, 0, "plain"))
	must(t, prim.OwnerSay("for my owner"))
	must(t, prim.RegionSayTo(b.Self().ID, 0, "for you"))
	must(t, prim.Say(grid.ChatDebug, 0, "Script run-time error"))
	for typ, text := range map[grid.ChatType]string{
		grid.ChatNormal: "plain", grid.ChatOwnerSay: "for my owner",
		grid.ChatRegionSayTo: "for you", grid.ChatDebug: "Script run-time error",
	} {
		c := heard(b, 0, func(e agent.ChatHeard) bool { return e.Type == typ && e.Kind == grid.ChatSourceObject })
		if c.Message != text || c.FromName != "Talking Box" || c.Source != prim.ID() || c.Owner != b.Self().ID {
			t.Errorf("%v: heard %+v", typ, c)
		}
	}
}

func TestChatReachesChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Caller", startAt("Rookery", 128, 128, 22))
	prim, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Position: grid.Vector3{X: 130, Y: 128, Z: 22}})
	must(t, err)
	for _, channel := range []int32{7, 2147483647, -42} {
		said := make(chan simgrid.Heard, 1)
		must(t, prim.Listen(channel, func(h simgrid.Heard) { said <- h }))
		must(t, b.Chat(w.ctx, "to the box", grid.ChatNormal, channel))
		select {
		case h := <-said:
			if h.Text != "to the box" || h.Speaker != b.Self().ID || h.Channel != channel {
				t.Errorf("channel %d: the box heard %+v", channel, h)
			}
		case <-w.ctx.Done():
			t.Fatalf("channel %d: the box heard nothing", channel)
		}
	}
}

func TestTypingShowsInChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	a := w.bot("Typist", startAt("Rookery", 128, 128, 22))
	b := w.bot("Reader", startAt("Rookery", 130, 128, 22))
	for _, start := range []bool{true, false} {
		must(t, a.ChatTyping(w.ctx, start))
		e := heard(b, 0, func(e agent.TypingChanged) bool { return e.Start == start && e.Agent == a.Self().ID })
		if e.IM || e.FromName != "Typist Bot" {
			t.Errorf("told %+v", e)
		}
		w.awaitState(a, func(s simgrid.AvatarState) bool { return s.Typing == start && s.Playing(grid.AnimType) == start })
		if a.IsTyping() != start {
			t.Errorf("is typing: %v", !start)
		}
	}
}

func TestTextThatTheGridCannotCarryIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Verbose", nil)
	if err := b.Say(w.ctx, strings.Repeat("é", 512)); !errors.Is(err, agent.ErrTooLong) {
		t.Errorf("1024 bytes: %v", err)
	}
	if err := b.Say(w.ctx, "with a \x00 in it"); err == nil {
		t.Error("NUL: no error")
	}
	longest := strings.Repeat("x", grid.ChatLimit)
	must(t, b.Say(w.ctx, longest))
	heard(b, 0, func(e agent.ChatHeard) bool { return e.Message == longest })
}

func TestAlertsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Alert", nil)
	must(t, w.Alert(b.Self().ID, "Mind your head."))
	must(t, w.AgentAlert(b.Self().ID, "Click me away.", true))
	heard(b, 0, func(e agent.Alert) bool { return e.Message == "Mind your head." && !e.Agent && !e.Modal })
	heard(b, 0, func(e agent.Alert) bool { return e.Message == "Click me away." && e.Agent && e.Modal })
}
