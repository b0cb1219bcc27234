package bridge

import (
	"math"
	"net/netip"
	"slices"
	"strings"

	"rookery/internal/bridge"
	"rookery/internal/bridge/broker"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// message reads what is to be published.
func (m mqtt) message(c *command.Call, book *bridge.Book) (msg broker.Message, err error) {
	if msg.Topic, err = m.text(c, m.topic, "topic", "the topic to publish to"); err != nil {
		return msg, err
	}
	if err := broker.CheckTopic(msg.Topic); err != nil {
		return msg, command.Explain(script.ErrInvalidParameter, "topic: %v", err)
	}
	qos, err := m.qos.Of(c)
	if err != nil {
		return msg, err
	}
	msg.QoS = byte(qos)
	if msg.Retain, err = m.retain.Of(c); err != nil {
		return msg, err
	}
	bytes, err := m.bytes(c)
	if err != nil {
		return msg, err
	}
	payload, err := m.payload.Of(c)
	if err != nil {
		return msg, err
	}
	msg.Payload = []byte(payload)
	if bytes {
		if msg.Payload, err = bridge.ParseBytes(payload); err != nil {
			return msg, command.Explain(script.ErrInvalidParameter, "payload: %v", err)
		}
	}
	switch most := book.MaxPayload(); {
	case payload == "" && !msg.Retain:
		return msg, command.Explain(script.ErrNoMessageProvided, "payload is missing; only with retain it may be empty")
	case len(msg.Payload) > most:
		return msg, command.Explain(script.ErrMessageTooLong, "payload has %d bytes; allowed are %d", len(msg.Payload), most)
	}
	return msg, nil
}

// bytes tells whether payloads are lists of bytes.
func (m mqtt) bytes(c *command.Call) (bool, error) {
	kind, err := m.kind.Of(c)
	return kind == "bytes", err
}

// text reads what must be there.
func (m mqtt) text(c *command.Call, p param.Param[string], name, what string) (string, error) {
	text, err := p.Of(c)
	if err == nil && text == "" {
		err = command.Explain(script.ErrMissingParameter, "%s is missing: want %s", name, what)
	}
	return text, err
}

// server reads which broker, and how to log into it.
func (m mqtt) server(c *command.Call, book *bridge.Book) (s broker.Server, err error) {
	if s.Host, err = m.host.Of(c); err != nil {
		return s, err
	}
	s.Host = strings.TrimSpace(s.Host)
	switch {
	case s.Host == "":
		return s, command.Explain(script.ErrNoServerProvided, "host is missing: want the name or the address of a broker")
	case strings.ContainsAny(s.Host, "/@?# \t"):
		return s, command.Explain(script.ErrInvalidParameter, "host: %q: want a name or an address alone, such as broker.example.com; port, username and tls are parameters of their own", s.Host)
	}
	s.Host = strings.TrimSuffix(strings.TrimPrefix(s.Host, "["), "]") // IPv6
	if _, err := netip.ParseAddr(s.Host); err != nil && strings.Contains(s.Host, ":") {
		return s, command.Explain(script.ErrInvalidParameter, "host: %q: want a name or an address alone; the parameter port holds the port", s.Host)
	}
	if s.TLS, err = m.tls.Of(c); err != nil {
		return s, err
	}
	if s.Insecure, err = m.insecure.Of(c); err != nil {
		return s, err
	}
	port, err := m.port.Of(c)
	if err != nil {
		return s, err
	}
	switch s.Port = int(port); {
	case s.Port != 0:
	case s.TLS:
		s.Port = encryptedPort
	default:
		s.Port = plainPort
	}
	var secret string
	for _, t := range []struct {
		name  string
		param param.Param[string]
		to    *string
	}{{"username", m.username, &s.User}, {"secret", m.secret, &secret}, {"clientid", m.clientID, &s.Client}} {
		if *t.to, err = t.param.Of(c); err != nil {
			return s, err
		}
		if len(*t.to) > maxText {
			return s, command.Explain(script.ErrInvalidParameter, "%s has %d bytes; allowed are %d", t.name, len(*t.to), maxText)
		}
	}
	s.Secret = broker.Secret(secret)
	switch {
	case secret != "" && s.User == "":
		return s, command.Explain(script.ErrInvalidParameter, "secret without username: want both or neither")
	case s.Insecure && !s.TLS:
		return s, command.Explain(script.ErrInvalidParameter, "insecure without tls: there is no certificate to check")
	case s.Insecure && !book.AllowsInsecure():
		return s, command.Explain(script.ErrInvalidParameter, "insecure: certificates are checked, because the setting bridge.allow_insecure is not set")
	}
	if err := book.CheckHost(s.Host); err != nil {
		return s, command.Explain(script.ErrInvalidParameter, "host: %v", err)
	}
	return s, nil
}

// subscription reads what is wanted; data holds notifications that are not
// allowed.
func (m mqtt) subscription(c *command.Call, book *bridge.Book) (s bridge.Subscription, data command.Data, err error) {
	if s.Server, err = m.server(c, book); err != nil {
		return s, data, err
	}
	if s.Topic, err = m.text(c, m.topic, "topic", "the topic to hear"); err != nil {
		return s, data, err
	}
	if err := broker.CheckFilter(s.Topic); err != nil {
		return s, data, command.Explain(script.ErrInvalidParameter, "topic: %v", err)
	}
	qos, err := m.qos.Of(c)
	if err != nil {
		return s, data, err
	}
	s.QoS = byte(qos)
	format, err := m.format.Of(c)
	if err != nil {
		return s, data, err
	}
	s.JSON = format == "json"
	if s.Bytes, err = m.bytes(c); err != nil {
		return s, data, err
	}
	for _, flag := range []struct {
		param param.Param[bool]
		to    *bool
	}{{m.retain, &s.Retain}, {m.execute, &s.Execute}, {m.clean, &s.Clean}} {
		if *flag.to, err = flag.param.Of(c); err != nil {
			return s, data, err
		}
	}
	if s.Notifications, data, err = m.hearable(c); err != nil {
		return s, data, err
	}
	switch hears := c.Caller.Hears(bridge.Notification); {
	case len(s.Notifications) > 0 && (broker.Wild(s.Topic) || broker.Shared(s.Topic)):
		return s, data, command.Explain(script.ErrInvalidParameter, "topic: %q has wildcards or is shared: notifications cannot be published there", s.Topic)
	case !hears && !s.Execute && len(s.Notifications) == 0:
		return s, data, command.Explain(script.ErrNotificationNotAllowed,
			"%s: the group would not hear what arrives, and neither execute nor notifications is given", bridge.Notification)
	}
	s.Will, err = m.will(c, book, s.QoS)
	return s, data, err
}

// hearable reads the notifications that are to be published; data holds those
// that are unknown or not allowed.
func (m mqtt) hearable(c *command.Call) (names []string, data command.Data, err error) {
	cells, err := m.notifications.Of(c)
	if err != nil {
		return nil, data, err
	}
	var unknown, refused []string
	for _, cell := range cells {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		kind, err := rights.ParseNotification(cell)
		switch {
		case err != nil:
			unknown = append(unknown, cell)
		case !c.Caller.Hears(kind.Name):
			refused = append(refused, kind.Name)
		case !slices.Contains(names, kind.Name):
			names = append(names, kind.Name)
		}
	}
	switch {
	case len(unknown) > 0:
		return nil, command.List(unknown...), command.Explain(script.ErrInvalidNotificationTypes, "%s: allowed are %s",
			strings.Join(unknown, ", "), strings.Join(c.Caller.Notifications, ", "))
	case len(refused) > 0:
		return nil, command.List(refused...), command.Explain(script.ErrNotificationNotAllowed, "%s", strings.Join(refused, ", "))
	}
	return names, data, nil
}

// will reads the last will; nil when there is none.
func (m mqtt) will(c *command.Call, book *bridge.Book, qos byte) (*broker.Message, error) {
	topic, err := m.willTopic.Of(c)
	if err != nil {
		return nil, err
	}
	payload, err := m.willPayload.Of(c)
	if err != nil {
		return nil, err
	}
	retain, err := m.willRetain.Of(c)
	if err != nil {
		return nil, err
	}
	if topic == "" {
		if payload != "" || retain {
			return nil, command.Explain(script.ErrMissingParameter, "willtopic is missing: want where the last will is published")
		}
		return nil, nil
	}
	if err := broker.CheckTopic(topic); err != nil {
		return nil, command.Explain(script.ErrInvalidParameter, "willtopic: %v", err)
	}
	if most := min(book.MaxPayload(), math.MaxUint16); len(payload) > most {
		return nil, command.Explain(script.ErrMessageTooLong, "willpayload has %d bytes; allowed are %d", len(payload), most)
	}
	return &broker.Message{Topic: topic, Payload: []byte(payload), QoS: qos, Retain: retain}, nil
}
