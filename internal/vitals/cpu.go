package vitals

import (
	"runtime"
	"time"
)

// cpuMeter turns processor time into load.
type cpuMeter struct {
	at   time.Time
	used time.Duration
}

// load returns the share of all cores, in per cent, that the program used since
// the last call.
func (m *cpuMeter) load(now time.Time) int {
	used := cpuTime()
	elapsed, spent := now.Sub(m.at), used-m.used
	first := m.at.IsZero()
	m.at, m.used = now, used
	if first || elapsed <= 0 {
		return 0
	}
	return int(100 * spent.Seconds() / elapsed.Seconds() / float64(runtime.NumCPU()))
}
