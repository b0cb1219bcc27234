package notify

import (
	"context"
	"strconv"
	"sync"
	"time"

	"rookery/internal/vitals"
	"rookery/script"
)

// heartbeat tells that the program is alive. No event makes it; see beat.
var heartbeat = Kind{
	Name:    "heartbeat",
	Summary: "The program is alive; told every 60 s.",
	Keys: []Key{
		{"executing", "commands running now"},
		{"executingrlv", "restrained-love behaviours running now"},
		{"totalcommands", "commands done"},
		{"totalrlv", "restrained-love behaviours done"},
		{"cpu", "processor time of the last second, per cent of all cores"},
		{"ram", "memory of the program, bytes, running mean"},
		{"beats", "seconds counted"},
		{"uptime", "seconds since the agent was started"},
		{"version", "version of the program"},
	},
}

// beat tells every Heartbeat.
func (n *Notifier) beat(ctx context.Context) {
	if !n.o.Wanted(heartbeat.Name) {
		return
	}
	meter := n.o.Vitals
	if meter == nil {
		meter = vitals.New()
		var measuring sync.WaitGroup
		defer measuring.Wait()
		measuring.Go(func() { meter.Run(ctx) })
	}
	start := time.Now()
	beats := time.NewTicker(n.o.Heartbeat)
	defer beats.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beats.C:
			n.tell(heartbeat.Name, n.pulse(meter.State(), now.Sub(start)), nil)
		}
	}
}

func (n *Notifier) pulse(v vitals.State, uptime time.Duration) script.Pairs {
	var executing, executed int64
	if n.o.Commands != nil {
		executing, executed = n.o.Commands()
	}
	var b build
	for _, kv := range []struct {
		key   string
		value int64
	}{
		{"executing", executing},
		{"executingrlv", 0},
		{"totalcommands", executed},
		{"totalrlv", 0},
		{"cpu", int64(v.CPU)},
		{"ram", int64(v.RAM)},
		{"beats", v.Beats},
		{"uptime", int64(uptime.Seconds())},
	} {
		b.text(kv.key, strconv.FormatInt(kv.value, 10))
	}
	b.text("version", n.o.Version)
	return b.pairs()
}
