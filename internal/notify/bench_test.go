package notify

import (
	"testing"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/bus"
)

// BenchmarkHear makes the text of one line of chat and of one move.
func BenchmarkHear(b *testing.B) {
	for name, e := range map[string]agent.Event{
		"local": agent.ChatHeard{
			FromName: "Ada Rook", Source: someone, Owner: someone, Kind: grid.ChatSourceAgent, Type: grid.ChatNormal,
			Message: "Good morning, how are you today?",
		},
		"terse": agent.TerseUpdate{ID: thing, PCode: grid.PCodePrim, Position: grid.Vector3{X: 1.5}, Rotation: grid.Identity},
	} {
		b.Run(name, func(b *testing.B) {
			n := newNotifier(Options{Agent: offline(b), Publish: func(bus.Notification) {}})
			b.ReportAllocs()
			for b.Loop() {
				n.hear(e)
			}
		})
	}
}
