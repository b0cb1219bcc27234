package tcpserver

import (
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type connState uint8

const (
	stateNew     connState = iota // not yet Connected
	stateOpen                     // Connected
	stateClosing                  // closing once the queue is delivered
	stateDead                     // closed, or about to be without further ado
)

type writeState uint8

const (
	writeIdle    writeState = iota // nobody writes
	writeBusy                      // somebody owns the writing side
	writeBlocked                   // a goroutine waits until the socket takes data
)

// Conn is one client. Its methods may be called from any goroutine.
type Conn struct {
	id      uint64
	srv     *Server
	opt     *options
	nc      *net.TCPConn
	raw     syscall.RawConn
	readFn  func(fd uintptr) bool
	writeFn func(fd uintptr) bool
	framing atomic.Pointer[framing]
	tls     atomic.Pointer[tlsSide]
	moved   atomic.Int64 // when bytes last moved, since epoch
	held    atomic.Int64 // received bytes that are not yet delivered
	stop    atomic.Bool  // the reading goroutine must look at the state
	corked  atomic.Bool  // more input is at hand: replies leave together
	stack   atomic.Int32 // how large the reading goroutine's stack may be: see doze.go

	events sync.Mutex // held while an event of this connection runs
	mu     sync.Mutex // guards everything below
	cond   sync.Cond  // of mu: something below changed

	state     connState
	writing   writeState
	hold      bool // nothing may be flushed: not connected, handshake, file
	upgrading bool // StartSSL was called
	paused    bool
	dozing    bool // the reading goroutine is to start anew
	draining  bool // a goroutine delivers pending
	finished  bool // no event may follow
	announced bool // Connected was told
	wantReady bool // a Send failed: tell when there is room
	dropping  bool // in an episode of dropped messages
	halfDone  bool // our side of the connection is shut down
	hard      bool // close with a reset
	stopFile  bool // Interrupt was called
	sending   bool // a SendFile runs

	status  *Error // why the connection ended; nil is the normal way
	pending []func()

	q          *outQueue
	barrier    int    // bytes that are still sent in plain text before a handshake
	sent       uint64 // bytes handed to the system
	firmQueued uint64 // bytes accepted by Send and its kin, ever
	firmSent   uint64 // of those, bytes handed to the system
	dropped    uint64 // messages dropped, ever
	bytesSent  int
	queueSize  int
	policy     QueuePolicy

	timeout   time.Duration
	idle      time.Duration
	idleTimer *time.Timer
	userData  any

	in readSide // of the reading goroutine alone
	wr writeSide
}

// readSide is what the reading goroutine keeps between reads.
type readSide struct {
	split   splitter
	framing *framing // that split was used with
	rest    *[]byte  // received and not yet delivered; nil when there is nothing
	buf     *[]byte  // what the last read brought
	err     error
	idle    bool // stop was seen: nothing was read
	again   bool // rest was held back although it may hold whole pieces
	ended   bool // the client closed its side
}

// writeSide is what the owner of the writing side keeps.
type writeSide struct {
	err     error
	direct  []byte // of a Send that waits: written before the queue, which is empty
	budget  int
	n       int // bytes of the last write that are not accounted for
	result  writeResult
	waiting bool // park until the socket takes data
}

// ID returns the connection's id, a decimal number that no other connection of
// the same server ever has.
func (c *Conn) ID() string { return strconv.FormatUint(c.id, 10) }

// Server returns the server the connection belongs to.
func (c *Conn) Server() *Server { return c.srv }

// Connected reports whether the connection is established and not closing.
func (c *Conn) Connected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == stateOpen
}

// Err returns why the connection ended, nil while it lives or when it ended in
// the normal way.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status == nil {
		return nil
	}
	return c.status
}

// RemoteAddr returns the client's address and port.
func (c *Conn) RemoteAddr() netip.AddrPort { return unmapped(c.nc.RemoteAddr()) }

// RemoteHost returns the client's IP address.
func (c *Conn) RemoteHost() string { return c.RemoteAddr().Addr().String() }

// RemotePort returns the client's port.
func (c *Conn) RemotePort() int { return int(c.RemoteAddr().Port()) }

// LocalAddress returns the IP address of the interface the connection uses.
func (c *Conn) LocalAddress() string { return unmapped(c.nc.LocalAddr()).Addr().String() }

// unmapped turns ::ffff:1.2.3.4, which dual-stack sockets show, into 1.2.3.4.
func unmapped(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok || t == nil {
		return netip.AddrPort{}
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// AcceptData reports whether data reception is on; see PauseData.
func (c *Conn) AcceptData() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.paused
}

// BytesSent returns how many bytes the last Send, SendBytes, SendText or
// SendLine accepted. With a Timeout it is always 0.
func (c *Conn) BytesSent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytesSent
}

// ReadyToSend reports whether the connection takes data: true once connected,
// false after a Send failed with error 135 until the ReadyToSend event.
func (c *Conn) ReadyToSend() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == stateOpen && !c.wantReady
}

// Queued returns how many bytes wait to be sent.
func (c *Conn) Queued() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.q == nil {
		return 0
	}
	return c.q.bytes
}

