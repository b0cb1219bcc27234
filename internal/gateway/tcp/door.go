package tcp

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/tcpserver"
)

// Config says how the door opens.
type Config struct {
	// Address is HOST:PORT; port 0 lets the system pick one.
	Address string
	// TLS turns encryption on; nil is a plain door.
	TLS *tls.Config
	// EOL ends every line that the door writes; empty means CR LF. Both CR LF
	// and LF end a line that comes in.
	EOL string
	// HandshakeTimeout bounds the time from the accepted connection to the end
	// of its first line, encryption included; 0 means 30 s.
	HandshakeTimeout time.Duration
	// MaxLine is the longest line that may come in, in bytes; 0 means 64 KiB.
	MaxLine int
	// MaxConnections is how many clients there may be at a time; 0 means 1,000.
	MaxConnections int
	// QueueBytes is how much may wait to be sent to one client; 0 means 1 MiB.
	// Queue says what happens to a notification beyond it.
	QueueBytes int
	Queue      tcpserver.QueuePolicy
	// CommandsInFlight is how many commands of one connection run at a time;
	// the next line is not read before one of them is done. 0 means 4.
	CommandsInFlight int
	// Inherit lets command lines without group and password use those of the
	// connection's first line.
	Inherit bool
}

const (
	defaultHandshakeTimeout = 30 * time.Second
	defaultMaxLine          = 64 << 10
	defaultInFlight         = 4

	// lingerTimeout is how long a client that is sent away may take to read
	// what waits for it and to close its own side.
	lingerTimeout = 3 * time.Second
)

// Door is an open TCP door.
type Door struct {
	cfg    Config
	desk   *gateway.Desk
	log    *slog.Logger
	server *tcpserver.Server
	// audiences are those who hear key-value text and those who hear JSON, by
	// [gateway.Language].
	audiences [2]gateway.Audience[*tcpserver.Conn]
	// telling is held while a notification goes out.
	telling sync.Mutex

	// ctx ends the waits of commands when the door closes.
	ctx         context.Context
	cancel      context.CancelFunc
	unsubscribe func()

	// mu guards closing, after which no command starts any more.
	mu      sync.Mutex
	closing bool
	running sync.WaitGroup
}

// Open starts listening.
func Open(cfg Config, desk *gateway.Desk) (*Door, error) {
	if cfg.EOL == "" {
		cfg.EOL = "\r\n"
	}
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = defaultHandshakeTimeout
	}
	if cfg.MaxLine == 0 {
		cfg.MaxLine = defaultMaxLine
	}
	if cfg.CommandsInFlight == 0 {
		cfg.CommandsInFlight = defaultInFlight
	}
	host, portText, err := net.SplitHostPort(cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("open the TCP door at %q: %w", cfg.Address, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("open the TCP door at %q: port %q is not a number from 0 to 65535", cfg.Address, portText)
	}

	d := &Door{cfg: cfg, desk: desk, log: desk.Log.With("door", "tcp")}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.server = &tcpserver.Server{
		LocalHost:             host,
		LocalPort:             int(port),
		ConnectionBacklog:     1024,
		DefaultSingleLineMode: true,
		DefaultMaxLineLength:  cfg.MaxLine,
		KeepAlive:             true,
		HandshakeTimeout:      cfg.HandshakeTimeout,
		LingerTimeout:         lingerTimeout,
		SendQueueSize:         cfg.QueueBytes,
		SendQueuePolicy:       cfg.Queue,
		TLSConfig:             cfg.TLS,
		SSLEnabled:            cfg.TLS != nil,
		PlainTextReply:        d.plainReply,
		Settings: tcpserver.Settings{
			MaxConnections: cfg.MaxConnections,
			TCPNoDelay:     true,
			UseIPv6:        2,
			KeepAliveTime:  2 * time.Minute,
		},
		Events: tcpserver.Events{
			Connected:    d.connected,
			DataIn:       d.dataIn,
			DataEnd:      d.dataEnd,
			Disconnected: d.disconnected,
			Error:        d.failed,
		},
	}
	if err := d.server.StartListening(); err != nil {
		d.cancel()
		return nil, fmt.Errorf("open the TCP door at %s: %w", cfg.Address, err)
	}
	if d.unsubscribe, err = desk.Bus.Subscribe(desk.Agent, d.tell); err != nil {
		_ = d.Close(context.Background())
		return nil, fmt.Errorf("open the TCP door: %w", err)
	}
	return d, nil
}

// Addr is where the door is, HOST:PORT.
func (d *Door) Addr() string { return d.server.Addr().String() }

// Connections is how many clients there are.
func (d *Door) Connections() int { return d.server.Len() }

// Close stops listening, ends running commands, lets every client have what
// waits for it and closes all connections, by force when ctx ends first.
func (d *Door) Close(ctx context.Context) error {
	if d.unsubscribe != nil {
		d.unsubscribe()
	}
	_ = d.server.StopListening()
	d.mu.Lock()
	d.closing = true
	d.mu.Unlock()
	d.cancel()
	d.running.Wait()
	if err := d.server.Shutdown(ctx); err != nil {
		return fmt.Errorf("close the TCP door: %w", err)
	}
	return nil
}

// tell sends one notification to everybody who may hear it. The line is made
// once for each language and shared.
func (d *Door) tell(n bus.Notification) {
	d.telling.Lock()
	defer d.telling.Unlock()
	for language := range d.audiences {
		var line []byte
		d.audiences[language].Each(n, func(c *tcpserver.Conn) {
			if line == nil {
				text, err := d.desk.AppendNotificationIn(make([]byte, 0, len(n.Text)+len(d.cfg.EOL)), n, gateway.Language(language))
				if err != nil {
					d.log.Error("a notification that cannot be encoded", "type", n.Type, "error", err)
					return
				}
				line = append(text, d.cfg.EOL...)
			}
			_ = c.Enqueue(line) // what does not fit is told by an Error event
		})
	}
}

func (d *Door) failed(c *tcpserver.Conn, code int, description string) {
	if c == nil {
		d.log.Warn(description, "code", code)
		return
	}
	d.log.Info(description, "code", code, "remote", c.RemoteAddr())
}
