package mqtt

import (
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"rookery/internal/bus"
)

const (
	// maxFilters is how many filters a client may subscribe to.
	maxFilters = 256
	// maxAdmissions is how many groups and passwords of a connection are
	// remembered as right.
	maxAdmissions = 64
	// maxRefusals is how often a client may ask for what it may not have.
	maxRefusals = 32
)

// session is what the door knows about one connection.
type session struct {
	door   *Door
	conn   *conn
	remote string
	// late is set when there is no room for this client.
	late bool
	// slots and waiting have a place for every command that runs, and for
	// every one that runs or waits.
	slots, waiting chan struct{}

	mu sync.Mutex
	// client and identity are set once the client has said who it is.
	client   *broker.Client
	identity string
	login    *login
	// admitted are the prefixes of topics whose password was right.
	admitted map[string]bus.Grant
	refusals int
	// filters are those subscribed to, hears the realms they are in.
	filters map[string]subscription
	hears   map[realm]int

	// kept is set for a session that outlives its connection.
	kept *keptSession
	// over is closed when the connection has ended and what is kept was let go.
	over chan struct{}

	// will is published when the connection ends without a DISCONNECT packet.
	will *packets.Packet

	// giving orders what goes to the client, and guards what follows.
	// What is held are messages with QoS 1 and 2 that wait for acknowledgements
	// of earlier ones.
	giving    sync.Mutex
	held      []packets.Packet
	heldBytes int
	lastID    uint16
	// theirs is the last identifier that the client gave a packet.
	theirs atomic.Uint32
	// room is told when an acknowledgement has come.
	room chan struct{}
}

// subscription is what one filter of a client brings.
type subscription struct {
	realm    realm
	channels []channel
}

func newSession(d *Door, c *conn) *session {
	return &session{
		door: d, conn: c, remote: c.RemoteAddr().String(),
		slots:    make(chan struct{}, d.cfg.CommandsInFlight),
		waiting:  make(chan struct{}, d.cfg.CommandsInFlight*(1+waitingFactor)),
		admitted: make(map[string]bus.Grant),
		filters:  make(map[string]subscription),
		hears:    make(map[realm]int),
		room:     make(chan struct{}, 1),
		over:     make(chan struct{}),
	}
}

func sessionOf(cl *broker.Client) *session {
	c, ok := cl.Net.Conn.(*conn)
	if !ok {
		return nil
	}
	return c.session
}

// enter lets the client in that the connection belongs to; false when it gives
// a user name and password that are not those of a group.
func (s *session) enter(cl *broker.Client, user, password, clientID string) bool {
	var l *login
	host, _, _ := net.SplitHostPort(s.remote)
	identity := host + "\x00" + clientID
	if user != "" || password != "" {
		grant := s.door.desk.Admit(s.door.ctx, user, password, s.remote)
		if grant.Error != nil {
			s.door.log.Info("refused", "remote", s.remote, "reason", grant.Error.Text)
			return false
		}
		l = &login{group: user, password: password, grant: grant}
		identity = grant.GroupID + "\x00" + clientID
	}
	s.mu.Lock()
	s.client, s.login = cl, l
	if clientID != "" {
		s.identity = identity
	}
	s.mu.Unlock()
	return true
}

// stranger tells whether the client has shown no password yet, nor is gone.
func (s *session) stranger() bool {
	s.conn.mu.Lock()
	closing := s.conn.closing
	s.conn.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return !closing && s.login == nil && len(s.admitted) == 0
}

// admit finds what the group of a topic may do; an error when its password is
// wrong.
func (s *session) admit(a address) (bus.Grant, error) {
	s.mu.Lock()
	grant, ok := s.admitted[a.prefix]
	s.mu.Unlock()
	if ok {
		return grant, nil
	}
	grant = s.door.desk.Admit(s.door.ctx, a.group, a.password, s.remote)
	if grant.Error != nil {
		return grant, grant.Error
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.admitted) >= maxAdmissions {
		clear(s.admitted)
	}
	s.admitted[a.prefix] = grant
	return grant, nil
}

// parse takes a topic or filter apart and tells what its group may do.
func (s *session) parse(topic string) (address, bus.Grant, error) {
	s.mu.Lock()
	l := s.login
	s.mu.Unlock()
	a, err := parseTopic(topic, l)
	switch {
	case err != nil:
		return a, bus.Grant{}, err
	case !strings.Contains(a.prefix, "/"):
		return a, l.grant, nil
	}
	grant, err := s.admit(a)
	return a, grant, err
}

