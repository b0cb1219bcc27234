package tcpserver

import "time"

// Handling input makes a goroutine's stack grow, and the runtime does not shrink
// it below 4 KiB again. A connection that falls silent afterwards gets a new
// reading goroutine, which waits on the smallest stack. A connection that is
// busy keeps the one it has.

// dozeAfter is how long a connection is silent, at the least, until then.
const dozeAfter = 5 * time.Second

// What Conn.stack may be.
const (
	stackSmall  int32 = iota // as it started
	stackLarge               // input was handled, not since the last sweep
	stackActive              // input was handled since the last sweep
)

// stackGrows notes that input is being handled.
func (c *Conn) stackGrows() {
	if was := c.stack.Load(); was != stackActive {
		c.stack.Store(stackActive)
		if was == stackSmall {
			c.srv.sweepLater()
		}
	}
}

func (s *Server) sweepLater() {
	if s.sweeping.Swap(true) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sweeper == nil {
		s.sweeper = time.AfterFunc(dozeAfter, s.sweep)
		return
	}
	s.sweeper.Reset(dozeAfter)
}

// sweep renews the reading goroutines of connections that have been silent
// since the last sweep.
func (s *Server) sweep() {
	s.sweeping.Store(false)
	again := false
	for _, c := range s.list() {
		switch c.stack.Load() {
		case stackActive:
			c.stack.Store(stackLarge)
			again = true
		case stackLarge:
			c.stack.Store(stackSmall)
			c.doze()
		}
	}
	if again {
		s.sweepLater()
	}
}

// doze has the reading goroutine start anew when it waits for input.
func (c *Conn) doze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == stateOpen && !c.upgrading && !c.paused {
		c.dozing = true
		c.wakeReader()
	}
}

func (s *Server) stopSweeper() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sweeper != nil {
		s.sweeper.Stop()
		s.sweeping.Store(false)
	}
}
