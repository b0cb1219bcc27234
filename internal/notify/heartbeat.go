package notify

import (
	"context"
	"runtime/metrics"
	"strconv"
	"time"

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

// vitals are measured once a second.
type vitals struct {
	start time.Time
	cpu   cpuMeter
	beats int64
	load  int     // per cent
	ram   float64 // bytes, mean over all beats
}

func (v *vitals) sample(now time.Time) {
	v.beats++
	v.load = v.cpu.load(now)
	v.ram += (float64(memory()) - v.ram) / float64(v.beats)
}

// memory returns what the program has from the system, in bytes.
func memory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}

// beat measures every second and tells every Heartbeat.
func (n *Notifier) beat(ctx context.Context) {
	if !n.o.Wanted(heartbeat.Name) {
		return
	}
	v := vitals{start: time.Now()}
	v.sample(v.start)
	seconds := time.NewTicker(time.Second)
	defer seconds.Stop()
	beats := time.NewTicker(n.o.Heartbeat)
	defer beats.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-seconds.C:
			v.sample(now)
		case now := <-beats.C:
			n.tell(heartbeat.Name, n.pulse(v, now), nil)
		}
	}
}

func (n *Notifier) pulse(v vitals, now time.Time) script.Pairs {
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
		{"cpu", int64(v.load)},
		{"ram", int64(v.ram)},
		{"beats", v.beats},
		{"uptime", int64(now.Sub(v.start).Seconds())},
	} {
		b.text(kv.key, strconv.FormatInt(kv.value, 10))
	}
	b.text("version", n.o.Version)
	return b.pairs()
}
