// Package vitals measures how a program is: the processor time and memory it
// uses, once a second.
package vitals

import (
	"context"
	"runtime/metrics"
	"sync"
	"time"
)

// History is how many seconds are remembered.
const History = 60

// Point is a value at a moment.
type Point struct {
	At    time.Time
	Value float64
}

// State is what was measured until some moment.
type State struct {
	Start time.Time
	// Beats is how many seconds were measured.
	Beats int64
	// CPU is the processor time of the last second, CPUMean that of the
	// remembered ones, both in per cent of all cores.
	CPU, CPUMean int
	// RAM is the mean of the memory over all beats, in bytes.
	RAM float64
	// CPUHistory and RAMHistory are the remembered seconds, oldest first, in
	// per cent and in bytes.
	CPUHistory, RAMHistory []Point
}

// Meter measures. Make it with [New]; its methods may be called from any
// goroutine.
type Meter struct {
	mu  sync.Mutex
	cpu cpuMeter
	now State
}

// New returns a meter that has measured once.
func New() *Meter {
	m := &Meter{now: State{Start: time.Now()}}
	m.sample(m.now.Start)
	return m
}

// Run measures every second until ctx ends.
func (m *Meter) Run(ctx context.Context) {
	seconds := time.NewTicker(time.Second)
	defer seconds.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-seconds.C:
			m.sample(now)
		}
	}
}

// State returns what was measured.
func (m *Meter) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.now
	s.CPUHistory = append([]Point(nil), s.CPUHistory...)
	s.RAMHistory = append([]Point(nil), s.RAMHistory...)
	return s
}

func (m *Meter) sample(now time.Time) {
	used := float64(memory())
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.now
	s.Beats++
	s.CPU = m.cpu.load(now)
	s.RAM += (used - s.RAM) / float64(s.Beats)
	s.CPUHistory = remember(s.CPUHistory, Point{now, float64(s.CPU)})
	s.RAMHistory = remember(s.RAMHistory, Point{now, used})
	var sum float64
	for _, p := range s.CPUHistory {
		sum += p.Value
	}
	s.CPUMean = int(sum / float64(len(s.CPUHistory)))
}

func remember(points []Point, p Point) []Point {
	if len(points) == History {
		points = append(points[:0], points[1:]...)
	}
	return append(points, p)
}

// memory returns what the program has from the system, in bytes.
func memory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}
