package e2e

import (
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"

	"rookery/grid/circuit"
	"rookery/simgrid"
)

// sources remembers where packets come from.
type sources struct {
	mu    sync.Mutex
	hosts []string
}

func (s *sources) of(pc net.PacketConn) net.PacketConn { return sourcedConn{pc, s} }

func (s *sources) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hosts)
}

type sourcedConn struct {
	net.PacketConn
	s *sources
}

func (c sourcedConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if from != nil {
		host, _, _ := net.SplitHostPort(from.String())
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if !slices.Contains(c.s.hosts, host) {
			c.s.hosts = append(c.s.hosts, host)
		}
	}
	return n, from, err
}

func TestAnAgentIsTowardsTheGridAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	var seen sources
	w := newWorld(t, simgrid.Config{Network: seen.of})
	bind := "127.0.0.1"
	if runtime.GOOS == "linux" { // all of 127/8 is this machine
		bind = "127.0.0.7"
	}
	path := w.configure(plainDoor, twoGroups+"\n[log]\nheartbeat = \"1s\"\n")
	rewrite(t, path, replacing(`avatar = "Robin Rook"`, `avatar = "Robin Rook"
language = "pt-br"
language_public = false
neighbours = false
bind = "`+bind+`"`))
	p := start(t, "run", "--config", path)
	told := awaitEvent(w, func(e simgrid.LanguageTold) bool { return e.Agent == w.agent })
	if told.Language != "pt-br" || told.Public {
		t.Errorf("told %+v", told)
	}
	p.logged("heartbeat", "agents=1", "online=1")
	if got := seen.all(); len(got) != 1 || got[0] != bind {
		t.Errorf("packets came from %v", got)
	}
	k := dialPlain(t, p.ready.TCP)
	k.say("command=getnetworkdata&data=Simulators&group=Listeners&password=l&_id=1")
	if answer := k.await("the regions", has("_id=1", "success=True")); answer.Get("data") != "Simulators,Index,0,Rookery" {
		t.Errorf("the agent sees %q", answer.Get("data"))
	}
}

func TestTheThrottleIsAskedOfRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	start(t, "run", "--config", w.configure(plainDoor, twoGroups+"\n[throttle]\ntask = 123456\nwind = 400\n"))
	asked := awaitEvent(w, func(e simgrid.ThrottleAsked) bool { return e.Agent == w.agent })
	want := circuit.Throttle{Resend: 100000, Land: 50000, Wind: 400, Cloud: 10000, Task: 123456, Texture: 50000, Asset: 200000}
	if asked.Throttle != want {
		t.Errorf("asked for %+v", asked.Throttle)
	}
}