// Dropped returns how many messages the queue policy has dropped.
func (c *Conn) Dropped() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped
}

// EOL returns the string of bytes that ends a line; empty when lines are not cut.
func (c *Conn) EOL() string { return c.framing.Load().eol }

// SetEOL sets the string of bytes that ends a line, for what is not yet delivered.
func (c *Conn) SetEOL(eol string) { c.reframe(func(f *framing) { f.eol = eol }) }

// SingleLineMode reports whether CR LF, CR and LF each end a line.
func (c *Conn) SingleLineMode() bool { return c.framing.Load().singleLine }

// SetSingleLineMode makes CR LF, CR and LF each end a line; EOL is then ignored.
func (c *Conn) SetSingleLineMode(on bool) { c.reframe(func(f *framing) { f.singleLine = on }) }

// MaxLineLength returns the longest line, in bytes, that arrives in one piece.
func (c *Conn) MaxLineLength() int { return c.framing.Load().maxLine }

// SetMaxLineLength sets the longest line, 256 bytes or more. Error 112 means
// that a longer part of a line is already held.
func (c *Conn) SetMaxLineLength(n int) error {
	if n < minMaxLine {
		return ErrInvalidArgument.because("MaxLineLength is %d, allowed is %d or more", n, minMaxLine)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if held := int(c.held.Load()); held > n {
		return ErrMaxLineFixed.because("MaxLineLength cannot become %d: %d bytes of a line are already held", n, held)
	}
	c.reframeLocked(func(f *framing) { f.maxLine = n })
	return nil
}

// RecordLength returns the length of records; 0 when input is not cut into records.
func (c *Conn) RecordLength() int { return c.framing.Load().record }

// ChangeRecordLength has input delivered in records of n bytes from the next
// byte that is not yet delivered; 0 turns records off. It may be called inside
// DataIn.
func (c *Conn) ChangeRecordLength(n int) error {
	if n < 0 {
		return ErrInvalidArgument.because("record length is %d, allowed is 0 or more", n)
	}
	c.reframe(func(f *framing) { f.record = n })
	return nil
}

func (c *Conn) reframe(change func(*framing)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reframeLocked(change)
}

func (c *Conn) reframeLocked(change func(*framing)) {
	f := *c.framing.Load()
	change(&f)
	c.framing.Store(&f)
}

// Timeout returns how long Send may wait without any byte moving; 0 means that
// it never waits.
func (c *Conn) Timeout() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.timeout
}

// SetTimeout sets Timeout; below 0 counts as 0.
func (c *Conn) SetTimeout(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timeout = max(d, 0)
}

// IdleTimeout returns how long the connection may be without traffic; 0 means
// for ever.
func (c *Conn) IdleTimeout() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.idle
}

// SetIdleTimeout sets IdleTimeout and starts counting anew; 0 or below turns
// it off.
func (c *Conn) SetIdleTimeout(d time.Duration) {
	c.touch()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = max(d, 0)
	c.armIdle(c.idle)
}

// UserData returns what SetUserData stored.
func (c *Conn) UserData() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.userData
}

// SetUserData stores anything with the connection.
func (c *Conn) SetUserData(v any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.userData = v
}

// SetSendQueue overrides the server's SendQueueSize and SendQueuePolicy for
// this connection. A size of 0 or below leaves the size as it is.
func (c *Conn) SetSendQueue(size int, policy QueuePolicy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if size > 0 {
		c.queueSize = size
	}
	c.policy = policy
}

// PauseData stops reading from the client: DataIn is not called until
// ProcessData, and when the system's buffers are full the client cannot send
// any more. Inside DataIn it takes effect after the current piece. While
// reading is paused it is not noticed that the client closes its side.
func (c *Conn) PauseData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
	c.stop.Store(true)
}

// ProcessData resumes reading after PauseData.
func (c *Conn) ProcessData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = false
	c.updateStop()
	c.cond.Broadcast()
}

// updateStop is called with mu held.
func (c *Conn) updateStop() {
	c.stop.Store(c.paused || c.upgrading || c.dozing || c.state >= stateClosing)
}

// epoch is what Conn.moved counts from.
var epoch = time.Now()

func (c *Conn) touch() { c.moved.Store(int64(time.Since(epoch))) }

// armIdle is called with mu held.
func (c *Conn) armIdle(d time.Duration) {
	if c.idle <= 0 || c.state == stateDead {
		if c.idleTimer != nil {
			c.idleTimer.Stop()
		}
		return
	}
	if c.idleTimer == nil {
		c.idleTimer = time.AfterFunc(d, c.checkIdle)
		return
	}
	c.idleTimer.Reset(d)
}

func (c *Conn) checkIdle() {
	c.mu.Lock()
	if c.idle <= 0 || c.state == stateDead {
		c.mu.Unlock()
		return
	}
	quiet := time.Since(epoch) - time.Duration(c.moved.Load())
	if quiet < c.idle {
		c.armIdle(c.idle - quiet)
		c.mu.Unlock()
		return
	}
	idle := c.idle
	c.mu.Unlock()
	c.abort(ErrTimedOut.because("no traffic for %v", idle))
}
