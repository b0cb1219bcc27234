// Package websocket is the WebSocket door: the words of the TCP door as text
// messages (RFC 6455).
//
// A client asks for notifications by the path, /GROUP/PASSWORD/TYPE,TYPE, or,
// to keep the password out of logs on the way, by its first message, as the
// first line of a TCP connection does. Either is answered with success=True or
// success=False. What else a handshake may say (data, subscription, from) may
// stand in the query behind the path, and language=json. Further messages are
// commands. A client whose first message is JSON hears JSON.
package websocket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

// Config says how the door opens.
type Config struct {
	// Address is HOST:PORT; port 0 lets the system pick one.
	Address string
	// TLS turns encryption on; nil is a plain door.
	TLS *tls.Config
	// Origins are the hosts that browser pages may come from beside the door's
	// own.
	Origins gateway.Origins
	// Language is what clients hear that ask by their path and name none.
	Language gateway.Language
	// HandshakeTimeout bounds the time to the end of the first message; 0
	// means 30 s.
	HandshakeTimeout time.Duration
	// MaxMessage is the longest message that may come in, in bytes; 0 means 64 KiB.
	MaxMessage int64
	// MaxConnections is how many clients there may be at a time; 0 means 1,000.
	MaxConnections int
	// QueueBytes is how much may wait to be sent to one client; 0 means 1 MiB.
	// Overflow says what happens to a notification beyond it.
	QueueBytes int
	Overflow   gateway.Overflow
	// CommandsInFlight is how many commands of one connection run at a time; 0
	// means 4.
	CommandsInFlight int
	// PingInterval is the time between two pings, and how long the answer to
	// one may take; 0 means 30 s.
	PingInterval time.Duration
}

const (
	defaultHandshakeTimeout = 30 * time.Second
	defaultMaxMessage       = 64 << 10
	defaultMaxConnections   = 1000
	defaultInFlight         = 4
	defaultPingInterval     = 30 * time.Second

	headerTimeout = 10 * time.Second
	maxHeader     = 64 << 10
)

// Door is an open WebSocket door.
type Door struct {
	cfg    Config
	desk   *gateway.Desk
	log    *slog.Logger
	listen *gateway.Listener
	server *http.Server
	served chan error

	audience    gateway.Audience[*session]
	telling     sync.Mutex // held while a notification goes out
	unsubscribe func()

	// ctx ends everything that clients wait for when the door closes.
	ctx     context.Context
	cancel  context.CancelFunc
	mu      sync.Mutex
	closing bool
	clients map[*websocket.Conn]bool
	running sync.WaitGroup
}

// Open starts listening.
func Open(cfg Config, desk *gateway.Desk) (*Door, error) {
	def(&cfg.HandshakeTimeout, defaultHandshakeTimeout)
	def(&cfg.MaxMessage, defaultMaxMessage)
	def(&cfg.MaxConnections, defaultMaxConnections)
	def(&cfg.CommandsInFlight, defaultInFlight)
	def(&cfg.PingInterval, defaultPingInterval)
	d := &Door{cfg: cfg, desk: desk, log: desk.Log.With("door", "websocket"), served: make(chan error, 1), clients: make(map[*websocket.Conn]bool)}
	var err error
	if d.listen, err = gateway.Listen(cfg.Address, cfg.MaxConnections, cfg.TLS == nil, d.log); err != nil {
		return nil, fmt.Errorf("open the WebSocket door %w", err)
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.server = &http.Server{
		Handler:        http.HandlerFunc(d.serve),
		TLSConfig:      cfg.TLS,
		ReadTimeout:    headerTimeout, // who has become a WebSocket has timeouts of its own
		IdleTimeout:    headerTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(d.log.Handler(), slog.LevelInfo),
	}
	if cfg.TLS != nil {
		// WebSocket over HTTP/2 is another protocol (RFC 8441).
		d.server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	if d.unsubscribe, err = desk.Bus.Subscribe(desk.Agent, d.tell); err != nil {
		d.listen.Close()
		d.cancel()
		return nil, fmt.Errorf("open the WebSocket door: %w", err)
	}
	go func() {
		if cfg.TLS != nil {
			d.served <- d.server.ServeTLS(d.listen, "", "")
			return
		}
		d.served <- d.server.Serve(d.listen)
	}()
	return d, nil
}

func def[T comparable](setting *T, otherwise T) {
	var zero T
	if *setting == zero {
		*setting = otherwise
	}
}

// Addr is where the door is, HOST:PORT.
func (d *Door) Addr() string { return d.listen.Addr().String() }

// Clients is how many there are.
func (d *Door) Clients() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.clients)
}

