package tcpserver

import (
	"crypto/tls"
	"iter"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Switch is a setting that is on unless told otherwise.
type Switch int8

// The values of a Switch.
const (
	Default Switch = iota // what the documentation of the field says
	On
	Off
)

func (s Switch) on(byDefault bool) bool {
	if s == Default {
		return byDefault
	}
	return s == On
}

// StartMode tells when TLS starts on a new connection.
type StartMode int

// The start modes. StartNone is the default. StartAutomatic is for protocols in
// which the client speaks first: the connection is not Connected until it does.
const (
	StartNone      StartMode = iota // plain text only
	StartImplicit                   // TLS from the first byte
	StartExplicit                   // plain text until Conn.StartSSL
	StartAutomatic                  // TLS when the client's first byte starts a TLS record, else plain text
)

// Provider names a TLS implementation.
type Provider int

// The providers. There is one implementation, crypto/tls, so ProviderInternal
// is refused with error 270.
const (
	ProviderAutomatic Provider = iota
	ProviderPlatform
	ProviderInternal
)

// QueuePolicy tells what happens to a message that finds the send queue of its
// connection full.
type QueuePolicy int

// The policies for Conn.Enqueue and Server.Broadcast. Conn.Send and its kin
// never drop: they report error 135 or, with a timeout, wait.
const (
	DropNewest     QueuePolicy = iota // the new message is dropped
	DropOldest                        // the oldest queued messages that are not being written make room
	DisconnectSlow                    // the connection is closed hard with status 10055
)

// Certificate is what SSLCert holds: a certstore.Certificate, or a KeyPair.
type Certificate interface {
	TLS() (tls.Certificate, error)
}

// KeyPair makes a crypto/tls certificate usable as SSLCert.
type KeyPair tls.Certificate

// TLS returns the certificate itself.
func (k KeyPair) TLS() (tls.Certificate, error) { return tls.Certificate(k), nil }

// Server accepts connections and tells its Events about them. Set its fields
// before StartListening; the server takes a copy of them there. Fields that are
// changed later take effect, for new connections, with Apply. A Server must
// not be copied after its first use.
type Server struct {
	// ConnectionBacklog is how many connections the system keeps waiting to be
	// accepted, as in listen(2). 0 means 5.
	ConnectionBacklog int
	// DefaultEOL ends a line for new connections: any string of bytes, also
	// several and NULs. Empty means data arrives as it is received.
	DefaultEOL string
	// DefaultIdleTimeout disconnects a client that has neither sent nor
	// received anything for that long (status 10060). 0 means never.
	DefaultIdleTimeout time.Duration
	// DefaultMaxLineLength is the longest line, in bytes without its end, that
	// arrives in one piece; a longer one comes in pieces with eol false.
	// 0 means 2048; the smallest allowed value is 256.
	DefaultMaxLineLength int
	// DefaultSingleLineMode makes CR LF, CR and LF each end a line for new
	// connections; DefaultEOL is then ignored.
	DefaultSingleLineMode bool
	// DefaultTimeout is the Timeout of new connections. 0: Send never blocks.
	// Otherwise Send waits until its data is written, as long as some of it
	// moves within this time.
	DefaultTimeout time.Duration
	// KeepAlive turns TCP keep-alive on for new connections; see
	// Settings.KeepAliveTime and Settings.KeepAliveInterval.
	KeepAlive bool
	// Linger, on by default, delivers everything queued before a connection is
	// closed. Off, closing resets the connection and drops the queue.
	Linger Switch
	// LocalHost is the address or name of the interface to listen on. Empty
	// means all interfaces.
	LocalHost string
	// LocalPort is the port to listen on. 0 lets the system pick one; Addr tells
	// which.
	LocalPort int
	// SSLAuthenticateClients asks clients for a certificate and has
	// Events.SSLClientAuthentication decide on it, or on its absence.
	SSLAuthenticateClients bool
	// SSLCert is the certificate the server shows. TLSConfig may bring further ones.
	SSLCert Certificate
	// SSLEnabled is short for SSLStartMode: StartImplicit.
	SSLEnabled bool
	// SSLProvider is ProviderAutomatic or ProviderPlatform, which are the same.
	SSLProvider Provider
	// SSLStartMode tells when TLS starts.
	SSLStartMode StartMode

	// Settings are the rarer knobs, which Config reaches by name.
	Settings Settings
	// Events are told about everything that happens.
	Events Events
	// ManualEvents delivers events only inside DoEvents.
	ManualEvents bool

	// TLSConfig is the base for every handshake: certificates by name, client
	// authorities, application protocols and so on. It is cloned, and the
	// properties and settings that are set override it. May be nil.
	TLSConfig *tls.Config
	// HandshakeTimeout bounds a whole TLS handshake, from the accepted
	// connection to the last message. 0 means 30 seconds, below 0 no limit.
	// Settings.DefaultConnectionTimeout bounds the client's silence within it.
	HandshakeTimeout time.Duration
	// PlainTextReply answers a client that speaks plain text to a server whose
	// SSLStartMode is StartImplicit: it is given the first five bytes that
	// came, and what it returns is sent in plain text before the connection is
	// closed. It is called for several clients at the same time, and must not
	// panic. Nil: nothing is sent.
	PlainTextReply func(start []byte) []byte
	// LingerTimeout is how long a closing connection may go without any
	// progress, in delivering the queue or in the client closing its side,
	// until it is closed hard. 0 means 10 seconds, below 0 no limit.
	LingerTimeout time.Duration
	// SendQueueSize bounds the bytes that wait to be sent to one connection.
	// 0 means 1 MiB. A single message larger than that is never accepted by
	// Enqueue.
	SendQueueSize int
	// SendQueuePolicy is what Enqueue and Broadcast do when the queue is full.
	SendQueuePolicy QueuePolicy

	fields   sync.Mutex // held while the server itself uses the exported fields
	mu       sync.Mutex
	opt      atomic.Pointer[options]
	listener *net.TCPListener
	conns    map[uint64]*Conn
	snapshot []*Conn // of conns; nil when it has changed
	lastID   atomic.Uint64
	tasks    int           // goroutines that run for this server
	quiet    chan struct{} // closed when tasks falls to 0; nil when nobody waits
	flush    flushPool
	box      mailbox
	manual   manualQueue
	sweeper  *time.Timer
	sweeping atomic.Bool
}

// Listening reports whether the server accepts connections.
func (s *Server) Listening() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener != nil
}

