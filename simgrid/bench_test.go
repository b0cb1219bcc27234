package simgrid

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// BenchmarkStep is one tick of a region in which everybody walks and everybody
// looks: a second has twenty of them. The time of the viewers, who receive and
// acknowledge in the same process, is in it.
func BenchmarkStep(b *testing.B) {
	for _, n := range []int{10, 250} {
		b.Run(fmt.Sprintf("avatars=%d", n), func(b *testing.B) {
			g, err := Start(Config{Tick: time.Second, Regions: []RegionConfig{{Name: "Here", X: 1, MaxAgents: n}}})
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			r := g.Region("Here")
			r.lock()
			g.cfg.Tick = defaultTick // the clock itself stays slow; steps are ours
			r.unlock()
			random := rand.New(rand.NewPCG(1, 2))
			for i := range n {
				a, err := g.AddAccount(fmt.Sprintf("Bot%d", i), "Tester", "secret")
				if err != nil {
					b.Fatal(err)
				}
				ep, err := circuit.Listen("127.0.0.1:0", circuit.Options{})
				if err != nil {
					b.Fatal(err)
				}
				defer ep.Close()
				s := g.newSession(a, r, Place{Position: grid.Vector3{X: random.Float32() * 256, Y: random.Float32() * 256}})
				r.lock()
				r.presenceOf(s)
				r.unlock()
				c, err := ep.Dial(r.Addr(), func(*circuit.Circuit, message.Message) {})
				if err != nil {
					b.Fatal(err)
				}
				for _, m := range []message.Message{
					&message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{Code: s.code, SessionID: s.id, ID: a.id}},
					&message.RegionHandshakeReply{},
					&message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{AgentID: a.id, SessionID: s.id, CircuitCode: s.code}},
				} {
					if err := c.SendWait(b.Context(), m); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := g.AwaitAvatar(b.Context(), a.id, nil); err != nil {
					b.Fatal(err)
				}
			}
			turn := func() {
				for _, av := range r.avatars {
					av.motion.Rotation = grid.RotationZ(random.Float64() * 6)
					r.control(av, grid.ControlAtPos)
				}
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.lock()
				if i%100 == 0 {
					turn()
				}
				r.step(time.Now(), defaultTick)
				r.unlock()
			}
		})
	}
}