// Close stops listening, ends running commands, lets every client have what
// waits for it and closes all connections, by force when ctx ends first.
func (d *Door) Close(ctx context.Context) error {
	d.unsubscribe()
	d.mu.Lock()
	d.closing = true
	d.mu.Unlock()
	d.cancel()
	err := d.server.Shutdown(ctx) // what has become a WebSocket is not waited for
	gone := make(chan struct{})
	go func() {
		d.running.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
		d.mu.Lock()
		for conn := range d.clients {
			_ = conn.CloseNow()
		}
		d.mu.Unlock()
		<-gone
	}
	if served := <-d.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("close the WebSocket door: %w", err)
	}
	return nil
}

// enter takes a client in; false when there is no room or the door closes.
func (d *Door) enter(conn *websocket.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || len(d.clients) >= d.cfg.MaxConnections {
		return false
	}
	d.clients[conn] = true
	d.running.Add(1)
	return true
}

// begin counts a command that is about to run; false when the door closes.
func (d *Door) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.running.Add(1)
	return true
}

func (d *Door) leave(conn *websocket.Conn) {
	d.mu.Lock()
	delete(d.clients, conn)
	d.mu.Unlock()
	d.running.Done()
}

func (d *Door) serve(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		w.Header().Set("Upgrade", "websocket")
		d.refuse(w, r, http.StatusUpgradeRequired, "this is the WebSocket door: connect with ws://, not http:// (or wss://, not https://)")
		return
	}
	if !d.cfg.Origins.Allow(r) {
		d.refuse(w, r, http.StatusForbidden, fmt.Sprintf("pages of %s are not let in: the setting websocket.origins lists those that are", r.Header.Get("Origin")))
		return
	}
	hello, language, err := d.helloOf(r.URL)
	if err != nil {
		d.refuse(w, r, http.StatusNotFound, err.Error())
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // the origin was verified above
	if err != nil {
		d.log.Info("refused", "remote", r.RemoteAddr, "error", err) // Accept has answered
		return
	}
	if !d.enter(conn) {
		d.log.Warn("refused: too many connections", "remote", r.RemoteAddr, "limit", d.cfg.MaxConnections)
		_ = conn.Close(websocket.StatusTryAgainLater, "too many connections")
		return
	}
	defer d.leave(conn)
	conn.SetReadLimit(d.cfg.MaxMessage)
	newSession(d, conn, r.RemoteAddr).run(hello, language)
}

// refuse answers who does not become a client.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	d.log.Info("refused", "remote", r.RemoteAddr, "error", why)
	w.Header().Set("Connection", "close")
	http.Error(w, why, status)
}

// helloOf reads the handshake that a path may be, /GROUP/PASSWORD/TYPE,TYPE, and
// its language. The root path has none.
func (d *Door) helloOf(u *url.URL) (script.Pairs, gateway.Language, error) {
	language := d.cfg.Language
	path := strings.Trim(u.EscapedPath(), "/")
	if path == "" {
		return nil, language, nil
	}
	parts := strings.Split(path, "/")
	if len(parts) != 3 {
		return nil, language, errors.New("want the path /GROUP/PASSWORD/TYPE,TYPE, each part escaped, or / and a first message")
	}
	hello := script.Pairs{{Key: "group"}, {Key: "password"}, {Key: "type"}}
	for i := range hello {
		part, err := url.PathUnescape(parts[i])
		if err != nil {
			return nil, language, fmt.Errorf("part %d of the path: bad escape", i+1)
		}
		hello[i].Value = part
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, language, errors.New("the query of the path has a bad escape")
	}
	for _, key := range []string{"data", "subscription", "from"} {
		if query.Has(key) {
			hello.Add(key, query.Get(key))
		}
	}
	switch named := query.Get("language"); strings.ToLower(named) {
	case "":
	case "was":
		language = gateway.WAS
	case "json":
		language = gateway.JSON
	default:
		return nil, language, fmt.Errorf("language %q: allowed are was and json", named)
	}
	return hello, language, nil
}

// tell sends one notification to everybody who may hear it. Its text is made
// once for each language and shared.
func (d *Door) tell(n bus.Notification) {
	d.telling.Lock()
	defer d.telling.Unlock()
	var texts [2][]byte
	d.audience.Each(n, func(s *session) {
		text := texts[s.language]
		if text == nil {
			var err error
			if text, err = d.desk.AppendNotificationIn(nil, n, s.language); err != nil {
				d.log.Error("a notification that cannot be encoded", "type", n.Type, "error", err)
				return
			}
			texts[s.language] = text
		}
		s.queue.Offer(text)
	})
}