// subscribe lets the client hear what a filter asks for, if it may, and tells
// whether it may.
func (s *session) subscribe(filter string) bool {
	s.mu.Lock()
	_, had := s.filters[filter]
	full := len(s.filters) >= maxFilters
	s.mu.Unlock()
	if had {
		return true
	}
	if full {
		s.refused("a subscription was refused: too many", "limit", maxFilters)
		return false
	}
	if s.lost() {
		return false
	}
	a, grant, err := s.parse(filter)
	if err != nil {
		s.refused("a subscription was refused", "reason", err)
		return false
	}
	kinds, ok := a.kinds(grant)
	if !ok {
		s.refused("a subscription was refused: the group may not hear this", "group", grant.GroupName, "type", a.kind)
		return false
	}
	sub := subscription{realm: a.realm}
	for _, kind := range kinds {
		sub.channels = append(sub.channels, a.channel(kind))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filters[filter] = sub
	s.hears[sub.realm]++
	s.door.opened(sub.channels, kinds, grant)
	return true
}

func (s *session) unsubscribe(filter string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, ok := s.filters[filter]
	if !ok {
		return
	}
	delete(s.filters, filter)
	if s.hears[sub.realm]--; s.hears[sub.realm] == 0 {
		delete(s.hears, sub.realm)
	}
	s.door.closed(sub.channels)
}

// mayHear tells whether a filter was granted, or a topic belongs to one that
// was: the broker asks for both. The # of a filter matches more topics than it
// was granted for.
func (s *session) mayHear(topic string) bool {
	r, _ := split(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.filters[topic]; ok {
		return true
	}
	return s.hears[r] > 0 && !isFilter(topic)
}

// maySay tells whether the client may publish to a topic.
func (s *session) maySay(topic string) bool {
	if s.lost() {
		return false
	}
	a, grant, err := s.parse(topic)
	if err == nil {
		if _, ok := a.kinds(grant); ok && !isFilter(topic) {
			return true
		}
		err = errKind
	}
	s.refused("a message was refused", "reason", err)
	return false
}

// refused notes that the client asked for what it may not have, and sends it away
// when it does so too often.
func (s *session) refused(what string, args ...any) {
	s.door.log.Info(what, append(args, "remote", s.remote)...)
	s.mu.Lock()
	s.refusals++
	over, cl := s.refusals >= maxRefusals, s.client
	s.mu.Unlock()
	if over && cl != nil {
		s.door.log.Info("closed: refused too often", "remote", s.remote, "limit", maxRefusals)
		_ = s.door.server.DisconnectClient(cl, packets.ErrNotAuthorized)
	}
}

// lost tells whether the client was sent away for that.
func (s *session) lost() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refusals >= maxRefusals
}

// goodbye ends the connection in good manners: MQTT 5 has a packet for it.
func (s *session) goodbye() {
	s.mu.Lock()
	cl := s.client
	s.mu.Unlock()
	if cl == nil {
		_ = s.conn.Close()
		return
	}
	_ = s.door.server.DisconnectClient(cl, packets.ErrServerShuttingDown)
}

// end forgets the connection and everything that the broker remembers of it.
// What outlives it is kept elsewhere.
func (s *session) end(err error) {
	s.mu.Lock()
	cl := s.client
	s.mu.Unlock()
	if s.kept != nil {
		s.kept.end(cl != nil && cl.Properties.ProtocolVersion >= 5 && cl.Properties.Props.SessionExpiryInterval == 0)
	}
	s.door.left(s)
	close(s.over)
	// Whoever is sent away has not said goodbye (MQTT 5.0 §3.1.2.5).
	if cl != nil && s.will != nil && cl.StopCause() != packets.CodeDisconnect {
		s.heard(*s.will, nil)
	}
	if cl != nil {
		cl.ClearInflights()
		s.door.server.UnsubscribeClient(cl)
		s.door.server.Clients.Delete(cl.ID)
	}
	for _, filter := range s.subscribed() {
		s.unsubscribe(filter)
	}
	switch {
	case s.conn.queue.Overflown():
		s.door.log.Info("closed: a client does not keep up", "remote", s.remote)
	case errors.Is(err, packets.ErrPacketTooLarge):
		s.door.log.Info("closed: a packet is too large", "remote", s.remote, "limit", s.door.cfg.MaxMessage)
	default:
		s.door.log.Debug("a client has gone", "remote", s.remote, "error", err)
	}
}

func (s *session) subscribed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	filters := make([]string, 0, len(s.filters))
	for filter := range s.filters {
		filters = append(filters, filter)
	}
	return filters
}