// Addr returns the address the server listens on; it is not valid when the
// server is not listening.
func (s *Server) Addr() netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return netip.AddrPort{}
	}
	return s.listener.Addr().(*net.TCPAddr).AddrPort()
}

// Conn returns the connection with that id, or error 126.
func (s *Server) Conn(id string) (*Conn, error) {
	n, err := strconv.ParseUint(id, 10, 64)
	if err == nil {
		s.mu.Lock()
		c := s.conns[n]
		s.mu.Unlock()
		if c != nil {
			return c, nil
		}
	}
	return nil, ErrInvalidConnection.because("invalid connection id %q", id)
}

// Connections iterates over the connections by id, as they are at the start:
// connections may come and go meanwhile.
func (s *Server) Connections() iter.Seq2[string, *Conn] {
	return func(yield func(string, *Conn) bool) {
		for _, c := range s.list() {
			if !yield(c.ID(), c) {
				return
			}
		}
	}
}

// Len returns how many connections there are.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// list returns the connections; the slice is shared and must not change.
func (s *Server) list() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot == nil && len(s.conns) > 0 {
		s.snapshot = make([]*Conn, 0, len(s.conns))
		for _, c := range s.conns {
			s.snapshot = append(s.snapshot, c)
		}
	}
	return s.snapshot
}

func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	delete(s.conns, c.id)
	s.snapshot = nil
	s.mu.Unlock()
}

// spawn runs f in a goroutine that Shutdown waits for.
func (s *Server) spawn(f func()) {
	s.mu.Lock()
	s.tasks++
	s.mu.Unlock()
	go func() {
		defer s.taskDone()
		f()
	}()
}

func (s *Server) taskDone() {
	s.mu.Lock()
	s.tasks--
	if s.tasks == 0 && s.quiet != nil {
		close(s.quiet)
		s.quiet = nil
	}
	s.mu.Unlock()
}

// whenQuiet returns a channel that closes when no goroutine of the server runs.
func (s *Server) whenQuiet() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tasks == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	if s.quiet == nil {
		s.quiet = make(chan struct{})
	}
	return s.quiet
}
