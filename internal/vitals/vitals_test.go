package vitals

import (
	"testing"
	"time"
)

func TestAMeterRemembersTheLatestSeconds(t *testing.T) {
	t.Parallel()
	m := New()
	start := m.State().Start
	for i := range 2 * History {
		m.sample(start.Add(time.Duration(i+1) * time.Second))
	}
	s := m.State()
	if s.Beats != 2*History+1 || s.RAM <= 0 || s.CPU < 0 || s.CPUMean < 0 {
		t.Errorf("%+v", s)
	}
	for _, points := range [][]Point{s.CPUHistory, s.RAMHistory} {
		if len(points) != History || points[History-1].At != start.Add(2*History*time.Second) || !points[0].At.Before(points[1].At) {
			t.Errorf("%d points from %v to %v", len(points), points[0].At, points[len(points)-1].At)
		}
	}
	s.RAMHistory[0].Value = -1
	if m.State().RAMHistory[0].Value == -1 {
		t.Error("a state can be changed from outside")
	}
}
