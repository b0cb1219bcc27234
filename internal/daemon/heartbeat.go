package daemon

import (
	"context"
	"time"

	"rookery/agent"
)

// heartbeat logs how the program is, again and again.
func (d *Daemon) heartbeat(ctx context.Context, every time.Duration) {
	if every == 0 {
		return
	}
	beats := time.NewTicker(every)
	defer beats.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beats.C:
			online, executing, executed := 0, int64(0), int64(0)
			for _, r := range d.agents {
				if r.agent.State() == agent.Online {
					online++
				}
				s := r.dispatcher.Stats()
				executing, executed = executing+s.Executing, executed+s.Executed
			}
			v := d.vitals.State()
			d.log.Info("heartbeat", "uptime", now.Sub(v.Start).Round(time.Second), "agents", len(d.agents), "online", online,
				"executing", executing, "executed", executed, "cpu_percent", v.CPUMean, "memory_bytes", int64(v.RAM))
		}
	}
}
